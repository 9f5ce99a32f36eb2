"""What a translation is worth: explained variance with and without element means, retrieval, intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.types import FloatArray, IntArray

LEFT_OVER = 1e-9  # of the largest feature: less is rounding
SMALLEST_VARIANCE = 1e-12  # of the raw variance: below it nothing is left to explain
N_DRAWS = 1000  # of structures, for an interval


@dataclass(frozen=True)
class ElementMeans:
    """Mean features of each element in the training set; an element absent from it takes the global mean.

    numbers : (n_elements,) sorted atomic numbers ; means : (n_elements + 1, d), the global mean last
    """

    numbers: IntArray
    means: FloatArray

    @classmethod
    def of(cls, features: FloatArray, atomic_numbers: IntArray) -> ElementMeans:
        """Means over training rows (n, d)."""
        numbers, element, counts = np.unique(atomic_numbers, return_inverse=True, return_counts=True)
        order = np.argsort(element, kind="stable")  # one pass over sorted rows: np.add.at takes six times as long
        sums = np.add.reduceat(features[order], np.cumsum(counts) - counts, axis=0)
        return cls(numbers, np.vstack([sums / counts[:, None], features.mean(axis=0)]))

    def rows(self, atomic_numbers: IntArray) -> FloatArray:
        """(n, d) the mean of each atom's element."""
        place = np.searchsorted(self.numbers, atomic_numbers)
        known = (place < len(self.numbers)) & (self.numbers[np.minimum(place, len(self.numbers) - 1)] == atomic_numbers)
        means: FloatArray = self.means[np.where(known, place, len(self.numbers))]
        return means


def leaves_something(left: FloatArray, whole: FloatArray) -> bool:
    """Whether what is left of a target without its element means is more than rounding of the whole."""
    return bool(np.abs(left).max(initial=0.0) > LEFT_OVER * np.abs(whole).max(initial=0.0))


@dataclass(frozen=True)
class Ratio:
    """A score that is a ratio of sums over test rows, which is all that a bootstrap needs to know of it.

    part, whole : (n,) ; structure : (n,) the structure of each row
    complement : the score is 1 - Σ part / Σ whole (r²), else Σ part / Σ whole (a share, a mean error)
    """

    part: FloatArray
    whole: FloatArray
    structure: IntArray
    complement: bool = False

    @property
    def value(self) -> float:
        """NaN where the whole is nothing."""
        return float(self._of(self.part.sum(), self.whole.sum()))

    def interval(self, *, n_draws: int = N_DRAWS, seed: int = 0, level: float = 0.95) -> tuple[float, float]:
        """Percentile bootstrap interval over structures drawn with replacement; NaN where the score is."""
        if not np.isfinite(self.value):
            return (float("nan"), float("nan"))
        _, group = np.unique(self.structure, return_inverse=True)
        parts, wholes = np.bincount(group, self.part), np.bincount(group, self.whole)
        drawn = np.random.default_rng(seed).integers(0, len(parts), (n_draws, len(parts)))
        edge = 50 * (1 - level)
        low, high = np.nanpercentile(self._of(parts[drawn].sum(axis=1), wholes[drawn].sum(axis=1)), [edge, 100 - edge])
        return float(low), float(high)

    def _of(self, part: FloatArray, whole: FloatArray) -> FloatArray:
        ratio = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
        return 1.0 - ratio if self.complement else ratio


def mean_of(values: FloatArray, structure: IntArray) -> Ratio:
    """A mean over rows (n,), as a share of hits or a mean absolute error is."""
    return Ratio(np.asarray(values, dtype=np.float64), np.ones(len(values)), structure)


def values_of(scores: Mapping[str, Ratio]) -> dict[str, float]:
    return {name: ratio.value for name, ratio in scores.items()}


def r2(true: FloatArray, predicted: FloatArray, train_mean: FloatArray) -> float:
    """1 - Σ|y - ŷ|² / Σ|y - ȳ_train|² over rows (n, d); NaN where the target does not vary."""
    return r2_ratio(true, predicted, train_mean, np.arange(len(true))).value


def r2_ratio(true: FloatArray, predicted: FloatArray, train_mean: FloatArray, structure: IntArray) -> Ratio:
    """`r2` with what its bootstrap needs; structure : (n,)"""
    spread = ((true - train_mean) ** 2).sum(axis=1)
    if float(spread.sum()) <= SMALLEST_VARIANCE * float(np.sum(true**2)):
        spread = np.zeros(len(true))
    return Ratio(((true - predicted) ** 2).sum(axis=1), spread, structure, complement=True)


def retrieval(
    translated: FloatArray, true: FloatArray, atomic_numbers: IntArray, structure: IntArray
) -> dict[str, Ratio]:
    """Shares of test sites whose nearest true places (cosine, mean of the true rows removed) are the right ones.

    translated, true : (n, d) of the same n test sites
    atom_at_1, atom_at_5 : the same site is the nearest, or among the five nearest; element_at_1, element_at_5,
    structure_at_1, structure_at_5 : the nearest, or one of five, is of the same element or structure
    """
    centre = true.mean(axis=0)
    nearest = nearest_by_cosine(translated - centre, true - centre, 5)
    named = {"atom": np.arange(len(true)), "element": atomic_numbers, "structure": structure}
    found: dict[str, Ratio] = {}
    for name, values in named.items():
        right = values[nearest] == values[:, None]
        found |= {
            f"{name}_at_1": mean_of(right[:, 0], structure),
            f"{name}_at_5": mean_of(right.any(axis=1), structure),
        }
    return found


def nearest_by_cosine(
    queries: FloatArray, candidates: FloatArray, k: int = 1, excluded: IntArray | None = None
) -> IntArray:
    """(n, k) rows of the candidates (m, d) with the largest cosine to each query (n, d), best first.

    excluded : (n, e) candidates that a query must not name
    """
    unit = candidates / np.maximum(np.linalg.norm(candidates, axis=1, keepdims=True), 1e-300)
    found = np.empty((len(queries), min(k, len(unit))), dtype=np.int64)
    for start in range(0, len(queries), 1024):  # a block of cosines at a time: n × n would not fit
        rows = slice(start, start + 1024)
        cosines = queries[rows] @ unit.T
        if excluded is not None:
            np.put_along_axis(cosines, excluded[rows], -np.inf, axis=1)
        found[rows] = _largest(cosines, found.shape[1])
    return found


def _largest(values: FloatArray, k: int) -> IntArray:
    """(n, k) columns of the largest values (n, m) of each row, the largest first."""
    if k == 1:  # eight times as fast as a partition, and what a matrix of all pairs asks for
        return np.argmax(values, axis=1)[:, None]
    best = np.argpartition(-values, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(values, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)
