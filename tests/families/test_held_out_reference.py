"""Properties of held-out elements on the reference atlas, against the table that was computed apart from our code."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmarks.ordering import held_out
from platonic_atlas.engine.store import open_atlas

COLUMNS = {"electronegativity": "EN", "radius": "radius", "period": "period", "group": "group",
           "Mendeleev number": "mendeleev"}  # fmt: skip
CONTROLS = ("onehot", "untrained-mace", "untrained-sevennet", "untrained-orb", "soap")
pytestmark = pytest.mark.xdist_group("agreement")


def test_each_model_and_control_predicts_as_the_reference_says(pytestconfig: pytest.Config) -> None:
    folder = Path(pytestconfig.getoption("--shared")) / "reference"
    with (folder / "centroid_loo_r2.csv").open() as file:
        wanted = {(row["space"], row["model"]): row for row in csv.DictReader(file)}
    found = held_out(open_atlas(folder / "reference.atlas.zip"), "element-89")
    assert len(found) == len(wanted) == 32
    for row in found:
        told = wanted["raw" if row["features"] == "raw" else "z89", str(row["model"])]
        for ours, theirs in COLUMNS.items():
            assert row[ours] == pytest.approx(float(told[theirs]), abs=0.03), (row["model"], ours)
    trained = [row["electronegativity"] for row in found if row["model"] not in CONTROLS]
    assert min(trained) > 0.75  # type: ignore[type-var]
    untrained = [float(str(row["electronegativity"])) for row in found if row["model"] in CONTROLS[:-1]]
    assert np.abs(untrained).max() < 0.1
