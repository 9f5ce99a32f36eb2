"""Which potential leaves measured crystals nearest to where they are: the one that decorated crystals are relaxed with.

python benchmarks/relaxation.py [--models mattersim-1m chgnet-0.3.0 …] [--every 6] [--atoms 14] [--weights FOLDER] [--json]

The measured crystals of an atlas with at most `--atoms` atoms, every `--every`th, are relaxed in cell and free
coordinates at fixed symmetry. Measured crystals are at room temperature and the potentials at rest, and functionals of
the density have errors of their own, so a volume within a few percent is all that can be asked.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

MODELS = ("mattersim-1m", "sevennet-0", "chgnet-0.3.0")


def measured_crystals(atlas: str | None, every: int, most_atoms: int) -> list[Atoms]:
    """Experimental structures of an atlas, where symmetry leaves more free than the volume as well as where not."""
    from platonic_atlas.engine.store import open_atlas

    held = open_atlas(atlas)
    sources, sizes = held.structure_field("source"), held.structure_field("n_atoms")
    chosen = [i for i, source in enumerate(sources) if str(source).startswith("experiment") and sizes[i] <= most_atoms]
    return held.structures(np.array(chosen[::every]))


def changes(name: str, crystals: Sequence[Atoms], weights: Path | None, env_root: Path | None) -> dict[str, Any]:
    """How far a potential moves the crystals: of volume and of shape, over those that come to rest."""
    from platonic_atlas.engine.extract.session import model_session

    with model_session(name, weights=weights, env_root=env_root, workers=2) as model:
        began = time.perf_counter()
        found = model.relax(crystals)
        seconds = time.perf_counter() - began
    pairs = [(a, each) for a, each in zip(crystals, found, strict=True) if not each.reason]
    volume = np.array([abs(np.linalg.det(each.cell)) / abs(a.cell.volume) for a, each in pairs])
    shape = [_shape(a.cell.array, each.cell) for a, each in pairs]
    off = np.abs(np.log(volume))
    return {
        "model": name, "crystals": len(crystals), "at_rest": len(pairs), "volume_ratio_median": float(np.median(volume)),
        "volume_off_median": float(np.median(off)), "volume_within_5_percent": float(np.mean(off < 0.05)),
        "volume_off_p90": float(np.quantile(off, 0.9)), "shape_off_p90": float(np.quantile(shape, 0.9)),
        "seconds": round(seconds, 1),
    }  # fmt: skip


def _shape(before: np.ndarray, after: np.ndarray) -> float:
    """The largest relative change of an edge once the volume is that of before."""
    edges = np.linalg.norm(after, axis=1) / np.linalg.norm(before, axis=1)
    return float(np.abs(edges / np.cbrt(abs(np.linalg.det(after) / np.linalg.det(before))) - 1).max())


def printed(rows: Sequence[dict[str, Any]]) -> str:
    """A table in Markdown."""
    lines = [
        "| model | crystals | at rest | volume over measured, median | volume off, median | within 5 % | volume off, nine in ten below | shape off, nine in ten below | time |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    lines += [
        f"| {r['model']} | {r['crystals']} | {r['at_rest']} | {r['volume_ratio_median']:.3f} | {100 * r['volume_off_median']:.1f} % "
        f"| {100 * r['volume_within_5_percent']:.0f} % | {100 * r['volume_off_p90']:.0f} % | {100 * r['shape_off_p90']:.1f} % | {r['seconds']:.0f} s |"
        for r in rows
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="python benchmarks/relaxation.py: how far potentials move measured crystals"
    )
    parser.add_argument("--atlas", help="default: the one that is shipped")
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--every", type=int, default=6)
    parser.add_argument("--atoms", type=int, default=14, help="leave larger cells out")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--environments", type=Path, help="default: where platonic env sync puts them")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    crystals = measured_crystals(asked.atlas, asked.every, asked.atoms)
    rows = [changes(name, crystals, asked.weights, asked.environments) for name in asked.models]
    print(json.dumps(rows) if asked.json else printed(rows))


if __name__ == "__main__":
    main()
