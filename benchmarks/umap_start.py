"""How long does the first UMAP of a process take, with the neighbours that we look up and with umap-learn's own search?

    python benchmarks/umap_start.py [ATLAS] [--model mace-mp-0-small] [--json]

Each in a process of its own, as the dashboard and `platonic layout` make them: compiled kernels do not outlive one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

ONE = """
import sys, time, warnings
from platonic_atlas.engine.space import layouts
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.space.relative import anchor_rows, compute_moments
warnings.simplefilter("ignore")
atlas = open_atlas(sys.argv[1] or None)
model = sys.argv[2]
layer = atlas.layers(model)[0]
features = atlas.embedding(model, layer)
moments = compute_moments(features, atlas.numbers(), "elements")
rows = anchor_rows(features, moments, atlas.anchors(atlas.anchor_sets()[0]))
if sys.argv[3] == "umap-learn":
    layouts.EXACT_UP_TO = 0
start = time.perf_counter()
layouts.umap_layout(features, moments, rows, features[:, :2])
print(time.perf_counter() - start)
"""


def seconds(atlas: str, model: str, whose: str) -> float:
    ran = subprocess.run([sys.executable, "-c", ONE, atlas, model, whose], capture_output=True, text=True, check=True)
    return float(ran.stdout.split()[-1])


def main() -> None:
    """Print the seconds of each and their ratio."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("atlas", nargs="?", default="")
    options.add_argument("--model", default="mace-mp-0-small")
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    found = {whose: round(seconds(asked.atlas, asked.model, whose), 1) for whose in ("umap-learn", "ours")}
    found["ratio"] = round(found["umap-learn"] / found["ours"], 2)
    print(json.dumps(found) if asked.json else "\n".join(f"{name:12} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
