"""What a text in the search field names, on the atlas that ships."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.search import elements_called, find
from platonic_atlas.engine.store import open_atlas
from tests.dashboard.conftest import shell_of


@pytest.fixture(scope="module")
def data() -> AtlasData:
    return AtlasData(open_atlas())


def crystals(data: AtlasData, text: str) -> set[int]:
    return set(data.structure[find(data, text)].tolist())


def test_elements_joined_name_every_crystal_that_holds_them_all(data: AtlasData) -> None:
    held = {z: set(data.structure[data.numbers == z].tolist()) for z in (8, 22)}
    assert crystals(data, "Ti-O") == held[8] & held[22] > crystals(data, "TiO2") > set()
    for text in ("O Ti", "titanium, oxygen", "Ti–O"):
        assert crystals(data, text) == crystals(data, "Ti-O")
    assert elements_called("Ti") == elements_called("Ti-Xyz") == []


def test_a_formula_in_any_order_an_element_and_a_prototype(data: AtlasData) -> None:
    assert np.array_equal(find(data, "ClNa"), find(data, "NaCl"))
    assert set(data.numbers[find(data, "iron")].tolist()) == {26}
    assert crystals(data, "perovskite")
    assert not len(find(data, "unobtainium"))
    assert not len(find(data, " "))


def test_symbols_stand_by_the_selected_atoms(data: AtlasData) -> None:
    page = shell_of(data)
    sites = find(data, "TiO2")
    chosen = np.zeros(data.n_sites, dtype=bool)
    chosen[sites] = True
    page.view.select(chosen)
    where, elements = page.grid._medoids(page.grid.places(0))
    assert elements == [8, 22]
    assert set(where.values()) <= set(sites.tolist())
