"""Sites beyond what a map shows, as marks at its edge that point to where they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platonic_atlas.dashboard.atlas.layouts import Extent
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

INSET = 0.02  # of the longer side: a mark is not cut by the edge
STEPS = 80  # along the longer side: marks that would lie on one another are drawn once


@dataclass(frozen=True)
class Beyond:
    """Marks of one map.

    sites : (n,) one of those that each mark stands for ; points : (n, 2) on the edge
    angles : (n,) [rad] of the direction outwards, counted from straight up against the clock
    """

    sites: IntArray
    points: FloatArray
    angles: FloatArray


def lie_beyond(places: FloatArray, extent: Extent) -> BoolArray:
    """(n_sites,) which sites lie outside of x0, x1, y0, y1; those that lie nowhere do not."""
    low, high = np.array(extent[0::2]), np.array(extent[1::2])
    return np.asarray(((places < low) | (places > high)).any(axis=1))


def beyond(places: FloatArray, extent: Extent) -> Beyond:
    """Marks for the sites of a map outside of x0, x1, y0, y1.

    places : (n_sites, 2), NaN rows lie nowhere
    """
    low, high = np.array(extent[0::2]), np.array(extent[1::2])
    outside = np.flatnonzero(lie_beyond(places, extent))
    far = places[outside].astype(np.float64)
    inset = INSET * float((high - low).max())
    points = np.clip(far, low + inset, high - inset)
    _, first = np.unique(np.round(points / (high - low).max() * STEPS), axis=0, return_index=True)
    away = (far - points)[first]
    return Beyond(outside[first], points[first], np.arctan2(away[:, 1], away[:, 0]) - np.pi / 2)
