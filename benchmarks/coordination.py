"""How much faster coordination numbers of all sites at once are than one by one, and whether they are the same.

python benchmarks/coordination.py [--frames 20] [--atoms 64] [--json]
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
from ase import Atoms
from ase.build import bulk


def trajectory(frames: int, atoms: int) -> list[Atoms]:
    """Rock salt whose atoms have left their places, so that no symmetry is left: every atom is a site."""
    cells = max(1, round((atoms / 8) ** (1 / 3)))
    made = []
    for seed in range(frames):
        crystal = bulk("NaCl", "rocksalt", a=5.64, cubic=True) * (cells, cells, cells)
        crystal.rattle(0.1, seed=seed)
        made.append(crystal)
    return made


def measured(frames: int, atoms: int) -> dict[str, float | int]:
    """Seconds a frame by both ways, their ratio, and how many sites differ."""
    from platonic_atlas.engine.structures.coordination import of_structure, one_by_one

    structures = trajectory(frames, atoms)
    chosen = np.arange(len(structures[0]))
    of_structure(structures[0], chosen[:1])  # imports are not timed
    began = time.perf_counter()
    at_once = [of_structure(each, chosen) for each in structures]
    middle = time.perf_counter()
    alone = [one_by_one(each, chosen, 600.0) for each in structures]
    ended = time.perf_counter()
    differ = sum(a != b for one, other in zip(at_once, alone, strict=True) for a, b in zip(one, other, strict=True))
    return {
        "frames": frames, "atoms": len(chosen), "at_once_s": round((middle - began) / frames, 4),
        "one_by_one_s": round((ended - middle) / frames, 4), "ratio": round((ended - middle) / (middle - began), 1),
        "sites_that_differ": differ,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description="python benchmarks/coordination.py: seconds a frame for coordination numbers, at once and one by one"
    )
    parser.add_argument("--frames", type=int, default=20)
    parser.add_argument("--atoms", type=int, default=64)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    asked = parser.parse_args()
    found = measured(asked.frames, asked.atoms)
    print(json.dumps(found) if asked.json else "\n".join(f"{name:18} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
