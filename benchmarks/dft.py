"""Energies of our forward pass beside DFT: the table of docs/measured.md, over as many frames as are asked for.

    python benchmarks/dft.py mptrj-random-1k.xyz [--frames 300] [--model NAME …] [--weights FOLDER] [--json]

FRAMES.xyz holds a DFT energy each. Mean (median) of the absolute differences in meV/atom, as the energies come and after
a least-squares fit of a reference to each element. For CHGNet 0.3.0, also over the frames without elements whose
energies Materials Project corrects, which it was trained on. `tests/families` checks the same numbers, of the slow
models over the first 100 frames.
"""

from __future__ import annotations

import json
from typing import Any

import ase.io
import numpy as np
from ase import Atoms
from by_model import models, parser
from references import CORRECTED, element_fit

from platonic_atlas.engine.extract.session import energies


def main() -> None:
    """Print one row a model, or one JSON object."""
    options = parser(__doc__, 300).parse_args()
    frames: list[Atoms] = list(ase.io.iread(options.file, f":{options.frames}"))
    rows: list[dict[str, Any]] = []
    for name in models(options):
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


def _row(row: dict[str, float]) -> str:
    return (
        "{model:24} {raw mean:7.1f} ({raw median:.1f}), after a fit {fitted mean:7.1f} ({fitted median:.1f}), "
        "uncorrected ({plain frames}) {plain mean:7.1f} ({plain median:.1f}) meV/atom"
    ).format(**row)


if __name__ == "__main__":
    main()
