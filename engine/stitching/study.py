"""Scores of a translation over splits by structure, with the controls that say what they mean (SCIENCE section 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.stitching.outliers import far_off
from platonic_atlas.engine.stitching.scores import ElementMeans, Ratio, leaves_something, r2_ratio, retrieval
from platonic_atlas.engine.stitching.splits import N_SPLITS, Split, split_by_structure
from platonic_atlas.engine.stitching.translators import fit_direct
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

Translation = Callable[[Split], FloatArray]


@dataclass(frozen=True)
class Pair:
    """The sites that both models embed.

    source : (n, d_a) ; target : (n, d_b) ; numbers, structure : (n,) ; n_structures : of the whole atlas
    sites : (n,) rows of the atlas
    """

    source: FloatArray
    target: FloatArray
    numbers: IntArray
    structure: IntArray
    n_structures: int
    sites: IntArray

    @classmethod
    def of(
        cls, source: FloatArray, target: FloatArray, numbers: IntArray, structure: IntArray, n: int, *, far: bool = True
    ) -> Pair:  # fmt: skip
        """Keep the rows that are finite in both, and unless `far` none that one of them throws far off; float64."""
        kept = np.isfinite(source).all(axis=1) & np.isfinite(target).all(axis=1)
        if not far:
            kept &= ~far_off(source) & ~far_off(target)
        rows = np.flatnonzero(kept)
        return cls(
            source[rows].astype(np.float64), target[rows].astype(np.float64), numbers[rows], structure[rows], n, rows
        )

    def split(self, seed: int) -> Split:
        return split_by_structure(self.structure, self.n_structures, seed)


def direct_translation(pair: Pair, method: str, split: Split) -> FloatArray:
    """(n, d_b): the source translated by a map that was fitted on the training sites."""
    train = split.train
    return fit_direct(method, pair.source[train], pair.target[train])(pair.source)  # type: ignore[arg-type]


def without_element_means(features: FloatArray, numbers: IntArray, train: BoolArray) -> FloatArray:
    """(n, d) less the training set's mean of each atom's element."""
    return features - ElementMeans.of(features[train], numbers[train]).rows(numbers)


def direct_scores(pair: Pair, method: str, split: Split) -> dict[str, Ratio]:
    """`r2` (element means removed before the fit), `r2_raw` and retrieval of one split."""
    moved = direct_translation(pair, method, split)
    return {"r2": within_elements_r2(pair, method, split), **raw_scores(pair, moved, split)}


def within_elements_r2(pair: Pair, method: str, split: Split) -> Ratio:
    """`r2` of one split: the training set's element means are taken from source and target before the fit."""
    source = without_element_means(pair.source, pair.numbers, split.train)
    target = without_element_means(pair.target, pair.numbers, split.train)
    bare = replace(pair, source=source, target=target)
    return _r2_of(bare, direct_translation(bare, method, split), split, of=pair.target)


def given_scores(pair: Pair, translate: Translation, split: Split) -> dict[str, Ratio]:
    """The same for a translation that was not fitted on pairs: element means are removed from true and translated."""
    moved = translate(split)
    return {"r2": given_r2(pair, moved, split), **raw_scores(pair, moved, split)}


def given_r2(pair: Pair, moved: FloatArray, split: Split) -> Ratio:
    """`r2` of translated features (n, d_b): the target's element means are taken from true and translated."""
    means = ElementMeans.of(pair.target[split.train], pair.numbers[split.train]).rows(pair.numbers)
    bare = replace(pair, target=pair.target - means)
    return _r2_of(bare, moved - means, split, of=pair.target)


def raw_scores(pair: Pair, moved: FloatArray, split: Split) -> dict[str, Ratio]:
    """`r2_raw` and retrieval of translated features (n, d_b) over the test sites."""
    found = retrieval(moved[split.test], pair.target[split.test], pair.numbers[split.test], pair.structure[split.test])
    return {"r2_raw": _r2_of(pair, moved, split, of=pair.target), **found}


def _r2_of(pair: Pair, moved: FloatArray, split: Split, *, of: FloatArray) -> Ratio:
    """r² over the test sites; NaN where what is left of the target is rounding of the whole."""
    structure, true = pair.structure[split.test], pair.target[split.test]
    if not leaves_something(true, of):
        return Ratio(np.zeros(len(true)), np.zeros(len(true)), structure, complement=True)
    return r2_ratio(true, moved[split.test], pair.target[split.train].mean(axis=0), structure)


def shuffled(pair: Pair, split: Split) -> Pair:
    """The control that knows no pairing: the training rows of the source in another order."""
    rows = np.arange(len(pair.source))
    rows[split.train] = np.random.default_rng(split.seed).permutation(rows[split.train])
    return replace(pair, source=pair.source[rows])


def element_mean_scores(pair: Pair, split: Split) -> dict[str, Ratio]:
    """The control that knows the element only: every site is put at the training mean of its element in the target."""
    return given_scores(pair, lambda _: element_means(pair, split), split)


def element_means(pair: Pair, split: Split) -> FloatArray:
    """(n, d_b) the training mean of each site's element in the target."""
    return ElementMeans.of(pair.target[split.train], pair.numbers[split.train]).rows(pair.numbers)


@dataclass(frozen=True)
class Scored:
    """A score over the splits.

    values : one a split ; interval : 95 %, bootstrap over the test structures of the first split
    """

    values: tuple[float, ...]
    interval: tuple[float, float]

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def range(self) -> tuple[float, float]:
        return float(np.min(self.values)), float(np.max(self.values))


def over_splits(score: Callable[[Split], Mapping[str, Ratio]], pair: Pair, progress: Progress = silent,
                n_splits: int = N_SPLITS) -> dict[str, Scored]:  # fmt: skip
    """Name of a score -> what it is over the splits with seeds 0 … n_splits - 1."""
    values: dict[str, list[float]] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for seed in range(n_splits):
        for name, ratio in score(pair.split(seed)).items():
            values.setdefault(name, []).append(ratio.value)
            intervals[name] = intervals[name] if seed else ratio.interval()
        progress("splits", seed + 1, n_splits)
    return {name: Scored(tuple(given), intervals[name]) for name, given in values.items()}


def by_element(pair: Pair, moved: FloatArray, split: Split) -> dict[int, float]:
    """Atomic number -> root mean square error of the test sites relative to the target's spread."""
    error = ((pair.target - moved) ** 2).sum(axis=1)[split.test]
    spread = np.sqrt(((pair.target - pair.target[split.train].mean(axis=0)) ** 2).sum(axis=1)[split.test].mean())
    numbers = pair.numbers[split.test]
    return {int(z): float(np.sqrt(error[numbers == z].mean()) / spread) for z in np.unique(numbers)}


def worst_structures(pair: Pair, moved: FloatArray, split: Split, n: int = 12) -> list[tuple[int, float]]:
    """The structures of the test set with the largest mean error of their sites relative to the target's spread."""
    error = np.sqrt(((pair.target - moved) ** 2).sum(axis=1)[split.test])
    spread = np.sqrt(((pair.target - pair.target[split.train].mean(axis=0)) ** 2).sum(axis=1)[split.test].mean())
    crystals, place = np.unique(pair.structure[split.test], return_inverse=True)
    mean = np.bincount(place, error) / np.bincount(place) / spread
    return [(int(crystals[i]), float(mean[i])) for i in np.argsort(-mean)[:n]]
