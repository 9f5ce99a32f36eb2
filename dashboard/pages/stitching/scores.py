"""A study of a stitch as the page shows it: charts with controls beside, energies crystal by crystal, sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from platonic_atlas.dashboard.components.score_panel import ScoreBar, ScoreChart

Study = dict[str, Any]
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


def charts(study: Study, title: str, names: Names) -> list[ScoreChart]:
    """Every score as bars beside its controls, the one that tells trained from untrained first."""
    found = [_chart(study, title, names, name, *words) for name, words in VARIANCE.items() if name in study]
    if "r2" in study:
        found[0] = replace(found[0], words=verdict(study, names) or found[0].words)
    if study.get("energy_mae") is not None:
        of_sites = "r2" not in study and (study.get("energies") or {}).get("of", "sites") == "sites"
        words = ENERGY if "r2" in study else SITE_ENERGY if of_sites else CRYSTAL_ENERGY
        chart = _chart(study, title, names, "energy_mae", *words, unit="meV" if of_sites else "meV per atom")
        found.append(replace(chart, words=f"{chart.words} {warning(study, names)}".strip()))
    return found + [
        _chart(study, title, names, name, *words)
        for name, words in RETRIEVAL.items()
        if name in study.get("retrieval", {})
    ]


def _chart(study: Study, title: str, names: Names, score: str, heading: str, words: str, unit: str = "") -> ScoreChart:
    bars = [_bar(title, study, score), *(_bar(names(n), b, score, control=True) for n, b in study["baselines"].items())]
    shown = [bar for bar in bars if bar.value is not None or not unit]  # an energy that was not computed is no bar
    return ScoreChart(score, f"{heading}, {unit}" if unit else heading, words, shown, unit)


def verdict(study: Study, names: Names) -> str:
    """What the score says, against the best of its controls."""
    controls = {name: scores["r2"] for name, scores in study["baselines"].items() if scores.get("r2") is not None}
    if study["r2"] is None or not controls:
        return ""
    best = max(controls, key=lambda name: controls[name])
    rank = "more than" if study["r2"] > controls[best] else "no more than"
    found, other = (100 * max(0.0, value) for value in (study["r2"], controls[best]))
    return f"Of what the target tells beyond the element, {found:.0f} % is found: {rank} by the best control, {names(best)} ({other:.0f} %)."


def warning(study: Study, names: Names) -> str:
    """That the energies are no better than a control's, where they are not; `self` is the source read by itself."""
    errors = {
        name: scores["energy_mae"]
        for name, scores in study["baselines"].items()
        if name != "self" and "energy_mae" in scores
    }
    best = min(errors, key=lambda name: errors[name], default="")
    if not best or study["energy_mae"] < errors[best]:
        return ""
    return f"Here it is no better than {names(best)}: these energies say nothing."


def _bar(label: str, scores: Study, name: str, *, control: bool = False) -> ScoreBar:
    nearest = scores.get("retrieval", {})
    value = nearest[name] if name in nearest else scores.get(name)
    over_splits = scores.get("retrieval_range", {}).get(name) or scores.get(f"{name}_range")
    interval = scores.get("intervals", {}).get(name)
    if name == "energy_mae":
        value, over_splits, interval = (_milli(each) for each in (value, over_splits, interval))
    return ScoreBar(label, value, over_splits, interval, control)


def _milli(values: Any) -> Any:
    """eV as meV: a number, a pair of them or nothing."""
    return [1000 * value for value in values] if isinstance(values, list) else values and 1000 * values


def facts(study: Study) -> list[tuple[str, str]]:
    """Energies in words and numbers."""
    energies = study.get("energies") or {}
    words = {"target_fitted": "To the target", "source_fitted": "To the source",
             "reference_fitted": "To the input (DFT)", "elements": "Composition alone"}  # fmt: skip
    medians = energies.get("medians", {})
    found = []
    for name, text in words.items():
        if name in energies:
            median = f", median {1000 * medians[name]:,.0f}" if name in medians else ""
            found.append((text, f"{1000 * energies[name]:,.0f} meV{median}"))
    return found


def energies_shown(study: Study, formulas: np.ndarray[Any, Any], source: str, target: str) -> dict[str, Any]:
    """Energies crystal by crystal, empty where there are none; formulas : (n_structures,)."""
    energies = study.get("energies") or {}
    parity = energies.get("parity")
    if not parity or not parity["others"]:
        return {}
    labels = {"target": f"{target} itself", "source": f"{source} itself", "reference": "Energy of the input (DFT)"}
    errors = {
        name: {key: {"value": energies[field], "interval": energies["intervals"][field], "median": energies["medians"][field]}
               for key, field in (("raw", name), ("fitted", f"{name}_fitted"))}
        for name in parity["others"]
    }  # fmt: skip
    return {
        **parity, "labels": labels, "errors": errors, "shifts": energies["shifts"], "elements": energies.get("elements"),
        "formulas": [str(formulas[i]) for i in parity["structures"]],
    }  # fmt: skip


def energy_note(study: Study) -> str:
    """Why there are no energies, if there are none."""
    return str((study.get("energies") or {}).get("reason", ""))
