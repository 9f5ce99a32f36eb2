"""One prototype, and how it is decorated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import table
from platonic_atlas.engine.types import FloatArray

Position = tuple[float, float, float]

THIRD = 1 / 3


@dataclass(frozen=True)
class Family:
    """One prototype.

    sites : (role, fractional position), role a letter of the formula; roles count from A
    shape : b/a and c/a of the conventional cell, whose angles are 90°, with `hexagonal` the last 120°
    strukturbericht : designation under which a list of experimental structures may name it
    anions : how many of the last roles are anions (0 in intermetallics)
    """

    name: str
    spacegroup: int
    sites: tuple[tuple[str, Position], ...]
    shape: tuple[float, float] = (1, 1)
    hexagonal: bool = False
    setting: int = 1
    strukturbericht: str = ""
    anions: int = 1

    @property
    def roles(self) -> str:
        return "".join(sorted({role for role, _ in self.sites}))

    def counts(self) -> tuple[int, ...]:
        """Atoms of each role in the primitive cell."""
        numbers = _template(self).numbers
        return tuple(int((numbers == k + 1).sum()) for k in range(len(self.roles)))

    def decorate(self, elements: Sequence[int]) -> Atoms:
        """The primitive cell with an element for each role, spheres of covalent radius touching.

        Between cations and anions only, where the family has anions: in an ionic crystal equal
        charges do not touch.
        """
        atoms = _template(self).copy()
        atoms.numbers = np.asarray(elements)[atoms.numbers - 1]
        atoms.set_cell(atoms.cell * _touching(self, elements), scale_atoms=True)
        return atoms


@cache
def _template(family: Family) -> Atoms:
    """Primitive cell of edge a = 1 with atomic numbers 1, 2, … for the roles A, B, …"""
    from ase.data import chemical_symbols
    from ase.spacegroup import crystal

    symbols = [chemical_symbols[1 + family.roles.index(role)] for role, _ in family.sites]
    angle = 120 if family.hexagonal else 90
    atoms = crystal(
        symbols,
        [position for _, position in family.sites],
        spacegroup=family.spacegroup,
        setting=family.setting,
        cellpar=[1, *family.shape, 90, 90, angle],
        primitive_cell=True,
        onduplicates="error",
    )
    return Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)


@cache
def _nearest(family: Family) -> FloatArray:
    """(n_roles, n_roles) nearest distance between atoms of two roles in a cell of edge a = 1."""
    from ase.neighborlist import neighbor_list

    # ASE's search bins space by at least 3 Å: a cell of edge 1 Å has hundreds of images in a bin.
    atoms, magnified = _template(family), 10.0
    larger = Atoms(atoms.numbers, cell=atoms.cell * magnified, scaled_positions=atoms.get_scaled_positions(), pbc=True)
    first, second, distance = neighbor_list("ijd", larger, 1.2 * magnified)
    nearest = np.full((len(family.roles), len(family.roles)), np.inf)
    np.minimum.at(nearest, (atoms.numbers[first] - 1, atoms.numbers[second] - 1), distance / magnified)
    return nearest


def _touching(family: Family, elements: Sequence[int]) -> float:
    """The edge a [Å] at which the nearest spheres touch and none overlap."""
    radius = table().covalent_radius[np.asarray(elements)]
    bonded = np.ones((len(radius), len(radius)), dtype=bool)
    if family.anions:
        cation = np.arange(len(radius)) < len(radius) - family.anions
        bonded = cation[:, None] != cation[None, :]
    return float(((radius[:, None] + radius[None, :]) / _nearest(family))[bonded].max())
