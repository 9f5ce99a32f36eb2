"""Element symbols on a map: at the medoids, and never one on another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from platonic_atlas.dashboard.plots.raster import Window
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

# Named first where there is room: the corners of the periodic table that a reader looks for.
LANDMARKS = (
    8,
    9,
    17,
    1,
    7,
    6,
    14,
    16,
    3,
    11,
    55,
    56,
    12,
    13,
    26,
    29,
    57,
    92,
    74,
    53,
    22,
    30,
    79,
    47,
    42,
    82,
    50,
    33,
    20,
    64,
)


def medoids(coordinates: FloatArray, numbers: IntArray) -> dict[int, int]:
    """Element -> its site nearest to the median place of the element's sites; elements without a place are left out."""
    known = np.flatnonzero(np.isfinite(coordinates[:, 0]))
    known = known[np.argsort(numbers[known], kind="stable")]
    found, starts, counts = np.unique(numbers[known], return_index=True, return_counts=True)
    group, places = np.repeat(np.arange(len(found)), counts), coordinates[known]
    middle = np.column_stack([_medians(axis, group, starts, counts) for axis in places.T])
    away = places - middle[group]
    nearest = np.lexsort((np.einsum("ij,ij->i", away, away), group))[starts]
    return dict(zip(found.tolist(), known[nearest].tolist(), strict=True))


def _medians(values: FloatArray, group: IntArray, starts: IntArray, counts: IntArray) -> FloatArray:
    """(groups,) all at once: a call for each element of each map took half of what a selection takes."""
    ordered = values[np.lexsort((values, group))]
    found: FloatArray = (ordered[starts + (counts - 1) // 2] + ordered[starts + counts // 2]) / 2
    return found


def ranked(elements: Sequence[int], first: Sequence[int]) -> list[int]:
    """Elements in the order in which they get their label: the chosen, the landmarks, the rest."""
    present = set(elements)
    order = [*first, *LANDMARKS, *sorted(present)]
    return [element for element in dict.fromkeys(order) if element in present]


def placed(
    points: FloatArray, texts: Sequence[str], window: Window, *, size: float = 11.0, most: int = 22
) -> BoolArray:
    """Which of the labels, in their order, can stand without touching another or the edge.

    points : (n, 2) in data units; size : height of the type in pixels
    """
    keep = np.zeros(len(points), dtype=bool)
    if window.empty or not len(points):
        return keep
    scale = np.array([window.width / (window.x[1] - window.x[0]), window.height / (window.y[1] - window.y[0])])
    pixels = (points - np.array([window.x[0], window.y[0]])) * scale
    half = np.array([[0.36 * size * len(text) + 2.0, 0.55 * size] for text in texts])
    inside = np.isfinite(pixels).all(axis=1) & (pixels > half).all(axis=1)
    inside &= (pixels < np.array([window.width, window.height]) - half).all(axis=1)
    taken = np.zeros((0, 2)), np.zeros((0, 2))
    for i in np.flatnonzero(inside):
        overlap = (np.abs(taken[0] - pixels[i]) < taken[1] + half[i]).all(axis=1)
        if overlap.any() or keep.sum() >= most:
            continue
        keep[i] = True
        taken = np.vstack([taken[0], pixels[i]]), np.vstack([taken[1], half[i]])
    return keep
