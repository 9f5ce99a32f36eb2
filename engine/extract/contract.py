"""What every adapter promises, measured: rows belong to atoms, and the surroundings count only through geometry.

A layer whose symmetry is `O(3)` or `SO(3)` changes by rounding only when atoms are permuted, the crystal is moved,
repeated or turned; for `O(3)` a mirror image changes nothing either. A layer of symmetry `none` keeps its rows in a
batch, and in the median under permutation, translation and repetition: among equidistant neighbours it may break ties.
How far it changes is measured when an atlas is embedded, and kept with the embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.types import FloatArray, Symmetry

if TYPE_CHECKING:
    from ase import Atoms

# float32 through several layers: the largest change of a row, relative to its length, that rounding makes.
TOLERANCE = 1e-4

# What is kept of the changes of a layer of symmetry `none`.
SHOWN = {"median": 50.0, "p90": 90.0, "maximum": 100.0}

Features = Callable[[list["Atoms"]], list[FloatArray]]


def relative_changes(first: Sequence[FloatArray], second: Sequence[FloatArray]) -> FloatArray:
    """(n_atoms,) change of each row relative to its length."""
    pairs = zip(first, second, strict=True)
    return np.concatenate([np.linalg.norm(a - b, axis=1) / np.linalg.norm(a, axis=1) for a, b in pairs])


def changes_under_symmetries(features: Features, crystals: list[Atoms]) -> dict[str, FloatArray]:
    """Name of the operation -> (n_atoms,) relative change of the features.

    features : structures -> the features (n_atoms, d) of each, computed together as a batch
    """
    plain = features(crystals)
    orders = [np.random.default_rng(i).permutation(len(atoms)) for i, atoms in enumerate(crystals)]
    turn = rotation()
    permuted = features([atoms[order] for atoms, order in zip(crystals, orders, strict=True)])
    repeated = features([atoms.repeat((2, 1, 1)) for atoms in crystals])
    mirrored = turn @ np.diag([1.0, 1.0, -1.0])
    return {
        "batch = singles": relative_changes(plain, [features([atoms])[0] for atoms in crystals]),
        "permutation": relative_changes([rows[order] for rows, order in zip(plain, orders, strict=True)], permuted),
        "translation": relative_changes(plain, features([shifted(atoms) for atoms in crystals])),
        "supercell": relative_changes([np.concatenate([rows, rows]) for rows in plain], repeated),
        "rotation": relative_changes(plain, features([turned(atoms, turn) for atoms in crystals])),
        "reflection": relative_changes(plain, features([turned(atoms, mirrored) for atoms in crystals])),
    }


def broken_promises(changes: Mapping[str, FloatArray], symmetry: Symmetry) -> list[str]:
    """The operations that change more than the symmetry of the layer allows."""
    if symmetry == "none":
        worst = {what: float(np.median(changes[what])) for what in ("permutation", "translation", "supercell")}
    else:
        kept = [what for what in changes if what != "reflection" or symmetry == "O(3)"]
        worst = {what: float(changes[what].max()) for what in kept}
    worst["batch = singles"] = float(changes["batch = singles"].max())
    return [what for what, value in worst.items() if not value < TOLERANCE]


def measured_changes(features: Features) -> dict[str, dict[str, float]]:
    """Operation -> median, 90th percentile and maximum of the relative change of the atoms of `crystals()`.

    Rounded to three digits: on another machine the last ones may differ, and an embedding that is resumed must not.
    """
    changes = changes_under_symmetries(features, crystals())
    return {
        what: {name: float(f"{np.percentile(values, q):.2e}") for name, q in SHOWN.items()}
        for what, values in changes.items()
        if what != "batch = singles"
    }


def crystals() -> list[Atoms]:
    """Four small crystals: perfect ones, in which neighbours are equidistant, and two that are distorted."""
    from ase.build import bulk

    rattled = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    rattled.rattle(0.08, seed=3)
    perovskite = bulk("SrTi", "cesiumchloride", a=3.9) + bulk("O", "sc", a=3.9)
    perovskite += bulk("O", "sc", a=3.9) + bulk("O", "sc", a=3.9)
    perovskite.positions[2:] = [[1.95, 1.95, 0.1], [1.95, 0.0, 1.95], [0.0, 1.95, 1.95]]
    return [bulk("Si", "diamond", a=5.43), bulk("ZnO", "wurtzite", a=3.25, c=5.2), perovskite, rattled]


def rotation() -> FloatArray:
    """A proper rotation that is no symmetry of any crystal."""
    from scipy.spatial.transform import Rotation

    matrix: FloatArray = Rotation.from_euler("xyz", [0.3, 1.1, -0.7]).as_matrix()
    return matrix


def turned(atoms: Atoms, matrix: FloatArray) -> Atoms:
    """The crystal under an orthogonal matrix."""
    copy = atoms.copy()
    copy.set_cell(atoms.cell[:] @ matrix.T)
    copy.positions = atoms.positions @ matrix.T
    return copy


def shifted(atoms: Atoms) -> Atoms:
    """The crystal moved by a vector that is no lattice vector, its atoms back in the cell."""
    copy = atoms.copy()
    copy.positions += [0.37, -1.91, 2.3]
    copy.wrap()
    return copy
