"""What a stitch looks like: the source, the source translated, and the target, in two dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.stitching.splits import Split
from platonic_atlas.engine.types import BoolArray, FloatArray


@dataclass(frozen=True)
class Picture:
    """Places of the n sites that both models embed, scaled so that the middle 99.5 % of a map fill -1 … 1.

    source : (n, 2) on the principal axes of the source ; translated, target : (n, 2), both on those of the target
    length : (n,) distance of translated and true features, relative to the target's root mean square spread
    test : (n,) sites of structures that the fit never saw
    """

    source: FloatArray
    translated: FloatArray
    target: FloatArray
    length: FloatArray
    test: BoolArray


def picture(source: FloatArray, translated: FloatArray, target: FloatArray, split: Split) -> Picture:
    """Draw features source (n, d_a), translated and target (n, d_b)."""
    centre, axes = principal_axes(target)
    spread = float(np.sqrt(((target - centre) ** 2).sum(axis=1).mean())) or 1.0
    shown = (target - centre) @ axes
    middle, reach = window(shown)
    own_centre, own_axes = principal_axes(source)
    own = (source - own_centre) @ own_axes
    own_middle, own_reach = window(own)
    return Picture(
        ((own - own_middle) / own_reach).astype(np.float32),
        (((translated - centre) @ axes - middle) / reach).astype(np.float32),
        ((shown - middle) / reach).astype(np.float32),
        (np.linalg.norm(translated - target, axis=1) / spread).astype(np.float32),
        split.test,
    )


def principal_axes(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean (d,) and the two axes (d, 2) of largest variance, each with its largest component positive."""
    centre = rows.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov((rows - centre).T))
    axes = vectors[:, ::-1][:, :2]
    sign = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return centre, axes * np.where(sign == 0, 1, sign)


def window(places: FloatArray) -> tuple[FloatArray, float]:
    """Middle (2,) and half width of the middle 99.5 % of places (n, 2)."""
    low, high = np.percentile(places, [0.25, 99.75], axis=0)
    return (low + high) / 2, float((high - low).max() / 2) or 1.0
