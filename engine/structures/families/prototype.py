"""One prototype, and how it is decorated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import table
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

Position = tuple[float, float, float]

THIRD = 1 / 3

#: Repetitions in which the edge of a cell with complex anions is found, ten as a rule.
ROUNDS = 40

#: A bond of a complex anion this much longer or shorter (logarithm) than that of the namesake is broken.
BROKEN = 0.2

#: Contacts are looked for that much [Å] beyond touching spheres: no ligand moves further.
SPARE = 1.5


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
        charges do not touch.

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
    if not family.bonds:
        return edge
    # Ligands that keep their bonds do not move with the cell: the edge is found by repetition.
    for _ in range(ROUNDS):
        overlap = _overlap(family.placed(elements, edge), _template(family).numbers - 1, reach, bonded)
        edge *= overlap
        if abs(overlap - 1) < 1e-6:
            break
    return edge


def _overlap(atoms: Atoms, role: IntArray, reach: FloatArray, bonded: BoolArray) -> float:
    """The largest touching distance over distance, of pairs of roles that are bonded."""
    from ase.neighborlist import neighbor_list

    first, second, distance = neighbor_list("ijd", atoms, float(reach.max()) + SPARE)
    pairs = role[first], role[second]
    return float((reach[pairs] / distance)[bonded[pairs]].max())
