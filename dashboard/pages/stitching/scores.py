"""A study of a stitch as the page shows it: charts with controls beside, energies crystal by crystal, sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from platonic_atlas.dashboard.components.score_panel import ScoreBar, ScoreChart
from platonic_atlas.engine.studies.record import Energies, EnergyError, ReadOf, Score, Stitch
from platonic_atlas.engine.studies.written import written

Names = Callable[[str], str]

# name -> heading, what it says
VARIANCE = {
    "r2": ("Explained within elements", "Variance of the target explained once each element’s mean is taken away."),
    "r2_raw": ("Explained in all", "The element alone explains much of it: an untrained network can score high here."),
}
ENERGY = ("Error of energies", "Mean absolute error of unseen crystals, element energies fitted; smaller is better.")
SITE_ENERGY = ("Error of site energies", "Mean absolute error, the mean of each element taken away; smaller is better.")
CRYSTAL_ENERGY = (
    "Error of energies", "The source has none of single atoms: its energies of whole crystals are read from their mean cosines, composition fitted; smaller is better.",
)  # fmt: skip
RETRIEVAL = {
    "atom_at_1": ("Same atom nearest", "Share of unseen atoms whose nearest true place in the target is their own."),
    "atom_at_5": ("Same atom in five", "Share of unseen atoms whose own place is among the five nearest."),
    "element_at_1": ("Same element nearest", "Share whose nearest place is of their element. The element’s mean, which knows nothing else, does well here."),
    "structure_at_1": ("Same crystal nearest", "Share of unseen atoms whose nearest place in the target is in their own crystal."),
}  # fmt: skip


def charts(study: Stitch, title: str, names: Names) -> list[ScoreChart]:
    """Every score as bars beside its controls, the one that tells trained from untrained first."""
    found = [_chart(study, title, names, name, *words) for name, words in VARIANCE.items() if name in study.scores]
    if "r2" in study.scores:
        found[0] = replace(found[0], words=verdict(study, names) or found[0].words)
    if "energy_mae" in study.scores:
        words = {None: ENERGY, ReadOf.SITES: SITE_ENERGY, ReadOf.CRYSTALS: CRYSTAL_ENERGY}[study.read_of]
        unit = "meV" if study.read_of is ReadOf.SITES else "meV per atom"
        chart = _chart(study, title, names, "energy_mae", *words, unit=unit)
        found.append(replace(chart, words=f"{chart.words} {warning(study, names)}".strip()))
    return found + [
        _chart(study, title, names, name, *words) for name, words in RETRIEVAL.items() if name in study.scores
    ]


def _chart(study: Stitch, title: str, names: Names, name: str, heading: str, words: str, unit: str = "") -> ScoreChart:
    controls = (_bar(names(n), scores.get(name), name, control=True) for n, scores in study.baselines.items())
    bars = [_bar(title, study.scores.get(name), name), *controls]
    shown = [bar for bar in bars if bar.value is not None or not unit]  # an energy that was not computed is no bar
    return ScoreChart(name, f"{heading}, {unit}" if unit else heading, words, shown, unit)


def _value(scores: dict[str, Score], name: str) -> float | None:
    return scores[name].value if name in scores else None


def verdict(study: Stitch, names: Names) -> str:
    """What the score says, against the best of its controls."""
    own = _value(study.scores, "r2")
    of_controls = {name: _value(scores, "r2") for name, scores in study.baselines.items()}
    controls = {name: value for name, value in of_controls.items() if value is not None}
    if own is None or not controls:
        return ""
    best = max(controls, key=lambda name: controls[name])
    rank = "more than" if own > controls[best] else "no more than"
    found, other = (100 * max(0.0, value) for value in (own, controls[best]))
    return f"Of what the target tells beyond the element, {found:.0f} % is found: {rank} by the best control, {names(best)} ({other:.0f} %)."


def warning(study: Stitch, names: Names) -> str:
    """That the energies are no better than a control's, where they are not; `self` is the source read by itself."""
    own = _value(study.scores, "energy_mae")
    of_controls = {name: _value(scores, "energy_mae") for name, scores in study.baselines.items() if name != "self"}
    errors = {name: error for name, error in of_controls.items() if error is not None}
    best = min(errors, key=lambda name: errors[name], default="")
    if own is None or not best or own < errors[best]:
        return ""
    return f"Here it is no better than {names(best)}: these energies say nothing."


def _bar(label: str, score: Score | None, name: str, *, control: bool = False) -> ScoreBar:
    score = score or Score(None)
    value, over_splits, interval = score.value, score.range, score.interval
    if name == "energy_mae":
        value, over_splits, interval = (_milli(each) for each in (value, over_splits, interval))
    return ScoreBar(label, value, written(over_splits), written(interval), control)


def _milli(values: Any) -> Any:
    """eV as meV: a number, a pair of them or nothing."""
    return [1000 * value for value in values] if isinstance(values, tuple) else values and 1000 * values


def facts(study: Stitch) -> list[tuple[str, str]]:
    """Energies in words and numbers."""
    words = {"target_fitted": "To the target", "source_fitted": "To the source",
             "reference_fitted": "To the input (DFT)", "elements": "Composition alone"}  # fmt: skip
    errors = study.energies.errors if study.energies is not None else {}
    return [(text, _milli_words(errors[name])) for name, text in words.items() if name in errors]


def _milli_words(error: EnergyError) -> str:
    median = "" if error.median is None else f", median {1000 * error.median:,.0f}"
    return f"{1000 * error.value:,.0f} meV{median}"


def energies_shown(
    study: Stitch, formulas: np.ndarray[Any, Any], source: str, target: str, given: str = ""
) -> dict[str, Any]:
    """Energies crystal by crystal, empty where there are none; formulas : (n_structures,).

    given : the names under which the energies of the input stood there
    """
    energies = study.energies
    if energies is None or not energies.parity.others:
        return {}
    labels = {
        "target": f"{target} itself",
        "source": f"{source} itself",
        "reference": f"Energy of the input ({given or 'DFT'})",
    }
    composition = energies.errors.get("elements")
    return {
        **written(energies.parity), "labels": labels, "errors": _errors_shown(energies), "shifts": energies.shifts,
        "elements": composition and composition.value, "formulas": [str(formulas[i]) for i in energies.parity.structures],
    }  # fmt: skip


def _errors_shown(energies: Energies) -> dict[str, Any]:
    return {
        name: {key: written(energies.errors[field]) for key, field in (("raw", name), ("fitted", f"{name}_fitted"))}
        for name in energies.parity.others
    }


def energy_note(study: Stitch) -> str:
    """Why there are no energies, if there are none."""
    return study.no_energies.detail if study.no_energies is not None else ""
