"""Have the models learned the periodic table, and what do the shared maps order? Two tables for docs/measured.md.

    python benchmarks/ordering.py [--atlas PATH] [--anchors element-89 direct-100] [--json]

First without any frame: R² of properties of each element, predicted from its centroid by a ridge that was fitted on the
other elements (`platonic_atlas.engine.compare.held_out`), in raw features and relative to anchors; sites that some model
throws far off left out.

Then in the shared frame of the seven models shown by default: the share of a model's own variance that the two axes
carry, and how the element centroids lie: correlation of axis 1 with Pauling electronegativity and of axis 2 with the
period, and R² of a linear fit of the group and of the period to both axes. A frame that trained models shape lends its
order to whatever is drawn in it, so that the second table says nothing about learning.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from platonic_atlas.engine import elements
from platonic_atlas.engine.choices import FrameName, LayoutMethod, Representation
from platonic_atlas.engine.compare.held_out import element_centroids, held_out_r2
from platonic_atlas.engine.space.cosines import cosines_to
from platonic_atlas.engine.space.frames import place
from platonic_atlas.engine.stitching.outliers import far_off
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.studies.layouts import frame_of
from platonic_atlas.engine.studies.shown import shown_by_default, trained_of
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, LayoutKey


def properties(found: IntArray) -> dict[str, FloatArray]:
    """Of elements, as pymatgen gives them; NaN where there is none, and for the group of the f-block."""
    from pymatgen.core.periodic_table import Element

    table, each = elements.table(), [Element.from_Z(int(z)) for z in found]
    return {
        "electronegativity": table.electronegativity[found],
        "radius": np.array([float(e.atomic_radius) if e.atomic_radius else np.nan for e in each]),
        "period": table.period[found].astype(float),
        "group": np.where(table.group[found] > 0, table.group[found], np.nan),
        "Mendeleev number": np.array([float(e.mendeleev_no) for e in each]),
    }


def held_out(atlas: Atlas, anchors: str) -> list[dict[str, object]]:
    """A row for each kind of features and model: R² of each property of elements that were held out."""
    numbers, sites = atlas.numbers(), atlas.anchors(anchors)
    features = {model: atlas.embedding(model) for model in atlas.models()}
    near = ~np.any([far_off(rows) for rows in features.values()], axis=0)
    found = []
    for kind in ("raw", anchors):
        for model, raw in features.items():
            rows = raw if kind == "raw" else cosines_to(raw, atlas.moments(model), sites)
            of, middle = element_centroids(rows, numbers, near)
            r2 = {name: held_out_r2(middle, values) for name, values in properties(of).items()}
            found.append({"features": kind, "model": model, **r2})
    return found


def explained(values: FloatArray, places: FloatArray) -> float:
    """R² of a linear fit of a value to both axes."""
    design = np.column_stack([places, np.ones(len(places))])
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return float(1 - rest.var() / values.var())


def ordering(places: FloatArray, numbers: IntArray) -> dict[str, float]:
    table = elements.table()
    found, middle = element_centroids(places, numbers, np.ones(len(numbers), dtype=bool), least=1)
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
    shaping = trained_of(atlas, READOUT)
    rest = [model for model in atlas.models() if model not in seven]
    key = LayoutKey(LayoutMethod.PCA, Representation.RELATIVE, FrameName.VARIANCE, anchors, (*seven, *rest))
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
    free = held_out(atlas, chosen.anchors[0])
    framed = [row for anchors in chosen.anchors for row in measure(atlas, anchors)]
    if chosen.json:
        print(json.dumps({"held_out": free, "in_the_shared_frame": framed}))
        return
    print_table(["features", "model", "electronegativity", "radius", "period", "group", "Mendeleev number"], free)
    print()
    heads = [
        "anchors",
        "model",
        "share on the axes",
        "axis 1, electronegativity",
        "axis 2, period",
        "group R²",
        "period R²",
    ]
    print_table(heads, framed)


def print_table(headings: list[str], rows: list[dict[str, object]]) -> None:
    print(f"| {' | '.join(headings)} |")
    print(f"| --- | --- |{' --: |' * (len(headings) - 2)}")
    for row in rows:
        first, second, *values = row.values()
        print(f"| {first} | {second} | {' | '.join(f'{value:.2f}' for value in values)} |")


if __name__ == "__main__":
    main()
