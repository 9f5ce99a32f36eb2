"""Which atoms lie inside a shape that was drawn with the mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

MOST_CORNERS = 4_000
MOST_COMPARED = 400_000_000  # atoms beside edges: about a second, whatever is drawn


def inside(places: FloatArray, shape: dict[str, Any]) -> BoolArray:
    """(n,) True for the places inside a rectangle, or encircled by a line however often it crosses itself.

    places : (n, 2), NaN rows are outside ; shape : Bokeh's geometry of a drawn shape
    """
    if shape["type"] == "rect":
        (x0, x1), (y0, y1) = sorted((shape["x0"], shape["x1"])), sorted((shape["y0"], shape["y1"]))
        x, y = places[:, 0], places[:, 1]
        return np.asarray((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))
    return _encircled(places, np.column_stack([shape["x"], shape["y"]]).astype(float))


def _encircled(places: FloatArray, corners: FloatArray) -> BoolArray:
    """Where the line's winding number is not zero (D. Sunday, 2001): each edge meets only the atoms of its own height."""
    found = np.zeros(len(places), dtype=bool)
    known = np.flatnonzero(np.isfinite(places).all(axis=1))
    order = known[np.argsort(places[known, 1], kind="stable")]
    x, y = np.asarray(places[order], dtype=float).T
    line = _affordable(y, corners[np.isfinite(corners).all(axis=1)])
    winding = np.zeros(len(order), dtype=np.int32)
    for (x0, y0), (x1, y1), at in _edges(y, line):
        left = (x1 - x0) * (y[at] - y0) - (x[at] - x0) * (y1 - y0)
        if y1 > y0:
            winding[at] += left > 0
        else:
            winding[at] -= left < 0
    found[order] = winding != 0
    return found


def _affordable(y: FloatArray, corners: FloatArray) -> FloatArray:
    """The line, with every second corner left out until it can be followed in time; a hand never draws such a one."""
    while len(corners) > 3 and (len(corners) > MOST_CORNERS or np.diff(_heights(y, corners)).sum() > MOST_COMPARED):
        corners = corners[::2]
    return corners


def _heights(y: FloatArray, corners: FloatArray) -> IntArray:
    """(edges, 2) first atom and the one after the last, of those sorted by height, that each edge passes."""
    ends = np.stack([corners[:, 1], np.roll(corners[:, 1], -1)], axis=1)
    return np.searchsorted(y, np.sort(ends, axis=1), side="left")


def _edges(y: FloatArray, corners: FloatArray) -> Iterator[tuple[FloatArray, FloatArray, slice]]:
    """Begin and end of each edge that passes atoms, and which."""
    passed = _heights(y, corners)
    for start, end, (first, last) in zip(corners, np.roll(corners, -1, axis=0), passed, strict=True):
        if first < last:
            yield start, end, slice(first, last)
