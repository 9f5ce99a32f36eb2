"""How well a set of anchors covers the sites of an atlas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.space.relative import row_chunks, unit_rows
from platonic_atlas.engine.types import FloatArray, IntArray, Moments


@dataclass(frozen=True)
class Coverage:
    """How far the sites of one model lie from their nearest anchor.

    distance : (n,) float32 in [0, 2], NaN where masked ; nearest : (n,) which of the anchors it is, -1 where masked
    """

    distance: FloatArray
    nearest: IntArray

    def median(self) -> float:
        """Of all sites that the model embeds."""
        return float(np.median(self.distance[self.nearest >= 0]))

    def largest(self) -> float:
        """Of the site that lies farthest from all anchors."""
        return float(np.max(self.distance[self.nearest >= 0]))

    def counts(self, n_anchors: int) -> IntArray:
        """(K,) to how many sites each anchor is the nearest, itself among them."""
        return np.bincount(self.nearest[self.nearest >= 0], minlength=n_anchors)


def nearest_anchor_distance(
    embedding: FloatArray, moments: Moments, anchor_rows: FloatArray, *, centre: bool = True
) -> FloatArray:
    """Euclidean distance in ê from each site to its nearest anchor, (n,) float32 in [0, 2], NaN where masked.

    anchor_rows : (K, d)
    """
    return coverage(embedding, moments, anchor_rows, centre=centre).distance


def coverage(embedding: FloatArray, moments: Moments, anchor_rows: FloatArray, *, centre: bool = True) -> Coverage:
    """The nearest anchor (K, d) of each site of an embedding (n, d), the first of equals, and its Euclidean distance in ê.

    For unit vectors it is √(2 - 2 cos); the nearest is found by the cosine, its distance taken from the
    difference, so that an anchor lies at 0 from itself.
    """
    distance, anchor = np.full(len(embedding), np.nan, dtype=np.float32), np.full(len(embedding), -1)
    transposed = anchor_rows.T.astype(np.float32)
    for rows in row_chunks(len(embedding)):
        unit = unit_rows(embedding[rows], moments, moments.rho[rows], centre=centre)
        used = np.isfinite(moments.rho[rows])
        nearest = np.argmax(unit[used].astype(np.float32) @ transposed, axis=1)
        anchor[rows][used] = nearest
        distance[rows][used] = np.linalg.norm(unit[used] - anchor_rows[nearest], axis=1)
    return Coverage(distance, anchor)


def coverage_by_element(distance: FloatArray, atomic_numbers: IntArray) -> dict[int, tuple[float, float]]:
    """Median and largest distance to the nearest anchor of each element with an embedded site, by atomic number."""
    known = np.isfinite(distance)
    summary = {}
    for number in np.unique(atomic_numbers[known]):
        values = distance[known & (atomic_numbers == number)]
        summary[int(number)] = (float(np.median(values)), float(values.max()))
    return summary
