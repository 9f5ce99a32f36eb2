"""Energies of our forward pass beside DFT: the table of docs/measured.md, over as many frames as are asked for.

    python benchmarks/dft.py mptrj-random-1k.xyz [--frames 300] [--model NAME …] [--weights FOLDER] [--json]

FRAMES.xyz holds a DFT energy each. Mean (median) of the absolute differences in meV/atom, as the energies come and after
a least-squares fit of a reference to each element. For CHGNet 0.3.0, also over the frames without elements whose
energies Materials Project corrects, which it was trained on. `tests/families` checks the same numbers, of the slow
models over the first 100 frames.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import ase.io
import numpy as np
from ase import Atoms

from platonic_atlas.engine.adapters.weights import VARIABLE
from platonic_atlas.engine.extract.environments import find_weights
from platonic_atlas.engine.extract.session import energies
from platonic_atlas.engine.models.catalogue import catalogue
from platonic_atlas.engine.types import FloatArray

CORRECTED = {"O", "S", "F", "Cl", "Br", "I", "N", "Se", "Si", "Sb", "Te", "H"}


def main() -> None:
    """Print one row a model, or one JSON object."""
    options = _options()
    if options.weights:
        os.environ[VARIABLE] = str(options.weights.absolute())
    frames = ase.io.read(options.file, f":{options.frames}")
    runnable = (spec for spec in catalogue().values() if spec.sha256 and not spec.control)
    names = options.model or [spec.name for spec in runnable if find_weights(spec)]
    rows = []
    for name in names:
        rows.append({"model": name, **measure(name, frames)})
        if not options.json:
            print(_row(rows[-1]), flush=True)
    if options.json:
        print(json.dumps({"frames": len(frames), "models": rows}))


def measure(name: str, frames: list[Atoms]) -> dict[str, float]:
    """Mean and median of the absolute differences to DFT [meV/atom], as they come, after a fit, and without corrections."""
    n_atoms = np.array([len(atoms) for atoms in frames])
    dft = np.array([atoms.get_potential_energy() for atoms in frames])
    difference = (energies(frames, name) - dft) / n_atoms
    plain = np.array([not CORRECTED & set(atoms.get_chemical_symbols()) for atoms in frames])
    kinds = {"raw": difference, "fitted": difference - element_fit(frames, difference), "plain": difference[plain]}
    found = {f"{kind} {how}": float(1000 * f(np.abs(values))) for kind, values in kinds.items() for how, f in AVERAGES}
    return {**found, "plain frames": int(plain.sum())}


AVERAGES = (("mean", np.mean), ("median", np.median))


def element_fit(structures: list[Atoms], difference: FloatArray) -> FloatArray:
    """(n,) the part of the differences [eV/atom] that is linear in the fractions of the elements (least squares)."""
    fractions = np.array([np.bincount(atoms.numbers, minlength=119) / len(atoms) for atoms in structures])
    references, *_ = np.linalg.lstsq(fractions, difference, rcond=None)
    fitted: FloatArray = fractions @ references
    return fitted


def _row(row: dict[str, float]) -> str:
    return (
        "{model:24} {raw mean:7.1f} ({raw median:.1f}), after a fit {fitted mean:7.1f} ({fitted median:.1f}), "
        "uncorrected ({plain frames}) {plain mean:7.1f} ({plain median:.1f}) meV/atom"
    ).format(**row)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--model", action="append")
    parser.add_argument("--weights", type=Path, help="a folder of checkpoints")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
