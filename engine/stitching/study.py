"""Scores of a translation over splits by structure, with the controls that say what they mean (SCIENCE section 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.stitching.outliers import far_off
from engine.stitching.scores import ElementMeans, bootstrap_interval, leaves_something, r2, retrieval
from engine.stitching.splits import N_SPLITS, Split, split_by_structure
from engine.stitching.translators import fit_direct
from engine.types import BoolArray, FloatArray, IntArray

Translation = Callable[[Split], FloatArray]
Progress = Callable[[float], None]


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
        return cls(source[rows].astype(np.float64), target[rows].astype(np.float64), numbers[rows], structure[rows], n, rows)

    def split(self, seed: int) -> Split:
        return split_by_structure(self.structure, self.n_structures, seed)


def direct_translation(pair: Pair, method: str, split: Split) -> FloatArray:
    """(n, d_b): the source translated by a map that was fitted on the training sites."""
    train = split.train
    return fit_direct(method, pair.source[train], pair.target[train])(pair.source)  # type: ignore[arg-type]


def without_element_means(features: FloatArray, numbers: IntArray, train: BoolArray) -> FloatArray:
    """(n, d) less the training set's mean of each atom's element."""
    return features - ElementMeans.of(features[train], numbers[train]).rows(numbers)


def direct_scores(pair: Pair, method: str, split: Split) -> dict[str, float]:
    """`r2` (element means removed before the fit), `r2_raw` and retrieval of one split."""
    moved = direct_translation(pair, method, split)
    return {"r2": within_elements_r2(pair, method, split), **raw_scores(pair, moved, split)}


def within_elements_r2(pair: Pair, method: str, split: Split) -> float:
    """`r2` of one split: the training set's element means are taken from source and target before the fit."""
    source = without_element_means(pair.source, pair.numbers, split.train)
    target = without_element_means(pair.target, pair.numbers, split.train)
    bare = replace(pair, source=source, target=target)
    return _r2_of(bare, direct_translation(bare, method, split), split, of=pair.target)


def given_scores(pair: Pair, translate: Translation, split: Split) -> dict[str, float]:
    """The same for a translation that was not fitted on pairs: element means are removed from true and translated."""
    moved = translate(split)
    return {"r2": given_r2(pair, moved, split), **raw_scores(pair, moved, split)}


def given_r2(pair: Pair, moved: FloatArray, split: Split) -> float:
    """`r2` of translated features (n, d_b): the target's element means are taken from true and translated."""
    means = ElementMeans.of(pair.target[split.train], pair.numbers[split.train]).rows(pair.numbers)
    bare = replace(pair, target=pair.target - means)
    return _r2_of(bare, moved - means, split, of=pair.target)


def raw_scores(pair: Pair, moved: FloatArray, split: Split) -> dict[str, float]:
    """`r2_raw` and retrieval of translated features (n, d_b) over the test sites."""
    found = retrieval(moved[split.test], pair.target[split.test], pair.numbers[split.test], pair.structure[split.test])
    return {"r2_raw": _r2_of(pair, moved, split, of=pair.target), **found}


def _r2_of(pair: Pair, moved: FloatArray, split: Split, *, of: FloatArray) -> float:
    """r² over the test sites; NaN where what is left of the target is rounding of the whole."""
    if not leaves_something(pair.target[split.test], of):
        return float("nan")
    return r2(pair.target[split.test], moved[split.test], pair.target[split.train].mean(axis=0))


def shuffled(pair: Pair, split: Split) -> Pair:
    """The control that knows no pairing: the training rows of the source in another order."""
    rows = np.arange(len(pair.source))
    rows[split.train] = np.random.default_rng(split.seed).permutation(rows[split.train])
    return replace(pair, source=pair.source[rows])


def element_mean_scores(pair: Pair, split: Split) -> dict[str, float]:
    """The control that knows the element only: every site is put at the training mean of its element in the target."""
    means = ElementMeans.of(pair.target[split.train], pair.numbers[split.train]).rows(pair.numbers)
    return {"r2": 0.0, **raw_scores(pair, means, split)}


def over_splits(score: Callable[[Split], Mapping[str, float]], pair: Pair, progress: Progress | None = None,
                n_splits: int = N_SPLITS) -> dict[str, list[float]]:  # fmt: skip
    """Name of a score -> its values over the splits with seeds 0 … n_splits - 1."""
    values: dict[str, list[float]] = {}
    for seed in range(n_splits):
        for name, value in score(pair.split(seed)).items():
            values.setdefault(name, []).append(value)
        if progress is not None:
            progress((seed + 1) / n_splits)
    return values


def summary(values: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float | list[float]]]:
    """Name -> mean and range over the splits; NaN where nothing was left to explain."""
    return {
        name: {"mean": float(np.mean(given)), "range": [float(np.min(given)), float(np.max(given))]}
        for name, given in values.items()
    }


def r2_interval(pair: Pair, method: str, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval over the test structures of `r2` in one split."""
    split = pair.split(seed)
    source = without_element_means(pair.source, pair.numbers, split.train)
    target = without_element_means(pair.target, pair.numbers, split.train)
    bare = replace(pair, source=source, target=target)
    moved = direct_translation(bare, method, split)
    test = np.flatnonzero(split.test)
    mean = target[split.train].mean(axis=0)
    error = ((target - moved) ** 2).sum(axis=1)[test]
    spread = ((target - mean) ** 2).sum(axis=1)[test]

    def statistic(rows: IntArray) -> float:
        total = float(spread[rows].sum())
        return 1.0 - float(error[rows].sum()) / total if total > 0 else float("nan")

    return bootstrap_interval(statistic, pair.structure[test])


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
