"""What is drawn of a crystal around one of its atoms: the cell, a supercell, or all atoms within a distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from ase import Atoms

from platonic_atlas.engine.types import FloatArray, IntArray

FACE = 1e-3  # in fractions of the cell: an atom this near to a face is drawn on the opposite face as well


@dataclass(frozen=True)
class Surroundings:
    """Atoms to draw, the marked one first.

    numbers : (n,) ; positions : (n, 3) [Å] ; atom : (n,) which atom of the crystal each is an image of
    distance : (n,) to the marked one [Å] ; cell : (3, 3) [Å], of what is drawn ; pbc : periodic directions
    """

    numbers: IntArray
    positions: FloatArray
    atom: IntArray
    distance: FloatArray
    cell: FloatArray
    pbc: tuple[bool, bool, bool]

    def nearest(self, most: int) -> Surroundings:
        """The `most` atoms nearest to the marked one, which stays first."""
        if len(self.numbers) <= most:
            return self
        rows = np.argsort(self.distance, kind="stable")[:most]
        of_rows = {name: getattr(self, name)[rows] for name in ("numbers", "positions", "atom", "distance")}
        return replace(self, **of_rows)


def unit_cell(atoms: Atoms, marked: int, repeat: int = 1) -> Surroundings:
    """`repeat` cells in each periodic direction, atoms on a face drawn on both sides."""
    inside = _wrapped(atoms)
    fractions = inside.cell.scaled_positions(inside.positions) if inside.cell.rank == 3 else np.zeros((len(atoms), 3))
    counts = [repeat if periodic else 1 for periodic in inside.pbc]
    shifts = np.array(
        list(product(*(range(n + 1) if p else range(1) for n, p in zip(counts, inside.pbc, strict=True))))
    )
    atom, shift = (index.ravel() for index in np.meshgrid(np.arange(len(atoms)), np.arange(len(shifts)), indexing="ij"))
    reach = np.where(inside.pbc, np.array(counts) + FACE, np.inf)
    kept = (fractions[atom] + shifts[shift] <= reach).all(axis=1)
    atom, shift = atom[kept], shift[kept]
    positions = inside.positions[atom] + shifts[shift] @ inside.cell.array
    return _surroundings(inside, marked, atom, positions, inside.positions[marked], counts)


def within(atoms: Atoms, marked: int, cutoff: float) -> Surroundings:
    """All atoms and images at most `cutoff` [Å] from the marked one."""
    from ase.neighborlist import neighbor_list

    inside = _wrapped(atoms)
    of, to, vector = neighbor_list("ijD", inside, cutoff)
    near = of == marked
    centre = inside.positions[marked]
    atom = np.concatenate([[marked], to[near]])
    return _surroundings(inside, marked, atom, np.vstack([centre, centre + vector[near]]), centre)


def _wrapped(atoms: Atoms) -> Atoms:
    inside = atoms.copy()
    inside.wrap(eps=FACE)
    return inside


def _surroundings(atoms: Atoms, marked: int, atom: IntArray, positions: FloatArray, centre: FloatArray,
                  counts: Sequence[int] = (1, 1, 1)) -> Surroundings:  # fmt: skip
    distance = np.linalg.norm(positions - centre, axis=1)
    order = np.lexsort((distance, (atom != marked) | (distance > FACE)))
    pbc = tuple(bool(periodic) for periodic in atoms.pbc)
    return Surroundings(
        atoms.numbers[atom][order], positions[order], atom[order], distance[order],
        atoms.cell.array * np.array(counts)[:, None], pbc,  # type: ignore[arg-type]
    )  # fmt: skip
