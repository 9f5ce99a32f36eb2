"""One prototype, and how it is decorated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import table
from platonic_atlas.engine.types import FloatArray, IntArray

Position = tuple[float, float, float]

THIRD = 1 / 3

#: Ligands of two anions, O of CO₃ or H of OH, are no nearer than this share of their van der Waals radii: O 2.43 Å apart.
CROWDED = 0.8

#: A bond of a complex anion this much longer or shorter (logarithm) than that of the namesake is broken.
BROKEN = 0.2

#: Contacts are looked for that much beyond touching spheres.
SPARE = 1.2


@dataclass(frozen=True)
class Family:
    """One prototype.

    sites : (role, fractional position), role a letter of the formula; roles count from A
    shape : b/a and c/a of the conventional cell, whose angles are 90°, with `hexagonal` the last 120°
    strukturbericht : designation under which a list of experimental structures may name it
    anions : how many of the last roles are anions, or make up complex ones (0 in intermetallics)
    bonds : (ligand, centre, length [Å]) within complex anions, roles both; each ligand is bonded to the nearest
        centre and keeps that length whatever the cations are. O₂ is its own centre
    """

    name: str
    spacegroup: int
    sites: tuple[tuple[str, Position], ...]
    shape: tuple[float, float] = (1, 1)
    hexagonal: bool = False
    setting: int = 1
    strukturbericht: str = ""
    anions: int = 1
    bonds: tuple[tuple[str, str, float], ...] = ()

    @property
    def roles(self) -> str:
        return "".join(sorted({role for role, _ in self.sites}))

    def counts(self) -> tuple[int, ...]:
        """Atoms of each role in the primitive cell."""
        numbers = _template(self).numbers
        return tuple(int((numbers == k + 1).sum()) for k in range(len(self.roles)))

    def decorate(self, elements: Sequence[int], larger: float = 1.0) -> Atoms:
        """The primitive cell with an element for each role, spheres of covalent radius touching.

        Between cations and anions only, where the family has anions: in an ionic crystal equal
        charges do not touch. Complex anions keep their bonds, and their ligands off those of others.

        larger : factor on the edges of the cell
        """
        return self.placed(elements, larger * _touching(self, elements))

    def placed(self, elements: Sequence[int], edge: float) -> Atoms:
        """The primitive cell of edge a [Å]; ligands of complex anions lie where the cell puts them, at their own distance.

        A ligand moves along its bond, so its whole orbit does and the space group stays.
        """
        atoms = _template(self).copy()
        atoms.numbers = np.asarray(elements)[atoms.numbers - 1]
        atoms.set_cell(atoms.cell * edge, scale_atoms=True)
        for (ligand, centre, _), (ligands, apart, length) in zip(self.bonds, _inner(self), strict=True):
            too_short = (length / np.linalg.norm(apart, axis=1) - edge)[:, None]
            atoms.positions[ligands] += too_short * apart / (2 if ligand == centre else 1)
        return atoms

    def broken_bond(self, atoms: Atoms) -> str:
        """The bond of a complex anion, in words, that is no longer near the length of the namesake; "" where all are.

        atoms : a primitive cell that `decorate` made, moved since
        """
        role, distance = _template(self).numbers - 1, atoms.get_all_distances(mic=True)
        np.fill_diagonal(distance, np.inf)
        for ligand, centre, length in self.bonds:
            ligands, centres = (role == self.roles.index(letter) for letter in (ligand, centre))
            nearest = distance[np.ix_(ligands, centres)].min(axis=1)
            worst = int(np.abs(np.log(nearest / length)).argmax())
            if abs(np.log(nearest[worst] / length)) > BROKEN:
                names = [atoms.symbols[int(np.flatnonzero(chosen)[0])] for chosen in (centres, ligands)]
                return f"{'-'.join(names)} of {nearest[worst]:.2f} Å where {self.name} has {length:.2f}"
        return ""


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


@cache
def _inner(family: Family) -> tuple[tuple[IntArray, FloatArray, float], ...]:
    """For each bond of `family.bonds` the ligands, (n, 3) where they lie from their centres at a = 1, and the length."""
    from ase.geometry import find_mic

    atoms, found = _template(family), []
    role = atoms.numbers - 1
    for ligand, centre, length in family.bonds:
        ligands, centres = (np.flatnonzero(role == family.roles.index(letter)) for letter in (ligand, centre))
        apart = atoms.positions[ligands][:, None] - atoms.positions[centres][None, :]
        shortest, distance = find_mic(apart.reshape(-1, 3), atoms.cell, pbc=True)
        distance = np.where(ligands[:, None] == centres[None, :], np.inf, distance.reshape(len(ligands), -1))
        nearest = shortest.reshape(*distance.shape, 3)[np.arange(len(ligands)), distance.argmin(axis=1)]
        found.append((ligands, nearest, length))
    return tuple(found)


def _touching(family: Family, elements: Sequence[int]) -> float:
    """The edge a [Å] at which the nearest spheres touch and none overlap."""
    radius = table().covalent_radius[np.asarray(elements)]
    reach = radius[:, None] + radius[None, :]
    bonded = np.ones(reach.shape, dtype=bool)
    if family.anions:
        cation = np.arange(len(radius)) < len(radius) - family.anions
        bonded = cation[:, None] != cation[None, :]
    edge = float((reach / _nearest(family))[bonded].max())
    return _touching_groups(family, elements, edge, np.where(bonded, reach, 0)) if family.bonds else edge


def _touching_groups(family: Family, elements: Sequence[int], edge: float, reach: FloatArray) -> float:
    """The edge a [Å] where ligands keep their bonds and so do not move with the cell: found by trial from a first one."""
    from scipy.optimize import brentq

    def overlap(trial: float) -> float:
        return _overlap(family, family.placed(elements, trial), reach) - 1

    low, high = 0.85 * edge, 1.2 * edge
    while overlap(low) < 0:
        low *= 0.85
    while overlap(high) > 0:
        high *= 1.2
    return float(brentq(overlap, low, high, xtol=1e-4))


def _overlap(family: Family, atoms: Atoms, reach: FloatArray) -> float:
    """The largest of touching distance over distance: of cations and anions, and of ligands of two anions.

    reach [Å] : (n_roles, n_roles) where spheres touch, 0 for pairs that do not count
    """
    from ase.data.vdw import vdw_radii
    from ase.neighborlist import neighbor_list

    role, from_centre = _template(family).numbers - 1, _from_centres(family)
    ligand = from_centre.any(axis=1)
    apart = 2 * CROWDED * np.where(ligand, vdw_radii[atoms.numbers], 0)
    first, second, distance, way = neighbor_list("ijdD", atoms, SPARE * max(reach.max(), apart.max()))
    within = np.linalg.norm(way - (from_centre[second] - from_centre[first]), axis=1) < 1e-3
    other = (role[first] == role[second]) & ~within
    wanted = np.maximum(reach[role[first], role[second]], np.where(other, apart[first], 0))
    return float((wanted / distance).max(initial=0))


@cache
def _from_centres(family: Family) -> FloatArray:
    """(n_atoms, 3) where ligands lie from the centres of their anions [Å], 0 for all other atoms."""
    found = np.zeros((len(_template(family)), 3))
    for (ligand, centre, _), (ligands, apart, length) in zip(family.bonds, _inner(family), strict=True):
        to_centre = length / 2 if ligand == centre else length
        found[ligands] = to_centre * apart / np.linalg.norm(apart, axis=1)[:, None]
    return found
