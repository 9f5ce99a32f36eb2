"""Measures on an atlas, asked for by name: those there are, and one from outside that colours the maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.atlas.values import Disagreement, Measured, Overlap
from platonic_atlas.dashboard.colourings.registry import SCHEMES
from platonic_atlas.dashboard.colourings.scheme import by_values
from platonic_atlas.dashboard.session import Session
from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.compare.measure import Compared, Measure
from platonic_atlas.engine.compare.measures import MEASURES
from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.space.neighbours import neighbour_table
from platonic_atlas.engine.types import FloatArray


def _gap(models: Mapping[str, Compared]) -> FloatArray:
    return np.ptp([np.linalg.norm(model.space.embedding, axis=1) for model in models.values()], axis=0)


GAP = Measure("gap", _gap, "Largest difference of the lengths of a site's features.", (0.0, float("inf")), -1, "here")
OF_TWO = Measured("gap", ("ares", "circe"), "readout")


def test_a_measure_from_outside_is_computed_on_an_atlas_and_colours_its_maps(
    data: AtlasData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MEASURES, "gap", GAP)
    monkeypatch.setitem(SCHEMES, "gap", by_values("gap", "Gap of lengths", lambda data, seen: OF_TWO))
    first, second = (np.linalg.norm(data.embedding(name, "readout"), axis=1) for name in OF_TWO.models)
    session = Session(data, colour="gap")
    found = session.values(session.scheme)
    assert found is not None
    np.testing.assert_allclose(found, np.abs(first - second))
    assert session.colouring().title == "Gap of lengths"
    assert len(np.unique(session.colouring().rgb, axis=0)) > 20


def test_a_measure_that_nobody_brought_is_refused(data: AtlasData) -> None:
    with pytest.raises(UsageError, match="no measure 'gap'"):
        OF_TWO.make(data)


@pytest.mark.parametrize(
    ("name", "asked", "models"),
    [
        (
            "disagreement",
            Disagreement(("ares", "dione", "echo"), "readout", Balance.ATOMS, True, b""),
            ["ares", "dione"],
        ),
        ("neighbour-overlap", Overlap("ares", "circe", "readout"), ["ares", "circe"]),
    ],
)
def test_what_is_drawn_is_what_the_registry_holds(
    data: AtlasData, monkeypatch: pytest.MonkeyPatch, name: str, asked: Request[FloatArray], models: list[str]
) -> None:
    monkeypatch.setitem(MEASURES, name, replace(GAP, of=list))  # type: ignore[arg-type]
    assert asked.make(data) == models


def test_overlap_is_that_of_both_tables_of_neighbours(data: AtlasData) -> None:
    names = ("ares", "circe")
    first, second = (neighbour_table(data.embedding(m, "readout"), data.moments(m, "readout")) for m in names)
    by_hand = [len({*a} & {*b}) / len(a) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    assert np.allclose(data.made(Overlap(*names, "readout")), by_hand)
