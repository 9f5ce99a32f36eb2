"""What the shared maps order, beside the controls: a table for docs/measured.md.

    python benchmarks/ordering.py [--atlas PATH] [--anchors element-89 direct-100] [--json]

For each model in the shared frame of the seven shown by default: the share of its own variance that the two axes carry,
and how the element centroids lie: correlation of axis 1 with Pauling electronegativity and of axis 2 with the period,
and R² of a linear fit of the group and of the period to both axes. An untrained network and bare composition stand
beside them, because order among elements is no sign of learning.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from platonic_atlas.engine import elements
from platonic_atlas.engine.choices import FrameName, LayoutMethod, Representation
from platonic_atlas.engine.space.frames import place
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.studies.layouts import frame_of
from platonic_atlas.engine.studies.shown import shown_by_default
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey


def centroids(places: FloatArray, numbers: IntArray) -> tuple[IntArray, FloatArray]:
    """Elements and the mean place of each."""
    known = np.isfinite(places).all(axis=1)
    found = np.unique(numbers[known])
    return found, np.array([places[known & (numbers == z)].mean(axis=0) for z in found])


def explained(values: FloatArray, places: FloatArray) -> float:
    """R² of a linear fit of a value to both axes."""
    design = np.column_stack([places, np.ones(len(places))])
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return float(1 - rest.var() / values.var())


def ordering(places: FloatArray, numbers: IntArray) -> dict[str, float]:
    table = elements.table()
    found, middle = centroids(places, numbers)
    pauling, period = table.electronegativity[found], table.period[found].astype(float)
    group = table.group[found].astype(float)
    known, grouped = np.isfinite(pauling), group > 0
    return {
        "axis1_electronegativity": float(np.corrcoef(middle[known, 0], pauling[known])[0, 1]),
        "axis2_period": float(np.corrcoef(middle[:, 1], period)[0, 1]),
        "group_r2": explained(group[grouped], middle[grouped]),
        "period_r2": explained(period, middle),
    }


def measure(atlas: Atlas, anchors: str) -> list[dict[str, object]]:
    """A row a model, in the frame that the trained models shown by default shape."""
    seven = shown_by_default(atlas)
    shaping = [model for model in seven if not atlas.model_attrs(model)["control"]]
    rest = [model for model in atlas.models() if model not in seven]
    key = LayoutKey(LayoutMethod.PCA, Representation.RELATIVE, FrameName.SHARED, anchors, (*seven, *rest))
    spaces, _, projections = frame_of(atlas, key, atlas.anchors(anchors), shaping)
    rows: list[dict[str, object]] = []
    for model, projection in projections.items():
        found = ordering(place(spaces[model], projection), atlas.numbers())
        rows.append({"anchors": anchors, "model": model, "share": projection.share, **found})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--atlas", type=Path)
    parser.add_argument("--anchors", nargs="+", default=["element-89", "direct-100"])
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    atlas = open_atlas(chosen.atlas)
    rows = [row for anchors in chosen.anchors for row in measure(atlas, anchors)]
    if chosen.json:
        print(json.dumps(rows))
        return
    print("| anchors | model | share on the axes | axis 1, electronegativity | axis 2, period | group R² | period R² |")
    print("| --- | --- | --: | --: | --: | --: | --: |")
    for row in rows:
        numbers = " | ".join(f"{value:.2f}" for value in list(row.values())[2:])
        print(f"| {row['anchors']} | {row['model']} | {numbers} |")


if __name__ == "__main__":
    main()
