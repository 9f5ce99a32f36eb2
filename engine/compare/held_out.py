"""Have models learned the periodic table? A property of each element, predicted from where the atoms of the others lie.

No frame is shared and nothing is lent: an element's centroid is the mean of its sites in one model, and a ridge that was
fitted on all other elements predicts its property. A model in which elements lie as in no order predicts nothing (R² of
0), however its maps look in a frame that other models shaped (SCIENCE section 2).
"""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

LEAST = 20  # sites that an element needs
STRENGTHS: FloatArray = 10.0 ** np.arange(-4, 2.5, 0.5)  # of the ridge; rows have unit mean square length


def element_centroids(
    features: FloatArray, atomic_numbers: IntArray, used: BoolArray, *, least: int = LEAST
) -> tuple[IntArray, FloatArray]:
    """The elements (E,) with enough sites, and the plain mean of each one's sites, (E, d).

    features : (n, d) ; used : (n,) the sites that count
    """
    known = used & np.isfinite(features).all(axis=1)
    found, count = np.unique(atomic_numbers[known], return_counts=True)
    found = found[count >= least]
    means = [features[known & (atomic_numbers == z)].astype(np.float64).mean(axis=0) for z in found]
    return found, np.array(means).reshape(len(found), features.shape[1])


def held_out_r2(centroids: FloatArray, values: FloatArray, strengths: FloatArray = STRENGTHS) -> float:
    """R² of values (E,) predicted for each element by a ridge on the others, against the mean of the others; of the
    strength that does best. Elements without a value (NaN) are left out; NaN where there are fewer than three.

    centroids : (E, d), centred and scaled here to unit mean square length
    """
    known = np.isfinite(values)
    y, n = values[known], int(known.sum())
    if n < 3 or np.ptp(y) == 0:
        return float("nan")
    rows = centroids[known] - centroids[known].mean(axis=0)
    length = np.sqrt(np.mean(np.sum(rows**2, axis=1)))
    if length == 0:
        return 0.0
    spread, axes = np.linalg.eigh(rows @ rows.T / length**2)
    spread = np.maximum(spread, 0.0)
    away = y - y.mean()
    least = min(float(np.sum(_left_out(away, spread / (spread + strength), axes) ** 2)) for strength in strengths)
    return 1 - least / float(np.sum((away * n / (n - 1)) ** 2))  # each less the mean of the others


def _left_out(away: FloatArray, shrink: FloatArray, axes: FloatArray) -> FloatArray:
    """(n,) errors of a linear fit with intercept that leaves each value out, from the fit to all and its leverages."""
    fitted = axes @ (shrink * (axes.T @ away))
    leverage = 1 / len(away) + (axes**2) @ shrink
    return np.asarray((away - fitted) / (1 - leverage))
