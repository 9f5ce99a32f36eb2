"""How a score grows with what the fit is given: paired sites, or anchors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from platonic_atlas.engine.stitching.splits import N_SPLITS, Split
from platonic_atlas.engine.stitching.study import Pair, given_r2, within_elements_r2
from platonic_atlas.engine.types import FloatArray, IntArray

SHARES = (0.01, 0.03, 0.1, 0.3, 1.0)  # of the training structures
SMALLEST = 10  # training sites; fewer are no fit

TranslateBy = Callable[[Split, IntArray], FloatArray]


@dataclass(frozen=True)
class Point:
    """The mean of `r2` and its range at one size: training sites (mean over the splits), or anchors."""

    n: int
    mean: float
    low: float
    high: float


def pairs_curve(pair: Pair, method: str, shares: Sequence[float] = SHARES, n_splits: int = N_SPLITS) -> list[Point]:
    """`r2` of a direct method fitted on the sites of ever more training structures, scored on the same test sites."""
    points = []
    for share in shares:
        splits = [_fewer(pair, pair.split(seed), share) for seed in range(n_splits)]
        if min(int(split.train.sum()) for split in splits) < SMALLEST:
            continue
        values = [within_elements_r2(pair, method, split).value for split in splits]
        points.append(_point(float(np.mean([split.train.sum() for split in splits])), values))
    return points


def anchors_curve(pair: Pair, translate: TranslateBy, n_anchors: int, n_draws: int = N_SPLITS) -> list[Point]:
    """`r2` through ever more anchors, drawn at random out of those there are; the range is over the draws.

    translate : (split, which anchors) -> features of B (n, d)
    """
    sizes = [size for size in (8, 16, 32, 64, 128, 256, 512, 1024) if size < n_anchors] + [n_anchors]
    points = []
    for size in sizes:
        values = []
        for seed in range(n_draws):
            drawn = np.sort(np.random.default_rng(seed).permutation(n_anchors)[:size])
            split = pair.split(seed)
            values.append(given_r2(pair, translate(split, drawn), split).value)
        points.append(_point(size, values))
    return points


def _fewer(pair: Pair, split: Split, share: float) -> Split:
    """The same test sites, and a share of the training structures (a fixed order a split: each size holds the last)."""
    structures = np.unique(pair.structure[split.train])
    order = np.random.default_rng(split.seed).permutation(structures)
    kept = order[: max(1, round(share * len(order)))]
    return replace(split, train=split.train & np.isin(pair.structure, kept))


def _point(n: float, values: Sequence[float]) -> Point:
    return Point(round(n), float(np.mean(values)), float(np.min(values)), float(np.max(values)))
