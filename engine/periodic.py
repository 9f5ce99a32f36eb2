"""Periodic crystals: the same one, written with its atoms in its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ase import Atoms

SHORTEST = 1e-9  # Å, and Å³: less is no vector, and no volume


def near_the_cell(atoms: Atoms) -> Atoms:
    """The atoms themselves, or a copy wrapped into the cell where some lie more than a cell outside it.

    They are the same crystal, but neighbour searches of models look through all the cells in between: 300 cells outside
    (an unwrapped trajectory) took gigabytes. What lies nearer is left as it is, so that its features stay bit for bit.
    """
    repeated = atoms.pbc & (atoms.cell.lengths() > SHORTEST)  # a slab may say that it repeats where it has no vector
    cell = atoms.cell.complete()
    if not repeated.any() or not len(atoms) or abs(cell.volume) < SHORTEST:
        return atoms
    inside = cell.scaled_positions(atoms.positions)[:, repeated]
    if not ((inside < -1) | (inside >= 2)).any():
        return atoms
    wrapped = atoms.copy()
    wrapped.wrap(pbc=repeated)
    return wrapped
