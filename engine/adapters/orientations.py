"""Orientations in which a model without built-in rotation symmetry is asked: the crystal's own, and a fixed set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.types import FloatArray

if TYPE_CHECKING:
    from ase import Atoms

SYMPREC = 1e-3
# Positive real solution of ψ⁴ = ψ + 4, as the spiral wants it.
PSI = 1.533751168755204288118041


def rotations(n: int) -> FloatArray:
    """(n, 3, 3) proper rotations spread evenly over all: a super-Fibonacci spiral (Alexa, CVPR 2022).

    The same n gives the same set; of n = 1 it is one rotation, not the identity.
    """
    step = np.arange(n) + 0.5
    inner, outer = np.sqrt(step / n), np.sqrt(1 - step / n)
    alpha, beta = 2 * np.pi * step / np.sqrt(2), 2 * np.pi * step / PSI
    quaternions = np.stack(
        [inner * np.sin(alpha), inner * np.cos(alpha), outer * np.sin(beta), outer * np.cos(beta)], axis=1
    )
    return np.array([matrix_of(q) for q in quaternions])


def matrix_of(quaternion: FloatArray) -> FloatArray:
    """(3, 3) rotation of a unit quaternion (x, y, z, w)."""
    x, y, z, w = (float(part) for part in quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def standard_rotation(atoms: Atoms) -> FloatArray | None:
    """(3, 3) spglib's rotation of a crystal into its standard orientation; None where spglib finds none.

    It depends on the crystal and not on how it lies in space, so that a crystal that was turned gives the same features.
    """
    if not atoms.pbc.all():
        return None
    import spglib

    cell = (atoms.cell[:], atoms.get_scaled_positions(wrap=False), atoms.numbers)
    try:
        found = spglib.get_symmetry_dataset(cell, symprec=SYMPREC)
    except Exception:  # spglib raises errors of its own since 2.7, and returns None before
        return None
    return None if found is None else np.asarray(found.std_rotation_matrix)


def turned(atoms: Atoms, matrix: FloatArray) -> Atoms:
    """The crystal under a rotation, its cell with it."""
    copy = atoms.copy()
    copy.set_cell(atoms.cell[:] @ matrix.T)
    copy.positions = atoms.positions @ matrix.T
    return copy
