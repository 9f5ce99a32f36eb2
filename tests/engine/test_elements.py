from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine import elements


@pytest.mark.parametrize(
    ("number", "symbol", "period", "group", "block"),
    [(1, "H", 1, 1, "s"), (2, "He", 1, 18, "s"), (8, "O", 2, 16, "p"), (26, "Fe", 4, 8, "d"), (71, "Lu", 6, 3, "d")],
)
def test_place_of_an_element(number: int, symbol: str, period: int, group: int, block: str) -> None:
    table = elements.table()
    assert table.symbol[number] == symbol
    assert (table.period[number], table.group[number], table.block[number]) == (period, group, block)


def test_f_block_is_a_class_of_its_own() -> None:
    table = elements.table()
    f_block = [*range(57, 71), *range(89, 103)]
    assert np.flatnonzero(table.group_label == elements.F_BLOCK).tolist() == f_block
    assert (table.group[f_block] == 0).all()
    assert table.row[f_block].tolist() == [8] * 14 + [9] * 14


def test_grid_gives_every_element_a_cell_of_its_own() -> None:
    table = elements.table()
    places = set(zip(table.row[1:].tolist(), table.column[1:].tolist(), strict=True))
    assert len(places) == elements.N_ELEMENTS
    assert max(column for _, column in places) == 18


def test_values() -> None:
    table = elements.table()
    assert table.electronegativity[9] == pytest.approx(3.98)
    assert np.isnan(table.electronegativity[2])
    assert table.covalent_radius[6] == pytest.approx(0.76)
    assert np.isnan(table.covalent_radius[118])


def test_models_know_89_elements() -> None:
    assert len(elements.MODEL_ELEMENTS) == 89
    assert not set(range(84, 89)) & set(elements.MODEL_ELEMENTS)
    assert np.isfinite(elements.table().covalent_radius[list(elements.MODEL_ELEMENTS)]).all()


def test_arrays_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        elements.table().period[1] = 2


@pytest.mark.parametrize(
    ("numbers", "formula"),
    [
        ([12, 13, 13, 8, 8, 8, 8], "MgAl2O4"),
        ([17, 17, 11, 11], "NaCl"),
        ([26, 26], "Fe"),
        ([2, 6], "CHe"),
        ([1, 1, 8], "H2O"),
    ],
)
def test_reduced_formula(numbers: list[int], formula: str) -> None:
    assert elements.reduced_formula(np.array(numbers)) == formula
