"""Properties of the chemical elements as arrays indexed by atomic number.

Symbols, names and covalent radii come from ASE (Cordero et al., Dalton Trans. 2008, 2832), groups,
periods, blocks and Pauling electronegativities from pymatgen. Lutetium and lawrencium belong to
group 3 (IUPAC, provisional report of 2021), so the f-block is La-Yb and Ac-No.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from platonic_atlas.engine.types import FloatArray, IntArray

N_ELEMENTS = 118

#: Atomic numbers that the foundation models know: H-Bi and Ac-Pu (89 elements, no Po-Ra).
MODEL_ELEMENTS: tuple[int, ...] = (*range(1, 84), *range(89, 95))

_LAST_RADIUS = 96

#: Name of the class that the elements without a group of their own share.
F_BLOCK = "f-block"


@dataclass(frozen=True)
class ElementTable:
    """One row an atomic number, row 0 empty; every array has length 119.

    symbol, name : str
    period : 1..7 ; group : IUPAC group 1..18, 0 for the f-block ; block : "s", "p", "d" or "f"
    group_label : the group as text, "f-block" for the f-block
    electronegativity : Pauling's, NaN where none is known
    covalent_radius [Å] : NaN beyond curium
    row, column : place in the periodic table, both from 1; the f-block lies in rows 8 and 9
    """

    symbol: NDArray[np.str_]
    name: NDArray[np.str_]
    period: IntArray
    group: IntArray
    group_label: NDArray[np.str_]
    block: NDArray[np.str_]
    electronegativity: FloatArray
    covalent_radius: FloatArray
    row: IntArray
    column: IntArray


@lru_cache(maxsize=1)
def table() -> ElementTable:
    """The periodic table; loads pymatgen's on the first call (about 0.2 s)."""
    from ase.data import atomic_names, chemical_symbols
    from pymatgen.core.periodic_table import Element

    with warnings.catch_warnings():  # pymatgen warns for each element without an electronegativity
        warnings.simplefilter("ignore")
        elements = [Element.from_Z(number) for number in range(1, N_ELEMENTS + 1)]
        electronegativity = np.array([np.nan, *(float(e.X) for e in elements)])
    block = np.array(["", *(str(e.block) for e in elements)])
    block[2] = "s"  # pymatgen counts helium to the p-block by its column
    period = np.array([0, *(int(e.row) for e in elements)])
    group = np.where(block == "f", 0, np.array([0, *(int(e.group) for e in elements)]))
    row, column = _grid(period, group, block)
    columns = (period, group, electronegativity, _covalent_radii(), row, column)
    for array in columns:
        array.setflags(write=False)
    return ElementTable(
        symbol=np.array(["", *chemical_symbols[1 : N_ELEMENTS + 1]]),
        name=np.array(["", *atomic_names[1 : N_ELEMENTS + 1]]),
        period=period,
        group=group,
        group_label=np.array(["", *(str(g) if g else F_BLOCK for g in group[1:])]),
        block=block,
        electronegativity=electronegativity,
        covalent_radius=columns[3],
        row=row,
        column=column,
    )


@lru_cache(maxsize=1)
def numbers_by_symbol() -> dict[str, int]:
    """Symbol -> atomic number, H to Og."""
    return {str(symbol): number for number, symbol in enumerate(table().symbol) if number}


def reduced_formula(numbers: IntArray) -> str:
    """Formula unit of a crystal, elements in the order of electronegativity: "MgAl2O4".

    numbers : (n_atoms,) atomic numbers ; elements without an electronegativity come last
    """
    kinds, counts = np.unique(numbers, return_counts=True)
    order = np.lexsort((kinds, table().electronegativity[kinds]))
    unit = counts // np.gcd.reduce(counts)
    return "".join(f"{table().symbol[kinds[k]]}{unit[k] if unit[k] > 1 else ''}" for k in order)


def _covalent_radii() -> FloatArray:
    """(119,) covalent radii [Å]; Cordero's list ends with curium, ASE fills the rest by a constant."""
    from ase.data import covalent_radii

    radii = np.full(N_ELEMENTS + 1, np.nan)
    radii[1 : _LAST_RADIUS + 1] = covalent_radii[1 : _LAST_RADIUS + 1]
    return radii


def _grid(period: IntArray, group: IntArray, block: NDArray[np.str_]) -> tuple[IntArray, IntArray]:
    """Row and column of each element; the f-block stands below, its first element in column 3."""
    row, column = period.copy(), group.copy()
    number = np.arange(len(period))
    for first, period_of_row in ((57, 6), (89, 7)):
        chosen = (block == "f") & (period == period_of_row)
        row[chosen] = period_of_row + 2
        column[chosen] = number[chosen] - first + 3
    return row, column
