"""What every adapter promises, measured: rows belong to atoms, and the surroundings count only through geometry.

A layer whose symmetry is `O(3)` or `SO(3)` changes by rounding only when atoms are permuted, the crystal is moved,
repeated or turned; for `O(3)` a mirror image changes nothing either. A layer of symmetry `none` keeps its rows in a
batch, and in the median under permutation, translation and repetition: among equidistant neighbours it may break ties.
How far it changes is measured when an atlas is embedded, and kept with the embedding.

    python -P -m platonic_atlas.engine.extract.contract NAME [--family F] [--weights FILE] [--trust-weights] [--device D]

checks a model, one of the catalogue or of a family that was installed, and prints a table: one row a promise. Its
exit code is 0 where all are kept, 1 where one is broken or the model cannot be loaded, 2 for a request that is none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.adapters.base import family_names
from platonic_atlas.engine.errors import ModelError, PlatonicError, WorkerError
from platonic_atlas.engine.extract.session import ModelSession, model_session
from platonic_atlas.engine.models.catalogue import catalogue, find_model, user_model
from platonic_atlas.engine.types import READOUT, Embedded, FloatArray, ModelSpec, Symmetry

if TYPE_CHECKING:
    from ase import Atoms

# float32 through several layers: the largest change of a row, relative to its length, that rounding makes.
TOLERANCE = 1e-4
ENERGY_TOLERANCE = 2e-5  # [eV], of a site energy from the features that are kept
NO_ELEMENT = 119

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


def promised(changes: Mapping[str, FloatArray], symmetry: Symmetry) -> dict[str, float]:
    """Operation -> the change that must be below the tolerance, of what the symmetry of the layer promises."""
    batch = float(changes["batch = singles"].max())
    if symmetry == "none":
        medians = {what: float(np.median(changes[what])) for what in ("permutation", "translation", "supercell")}
        return {"batch = singles": batch, **medians}
    return {what: float(found.max()) for what, found in changes.items() if what != "reflection" or symmetry == "O(3)"}


def broken_promises(changes: Mapping[str, FloatArray], symmetry: Symmetry) -> list[str]:
    """The operations that change more than the symmetry of the layer allows."""
    return [what for what, value in promised(changes, symmetry).items() if not value < TOLERANCE]


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


@dataclass(frozen=True)
class Finding:
    """One promise and what was found: `seen` is shown beside it."""

    promise: str
    seen: str
    kept: bool


def crystals() -> list[Atoms]:
    """Small crystals of common elements: symmetric and rattled ones, ionic, covalent, metallic, and a sparse one."""
    from ase.build import bulk

    made = [
        bulk("NaCl", "rocksalt", a=5.64, cubic=True),
        bulk("GaAs", "zincblende", a=5.65, cubic=True),
        bulk("MgO", "rocksalt", a=4.21, cubic=True),
    ]
    for seed, atoms in enumerate(made):
        atoms.rattle(0.08, seed=seed)
    return [
        *made,
        bulk("Si", "diamond", a=5.43),
        bulk("Mg", "hcp", a=3.21, c=5.21),
        bulk("Fe", "bcc", a=2.87),
        bulk("Kr", "fcc", a=5.9),
    ]


def check(model: ModelSession) -> Iterator[Finding]:
    """What the adapter of a loaded model promises, one finding each.

    Raises
    ------
    ModelError
        The model takes fewer than two of the crystals.
    """
    refused = model.embed(crystals()).refused
    taken = [atoms for i, atoms in enumerate(crystals()) if i not in refused]
    if len(taken) < 2:
        raise ModelError(
            f"The model refuses {len(refused)} of {len(refused) + len(taken)} crystals: {next(iter(refused.values()))}.",
            "The contract is tested on at least two, made of Na, Cl, Ga, As, Mg, O, Si, Fe and Kr.",
            "Call the functions of platonic_atlas.engine.extract.contract with crystals of your own.",
        )
    found = model.embed(taken)
    for name, layer in model.layers.items():
        yield _shape(name, layer["n_features"], found, taken)
        yield from _symmetries(model, name, layer["symmetry"], taken)
    yield _energies(model, found, taken)
    yield _unknown_element(model, found, taken)


def _shape(layer: str, n_features: int, found: Embedded, structures: Sequence[Atoms]) -> Finding:
    rows = found.features[layer]
    right = rows.shape == (sum(map(len, structures)), n_features) and rows.dtype == np.float32
    seen = f"{rows.shape} {rows.dtype}, {'all' if np.isfinite(rows).all() else 'not all'} finite"
    return Finding(
        f"{layer}: a float32 row of {n_features} features an atom", seen, right and bool(np.isfinite(rows).all())
    )


def _symmetries(model: ModelSession, layer: str, symmetry: Symmetry, structures: list[Atoms]) -> Iterator[Finding]:
    def features(asked: list[Atoms]) -> list[FloatArray]:
        rows = model.embed(asked).features[layer]
        return np.split(rows, np.cumsum([len(atoms) for atoms in asked])[:-1])

    changes = changes_under_symmetries(features, structures)
    bounds = promised(changes, symmetry)
    broken = broken_promises(changes, symmetry)
    for what, values in changes.items():
        if what in bounds:
            yield Finding(f"{layer} ({symmetry}): {what}", f"{bounds[what]:.1e} < {TOLERANCE:g}", what not in broken)
        else:
            yield Finding(f"{layer} ({symmetry}): {what}", f"{values.max():.1e}, nothing promised", True)


def _energies(model: ModelSession, found: Embedded, structures: Sequence[Atoms]) -> Finding:
    """The readout gives the site energies back; a model without site energies says so, instead of giving others."""
    numbers = np.concatenate([atoms.numbers for atoms in structures])
    if found.site_energies is None:
        promise = "readout: none, because there are no site energies"
        try:
            model.readout(found.features[READOUT], numbers)
        except WorkerError as error:
            return Finding(promise, _first_line(error), False)
        except PlatonicError as error:
            return Finding(promise, _first_line(error), True)
        return Finding(promise, "it returns energies", False)
    again = model.readout(found.features[READOUT], numbers)
    apart = float(np.abs(again - found.site_energies).max()) if again.shape == numbers.shape else np.inf
    return Finding("readout: the site energies [eV]", f"{apart:.1e} < {ENERGY_TOLERANCE:g}", apart < ENERGY_TOLERANCE)


def _unknown_element(model: ModelSession, found: Embedded, structures: Sequence[Atoms]) -> Finding:
    """An element that no model knows is refused with a reason, and the structures beside it are as without it."""
    from ase import Atoms

    promise = "an unknown element: refused, the others untouched"
    unknown, first = Atoms([NO_ELEMENT], cell=np.eye(3) * 3.3, pbc=True), len(structures[0])
    mixed = model.embed([structures[0], unknown, *structures[1:]])
    if list(mixed.refused) != [1] or not mixed.refused[1]:
        return Finding(promise, "it is not refused", False)
    rows = mixed.features[READOUT]
    if not np.isnan(rows[first]).all():
        return Finding(promise, "its row is not NaN", False)
    change = relative_changes([found.features[READOUT]], [np.delete(rows, first, axis=0)]).max()
    return Finding(promise, f"{mixed.refused[1]}; the others {change:.1e}", bool(change < TOLERANCE))


def _first_line(error: PlatonicError) -> str:
    return error.happened.splitlines()[0]


def named_model(name: str, family: str | None, weights: Path | None) -> ModelSpec:
    """A model of the catalogue, a checkpoint of a family, or the family `name` itself, which then brings its own."""
    if family is None and name not in catalogue() and name in family_names():
        family = name
    if family is not None and weights is None:
        return ModelSpec(name=name, family=family, title=name, trained_on="unknown", licence="unknown")
    return find_model(name) if family is None else user_model(name, family=family, weights=weights)


def table(findings: Sequence[Finding]) -> str:
    """Findings as aligned text."""
    rows = [("kept" if found.kept else "BROKEN", found.promise, found.seen) for found in findings]
    wide = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{kept:{wide[0]}}  {promise:{wide[1]}}  {seen}" for kept, promise, seen in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one model and print what was found; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -P -m platonic_atlas.engine.extract.contract", description=__doc__.split("\n")[0]
    )
    parser.add_argument("name", help="a model of the catalogue, or a family that brings its own checkpoint")
    parser.add_argument("--family", help="for a checkpoint of your own")
    parser.add_argument("--weights", type=Path, help="its file")
    parser.add_argument("--trust-weights", action="store_true", help="load a pickle that the catalogue does not know")
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args(arguments)
    try:
        spec = named_model(asked.name, asked.family, asked.weights)
        session = model_session(spec, weights=asked.weights, trust_weights=asked.trust_weights, device=asked.device)
        with session as model:
            findings = list(check(model))
    except PlatonicError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(table(findings))
    broken = [found for found in findings if not found.kept]
    print(f"{asked.name}: {len(findings) - len(broken)} of {len(findings)} promises kept")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
