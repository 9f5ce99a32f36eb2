"""A study as charts, facts and energies crystal by crystal."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.dashboard.pages.stitching.scores import charts, energies_shown, energy_note, facts, verdict

STUDY = {
    "r2": 0.5, "r2_range": [0.4, 0.6], "energy_mae": 0.0641,
    "retrieval": {"atom_at_1": 0.125, "element_at_1": 0.3}, "retrieval_range": {"atom_at_1": [0.1, 0.15], "element_at_1": [0.2, 0.4]},
    "intervals": {"r2": [0.45, 0.55], "atom_at_1": [0.11, 0.14], "element_at_1": [0.25, 0.35], "energy_mae": [0.05, 0.08]},
    "energies": {
        "target": 0.2, "target_fitted": 0.0641, "elements": 0.4, "intervals": {"target": [0.1, 0.3], "target_fitted": [0.05, 0.08]},
        "shifts": {"target": {"O": -0.1}}, "medians": {"target": 0.1, "target_fitted": 0.03},
        "parity": {"structures": [2, 0], "stitched": [-1.0, -2.0], "others": {"target": {"energies": [-1.1, None], "fitted": [-1.05, -2.1]}}},
    },
    "baselines": {"onehot": {"r2": None, "retrieval": {"element_at_1": 0.1}, "intervals": {}}, "shuffled pairs": {"r2": 0.0, "energy_mae": 0.5}},
}  # fmt: skip


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
    assert energy_note({"energies": {"reason": "no readout"}}) == "no readout"
    assert (facts({}), energy_note({})) == ([], "")


def test_the_relative_readout_has_one_chart_of_site_energies() -> None:
    read = {"energy_mae": 0.2, "energy_mae_range": [0.1, 0.3], "baselines": {"self": {"energy_mae": 0.1}}}
    (chart,) = charts(read, "A", str)
    assert (chart.unit, chart.bars[0].value, chart.bars[0].range) == ("meV", 200.0, [100.0, 300.0])
    assert "site energies" in chart.title
    (chart,) = charts({**read, "energies": {"of": "crystals"}}, "A", str)
    assert (chart.title, chart.unit) == ("Error of energies, meV per atom", "meV per atom")


def test_energies_are_listed_by_crystal() -> None:
    shown = energies_shown(STUDY, np.array(["A", "B", "C"]), "Ares", "Bia")
    assert shown["formulas"] == ["C", "A"]
    assert shown["labels"]["target"] == "Bia itself"
    assert shown["errors"]["target"]["fitted"] == {"value": 0.0641, "interval": [0.05, 0.08], "median": 0.03}
    assert energies_shown({"energies": {"reason": "none"}}, np.array([]), "A", "B") == {}


def test_a_verdict_names_the_best_control() -> None:
    words = verdict({"r2": 0.43, "baselines": {"shuffled pairs": {"r2": -0.03}, "orb": {"r2": 0.22}}}, str.title)
    assert (
        words
        == "Of what the target tells beyond the element, 43 % is found: more than by the best control, Orb (22 %)."
    )
    assert "no more than by" in verdict({"r2": 0.1, "baselines": {"orb": {"r2": 0.22}}}, str)
    assert verdict({"r2": None, "baselines": {}}, str) == ""


def test_energies_no_better_than_a_control_are_said_to_say_nothing() -> None:
    read = {"energy_mae": 4.2, "baselines": {"self": {"energy_mae": 0.4}, "element means": {"energy_mae": 0.6}}}
    assert "no better than element means" in charts(read, "A", str)[0].words
    assert "no better" not in charts({**read, "energy_mae": 0.5}, "A", str)[0].words
