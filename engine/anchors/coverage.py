"""How well a set of anchors covers the sites of an atlas."""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.space.relative import row_chunks, unit_rows
from platonic_atlas.engine.types import FloatArray, IntArray, Moments


def nearest_anchor_distance(
    embedding: FloatArray, moments: Moments, anchor_rows: FloatArray, *, centre: bool = True
) -> FloatArray:
    """Euclidean distance in ê from each site to its nearest anchor, (n,) float32 in [0, 2], NaN where masked.

    For unit vectors it is √(2 - 2 cos); the nearest is found by the cosine, its distance taken from the
    difference, so that an anchor lies at 0 from itself. anchor_rows : (K, d)
    """
    distance = np.full(len(embedding), np.nan, dtype=np.float32)
    transposed = anchor_rows.T.astype(np.float32)
    for rows in row_chunks(len(embedding)):
        unit = unit_rows(embedding[rows], moments, moments.rho[rows], centre=centre)
        used = np.isfinite(moments.rho[rows])
        nearest = np.argmax(unit[used].astype(np.float32) @ transposed, axis=1)
        distance[rows][used] = np.linalg.norm(unit[used] - anchor_rows[nearest], axis=1)
    return distance


def coverage_by_element(distance: FloatArray, atomic_numbers: IntArray) -> dict[int, tuple[float, float]]:
    """Median and largest distance to the nearest anchor of each element with an embedded site, by atomic number."""
    known = np.isfinite(distance)
    summary = {}
    for number in np.unique(atomic_numbers[known]):
        values = distance[known & (atomic_numbers == number)]
        summary[int(number)] = (float(np.median(values)), float(values.max()))
    return summary
