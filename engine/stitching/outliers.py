"""Sites that a model throws far from all others, whose squares would decide every score."""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.types import BoolArray, FloatArray

FAR = 10.0  # median distances from the middle; of the default atlas' 9,501 sites, 10 lie beyond it in some model


def far_off(features: FloatArray, factor: float = FAR) -> BoolArray:
    """(n,) sites farther from the median of a model's features (n, d) than `factor` times the median distance.

    A network may throw a structure unlike its training set far out (MACE-MP-0 small: an atom of compressed H3S by 140
    median distances). Squares of such a site outweigh those of all others, so that r² says where it fell in a split.
    """
    known = np.isfinite(features).all(axis=1)
    far = np.zeros(len(features), dtype=bool)
    if known.any():
        rows = features[known].astype(np.float64)
        distance = np.linalg.norm(rows - np.median(rows, axis=0), axis=1)
        far[known] = distance > factor * np.median(distance)
    return far
