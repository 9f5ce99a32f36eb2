"""What makes a structure unusable."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import N_ELEMENTS
from platonic_atlas.engine.types import FloatArray, IntArray

#: Two atoms nearer than this [Å] are an error in the file: the shortest bond, H-H, has 0.74 Å.
MIN_DISTANCE = 0.4

#: A periodic cell is degenerate where its volume is below this share of its edges' product.
MIN_RELATIVE_VOLUME = 1e-6


def reason_to_reject(atoms: Atoms) -> str:
    """Why a structure cannot be used, "" where it can."""
    for check in (_no_atoms, _bad_number, _not_finite, _flat_cell, _too_close):
        reason = check(atoms)
        if reason:
            return reason
    return ""


def _no_atoms(atoms: Atoms) -> str:
    return "" if len(atoms) else "no atoms"


def _bad_number(atoms: Atoms) -> str:
    bad = (atoms.numbers < 1) | (atoms.numbers > N_ELEMENTS)
    return f"atomic number {atoms.numbers[bad][0]} of atom {np.flatnonzero(bad)[0]} is no element" if bad.any() else ""


def _not_finite(atoms: Atoms) -> str:
    if not np.isfinite(atoms.positions).all():
        return "positions that are NaN or infinite"
    return "" if np.isfinite(atoms.cell.array).all() else "a cell that is NaN or infinite"


def _flat_cell(atoms: Atoms) -> str:
    """The periodic vectors, as many as there are, must span a volume (an area, a length)."""
    vectors: FloatArray = atoms.cell.array[atoms.pbc]
    lengths = np.linalg.norm(vectors, axis=1)
    volume = np.sqrt(max(np.linalg.det(vectors @ vectors.T), 0.0)) if len(vectors) else 1.0
    flat = len(vectors) > 0 and volume <= MIN_RELATIVE_VOLUME * max(np.prod(lengths), 1e-12)
    return "zero-volume periodic cell" if flat else ""


def _too_close(atoms: Atoms) -> str:
    """Atoms and their periodic images nearer than `MIN_DISTANCE`."""
    if atoms.pbc.any() and np.linalg.norm(atoms.cell.array[atoms.pbc], axis=1).min() < MIN_DISTANCE:
        return f"atoms closer than {MIN_DISTANCE} Å (an atom and its own image)"
    first, second, distance = near_pairs(atoms, MIN_DISTANCE)
    if not len(distance):
        return ""
    k = int(distance.argmin())
    return f"atoms closer than {MIN_DISTANCE} Å (atoms {first[k]} and {second[k]}, {distance[k]:.2f} Å)"


def near_pairs(atoms: Atoms, reach: float) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs of atoms, periodic images too, at most `reach` [Å] apart: both atoms and the distance.

    ASE's neighbour list takes 20 ms for a small dense cell, pymatgen's 0.1 ms; but pymatgen's knows
    only cells that are periodic in all three directions.
    """
    if not atoms.pbc.all():
        from ase.neighborlist import neighbor_list

        return neighbor_list("ijd", atoms, reach)
    from pymatgen.optimization.neighbors import find_points_in_spheres

    positions = np.ascontiguousarray(atoms.get_positions(wrap=True))
    periodic = np.ones(3, dtype=np.int64)
    cell = np.ascontiguousarray(atoms.cell.array)
    first, second, _, distance = find_points_in_spheres(positions, positions, reach, periodic, cell, 1e-8)
    other = distance > 1e-8
    coincident = (distance <= 1e-8) & (first != second)
    keep = other | coincident
    return first[keep], second[keep], distance[keep]
