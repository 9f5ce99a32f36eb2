"""Which elements may decorate a family: charge neutrality, electronegativity order, sizes, electrons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product

import numpy as np

from platonic_atlas.engine.elements import N_ELEMENTS, numbers_by_symbol, table
from platonic_atlas.engine.structures.families import Family
from platonic_atlas.engine.types import BoolArray, IntArray


@lru_cache(maxsize=4)
def common_states(share: float) -> dict[int, tuple[int, ...]]:
    """Positive oxidation states of each element that make up at least `share` % of its entries.

    Counted over the ICSD (2024) by SMACT (Davies et al., J. Open Source Softw. 2019, 4, 1361).
    """
    from smact.utils.oxidation import ICSD24OxStatesFilter

    listed = ICSD24OxStatesFilter().filter(consensus=3, include_zero=False, commonality=share)
    states = {}
    for symbol, values in zip(listed["element"], listed["oxidation_state"], strict=True):
        positive = tuple(int(v) for v in str(values).split() if int(v) > 0)
        if positive and symbol in numbers_by_symbol():
            states[numbers_by_symbol()[symbol]] = positive
    return states


def ionic(
    family: Family,
    cations: Sequence[int],
    anions: Mapping[int, int],
    states: Mapping[int, tuple[int, ...]],
    *,
    larger_first: bool = False,
) -> IntArray:
    """(n, n_roles) decorations that are neutral and whose anions are the more electronegative.

    cations : atomic numbers for the first roles ; anions : atomic number -> charge for the last
    states : atomic number -> oxidation states a cation may take
    larger_first : the first cation must have the larger covalent radius of two
    """
    known = [number for number in cations if number in states]
    n_cations = len(family.roles) - family.anions
    roles: list[Sequence[int]] = [*[known] * n_cations, *[sorted(anions)] * family.anions]
    rows = _product(roles)
    neutral = is_neutral(rows, family.counts(), n_cations, anions, states)
    keep = neutral & _distinct(rows) & _pauling(rows, n_cations)
    if larger_first:
        keep &= _larger(rows, 0, 1)
    return rows[keep]


def is_neutral(
    rows: IntArray,
    counts: Sequence[int],
    n_cations: int,
    anions: Mapping[int, int],
    states: Mapping[int, tuple[int, ...]],
) -> BoolArray:
    """(n,) whether some choice of oxidation states, one an element, sums to zero: Σ counts · charge = 0.

    rows : (n, n_roles) atomic numbers, cations first
    """
    charge_of_anion = np.zeros(N_ELEMENTS + 1)
    charge_of_anion[list(anions)] = list(anions.values())
    charge = charge_of_anion[rows[:, n_cations:]] @ np.array(counts[n_cations:])
    most = max(map(len, states.values()))
    table_of_states = np.full((N_ELEMENTS + 1, most), np.nan)
    for number, known in states.items():
        table_of_states[number, : len(known)] = known
    neutral = np.zeros(len(rows), dtype=bool)
    for choice in product(range(most), repeat=n_cations):
        positive = sum(
            n * table_of_states[rows[:, k], slot] for k, (n, slot) in enumerate(zip(counts, choice, strict=False))
        )
        neutral |= positive + charge == 0
    return neutral


def intermetallic(
    family: Family,
    roles: Sequence[Sequence[int]],
    *,
    radius_ratio: tuple[float, float] | None = None,
    valence: Sequence[int] = (),
) -> IntArray:
    """(n, n_roles) decorations of a family by one set of elements a role, all elements different.

    radius_ratio : bounds of the covalent radius of role A over that of role B
    valence : allowed valence electrons a formula unit, any where empty (18 in half-Heusler compounds)
    """
    rows = _product(roles)
    keep = _distinct(rows)
    if radius_ratio:
        radius = table().covalent_radius
        ratio = radius[rows[:, 0]] / radius[rows[:, 1]]
        keep &= (ratio >= radius_ratio[0]) & (ratio <= radius_ratio[1])
    if valence:
        electrons = np.array([valence_electrons(z) for z in range(119)])
        keep &= np.isin(electrons[rows] @ np.array(family.counts()), list(valence))
    return rows[keep]


def valence_electrons(number: int) -> int:
    """Valence electrons: the group, less ten in the p-block; three for the f-block."""
    elements = table()
    if number == 0:
        return 0
    group = int(elements.group[number])
    if group == 0:
        return 3
    return group - 10 if elements.block[number] == "p" else group


def _product(roles: Sequence[Sequence[int]]) -> IntArray:
    grids = np.meshgrid(*[np.asarray(role, dtype=np.int64) for role in roles], indexing="ij")
    return np.stack([grid.ravel() for grid in grids], axis=1)


def _distinct(rows: IntArray) -> BoolArray:
    ordered = np.sort(rows, axis=1)
    return np.asarray((np.diff(ordered, axis=1) != 0).all(axis=1))


def _pauling(rows: IntArray, n_cations: int) -> BoolArray:
    """Every cation less electronegative than every anion (SMACT's Pauling test)."""
    values = table().electronegativity[rows]
    return np.asarray(values[:, :n_cations].max(axis=1) < values[:, n_cations:].min(axis=1))


def _larger(rows: IntArray, first: int, second: int) -> BoolArray:
    radius = table().covalent_radius
    return np.asarray(radius[rows[:, first]] > radius[rows[:, second]])
