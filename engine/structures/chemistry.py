"""Which elements may decorate a family: charge neutrality, electronegativity order, sizes, electrons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product

import numpy as np

from platonic_atlas.engine.elements import N_ELEMENTS, numbers_by_symbol, table
from platonic_atlas.engine.structures.families import Family
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

#: Elements of a role by atomic number, and the charges each may take.
Charges = Mapping[int, tuple[float, ...]]


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
    anions: Mapping[int, float],
    states: Mapping[int, tuple[int, ...]],
    *,
    given: Mapping[str, Mapping[int, float | None]] | None = None,
    larger_first: bool = False,
) -> IntArray:
    """(n, n_roles) decorations that are neutral and whose anions are the more electronegative.

    cations : atomic numbers for the first roles ; anions : atomic number -> charge for the last
    states : atomic number -> oxidation states a cation may take
    given : role -> the only elements in it, each with its charge an atom or None for the charges above
    larger_first : the first cation must have the larger covalent radius of two
    """
    n_cations = len(family.roles) - family.anions
    of_cations: Charges = {number: states[number] for number in cations if number in states}
    of_anions: Charges = {number: (charge,) for number, charge in sorted(anions.items())}
    charges = [of_cations] * n_cations + [of_anions] * family.anions
    for role, told in (given or {}).items():
        k = family.roles.index(role)
        charges[k] = _told(told, states if k < n_cations else of_anions)
    rows = _product([list(known) for known in charges])
    keep = is_neutral(rows, family.counts(), charges) & _distinct(rows) & _pauling(rows, charges)
    if larger_first:
        keep &= _larger(rows, 0, 1)
    return rows[keep]


def _told(told: Mapping[int, float | None], usual: Charges) -> Charges:
    """Charges of the elements that a recipe gives for a role; one without any charge cannot take it."""
    charges = {number: tuple(usual.get(number, ())) if q is None else (q,) for number, q in told.items()}
    return {number: known for number, known in charges.items() if known}


def is_neutral(rows: IntArray, counts: Sequence[int], charges: Sequence[Charges]) -> BoolArray:
    """(n,) whether some choice of charges, one an element, sums to zero: Σ counts · charge = 0.

    rows : (n, n_roles) atomic numbers ; charges : for each role the charges that its elements may take
    """
    options = [_options(known) for known in charges]
    neutral = np.zeros(len(rows), dtype=bool)
    for choice in product(*[range(option.shape[1]) for option in options]):
        neutral |= sum(n * options[k][rows[:, k], choice[k]] for k, n in enumerate(counts)) == 0
    return neutral


def _options(known: Charges) -> FloatArray:
    """(119, most) charges by atomic number, NaN beyond those an element has."""
    options = np.full((N_ELEMENTS + 1, max(map(len, known.values()), default=0)), np.nan)
    for number, values in known.items():
        options[number, : len(values)] = values
    return options


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


def _pauling(rows: IntArray, charges: Sequence[Charges]) -> BoolArray:
    """Every positive role less electronegative than every negative one (SMACT's Pauling test)."""
    values = table().electronegativity[rows]
    negative = np.array([all(q < 0 for known in of_role.values() for q in known) for of_role in charges])
    return np.asarray(
        values[:, ~negative].max(axis=1, initial=-np.inf) < values[:, negative].min(axis=1, initial=np.inf)
    )


def _larger(rows: IntArray, first: int, second: int) -> BoolArray:
    radius = table().covalent_radius
    return np.asarray(radius[rows[:, first]] > radius[rows[:, second]])
