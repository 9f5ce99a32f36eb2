"""The orientations in which a model that is not invariant sees a crystal.

First the crystal is turned into the standard orientation of its own lattice (spglib's `std_rotation_matrix`), so that
how a file happens to hold it does not count; then by a fixed list of rotations, over which the features are averaged.

The list holds the 60 rotations of the icosahedron, the groups of 4 (the half turns) and of 12 (the tetrahedron) first:
an average over the first 4, 12 or 60 keeps nothing of the spherical harmonics up to degree 1, 2 or 5 but the constant.
All are taken after one more fixed turn that is no symmetry of any lattice: a cubic crystal in its standard orientation
would look the same after each rotation of the tetrahedron, and averaging would not help.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.types import FloatArray

if TYPE_CHECKING:
    from ase import Atoms

GOLDEN = (1 + 5**0.5) / 2
HALF_TURNS = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
THIRD_TURN = (0.5, 0.5, 0.5, 0.5)  # about [111]
FIFTH_TURN = (GOLDEN / 2, 0.5, (GOLDEN - 1) / 2, 0.0)  # about an axis through two corners of the icosahedron
FIRST_TURN = (5.0, 1.0, 2.0, 3.0)  # about [123] by 73.6°, before any of the others; not normalised
N_ROTATIONS = 60


def quaternions(n: int) -> FloatArray:
    """(n, 4) unit quaternions w, x, y, z of the first `n` rotations of the list.

    Raises
    ------
    UsageError
        `n` is not 1 … 60.
    """
    if not 1 <= n <= N_ROTATIONS:
        raise UsageError(
            f"{n} rotations are asked for.",
            f"The list holds {N_ROTATIONS}; an average is taken over the first 1 to {N_ROTATIONS} of them.",
            "Choose 4, 8, 12 or 60: platonic embed ATLAS --model NAME --rotations 12",
        )
    first = np.array(FIRST_TURN) / np.linalg.norm(FIRST_TURN)
    made = []
    for fifths, thirds, half in product(range(5), range(3), HALF_TURNS):
        turn = np.array(half)
        for factor in (THIRD_TURN,) * thirds + (FIFTH_TURN,) * fifths:
            turn = _times(turn, np.array(factor))
        made.append(_times(turn, first))
    return np.array(made[:n])


def rotations(n: int) -> FloatArray:
    """(n, 3, 3) the first `n` rotations of the list as matrices that turn column vectors."""
    return np.array([_matrix(turn) for turn in quaternions(n)])


def standard_orientation(atoms: Atoms) -> FloatArray:
    """(3, 3) the proper rotation from a structure to the standard orientation of its lattice.

    The identity where there is none: molecules, slabs, and where spglib finds no symmetry; the atlas says 0 for the
    space group of these.
    """
    from platonic_atlas.engine.structures.symmetry import SYMPREC, symmetry_dataset

    found = symmetry_dataset(atoms, SYMPREC)
    if found is None:
        return np.eye(3)
    # The nearest rotation: the lattice fits its standard form to within symprec only, and may be left-handed.
    left, _, right = np.linalg.svd(np.asarray(found.std_rotation_matrix, dtype=np.float64))
    turn: FloatArray = left @ right
    return turn if np.linalg.det(turn) > 0 else -turn


def _times(a: FloatArray, b: FloatArray) -> FloatArray:
    """The quaternion that turns by `b` first and by `a` then (Hamilton's product)."""
    scalar = a[0] * b[0] - a[1:] @ b[1:]
    return np.concatenate([[scalar], a[0] * b[1:] + b[0] * a[1:] + np.cross(a[1:], b[1:])])


def _matrix(turn: FloatArray) -> FloatArray:
    w, (x, y, z) = turn[0], turn[1:]
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    matrix: FloatArray = np.eye(3) + 2 * w * cross + 2 * cross @ cross
    return matrix
