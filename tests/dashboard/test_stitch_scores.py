"""A study as charts, facts and energies crystal by crystal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from platonic_atlas.dashboard.pages.stitching.scores import charts, energies_shown, energy_note, facts, verdict
from platonic_atlas.engine.store.made_from import MadeFrom
from platonic_atlas.engine.studies.record import (
    Compared,
    Energies,
    EnergyError,
    NoEnergies,
    Parity,
    ReadOf,
    Reason,
    Score,
    Stitch,
)

MADE = MadeFrom("", {}, False, "")


def study(scores: dict[str, Score], baselines: dict[str, dict[str, Score]], **more: Any) -> Stitch:
    return Stitch("a", "b", "ridge", "", scores, baselines, (), MADE, **more)


def one(**values: float | None) -> dict[str, Score]:
    return {name: Score(value) for name, value in values.items()}


STUDY = study(
    {
        "r2": Score(0.5, (0.4, 0.6), (0.45, 0.55)),
        "atom_at_1": Score(0.125, (0.1, 0.15), (0.11, 0.14)),
        "element_at_1": Score(0.3, (0.2, 0.4), (0.25, 0.35)),
        "energy_mae": Score(0.0641, None, (0.05, 0.08)),
    },
    {"onehot": one(r2=None, element_at_1=0.1), "shuffled pairs": one(r2=0.0, energy_mae=0.5)},
    energies=Energies(
        {
            "target": EnergyError(0.2, (0.1, 0.3), 0.1),
            "target_fitted": EnergyError(0.0641, (0.05, 0.08), 0.03),
            "elements": EnergyError(0.4, (0.3, 0.5)),
        },
        {"target": {"O": -0.1}},
        Parity((2, 0), (-1.0, -2.0), {"target": Compared((-1.1, None), (-1.05, -2.1))}),
        {},
    ),
)
MISSING = study({}, {}, no_energies=NoEnergies(Reason.NO_SITE_ENERGIES, "no readout"))


def test_every_score_is_a_chart_with_its_controls_and_intervals() -> None:
    found = {chart.name: chart for chart in charts(STUDY, "A", str)}
    assert list(found) == ["r2", "energy_mae", "atom_at_1", "element_at_1"]
    own, onehot, shuffled = found["r2"].bars
    assert (own.range, own.interval, own.control) == ([0.4, 0.6], [0.45, 0.55], False)
    assert (onehot.value, onehot.control) == (None, True)
    assert shuffled.value == 0.0
    assert [bar.value for bar in found["element_at_1"].bars] == [0.3, 0.1, None]
    energy = found["energy_mae"]
    assert [bar.value for bar in energy.bars] == pytest.approx([64.1, 500.0])  # a control without energies is no bar
    assert (energy.unit, energy.bars[0].interval) == ("meV per atom", [50.0, 80.0])


def test_facts_and_reasons_are_words() -> None:
    assert facts(STUDY) == [("To the target", "64 meV, median 30"), ("Composition alone", "400 meV")]
    assert energy_note(MISSING) == "no readout"
    assert (facts(MISSING), energy_note(study({}, {}))) == ([], "")


def test_the_relative_readout_has_one_chart_of_site_energies() -> None:
    read = study({"energy_mae": Score(0.2, (0.1, 0.3))}, {"self": one(energy_mae=0.1)}, read_of=ReadOf.SITES)
    (chart,) = charts(read, "A", str)
    assert (chart.unit, chart.bars[0].value, chart.bars[0].range) == ("meV", 200.0, [100.0, 300.0])
    assert "site energies" in chart.title
    (chart,) = charts(replace(read, read_of=ReadOf.CRYSTALS), "A", str)
    assert (chart.title, chart.unit) == ("Error of energies, meV per atom", "meV per atom")


def test_energies_are_listed_by_crystal() -> None:
    shown = energies_shown(STUDY, np.array(["A", "B", "C"]), "Ares", "Bia")
    assert shown["formulas"] == ["C", "A"]
    assert shown["labels"]["target"] == "Bia itself"
    assert shown["errors"]["target"]["fitted"] == {"value": 0.0641, "interval": [0.05, 0.08], "median": 0.03}
    assert energies_shown(MISSING, np.array([]), "A", "B") == {}


def test_energies_of_the_input_are_called_by_the_name_they_stood_under() -> None:
    named = energies_shown(STUDY, np.array(["A", "B", "C"]), "Ares", "Bia", "REF_energy, energy_per_atom")
    assert named["labels"]["reference"] == "Energy of the input (REF_energy, energy_per_atom)"
    assert (
        energies_shown(STUDY, np.array(["A", "B", "C"]), "A", "B")["labels"]["reference"] == "Energy of the input (DFT)"
    )


def test_a_verdict_names_the_best_control() -> None:
    words = verdict(study(one(r2=0.43), {"shuffled pairs": one(r2=-0.03), "orb": one(r2=0.22)}), str.title)
    assert (
        words
        == "Of what the target tells beyond the element, 43 % is found: more than by the best control, Orb (22 %)."
    )
    assert "no more than by" in verdict(study(one(r2=0.1), {"orb": one(r2=0.22)}), str)
    assert verdict(study(one(r2=None), {}), str) == ""


def test_energies_no_better_than_a_control_are_said_to_say_nothing() -> None:
    read = study(one(energy_mae=4.2), {"self": one(energy_mae=0.4), "element means": one(energy_mae=0.6)})
    assert "no better than element means" in charts(read, "A", str)[0].words
    assert "no better" not in charts(replace(read, scores=one(energy_mae=0.5)), "A", str)[0].words
