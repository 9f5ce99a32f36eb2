"""What a translation is worth: explained variance with and without element means, retrieval, intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.types import FloatArray, IntArray

LEFT_OVER = 1e-9  # of the largest feature: less is rounding
SMALLEST_VARIANCE = 1e-12  # of the raw variance: below it nothing is left to explain


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
        sums = np.zeros((len(numbers), features.shape[1]))
        np.add.at(sums, element, features)
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


def r2(true: FloatArray, predicted: FloatArray, train_mean: FloatArray) -> float:
    """1 - Σ|y - ŷ|² / Σ|y - ȳ_train|² over rows (n, d); NaN where the target does not vary."""
    spread = float(np.sum((true - train_mean) ** 2))
    if spread <= SMALLEST_VARIANCE * float(np.sum(true**2)) or spread == 0.0:
        return float("nan")
    return 1.0 - float(np.sum((true - predicted) ** 2)) / spread


def retrieval(
    translated: FloatArray, true: FloatArray, atomic_numbers: IntArray, structure: IntArray
) -> dict[str, float]:
    """Shares of test sites whose nearest true places (cosine, mean of the true rows removed) are the right ones.

    translated, true : (n, d) of the same n test sites
    atom_at_1, atom_at_5 : the same site is the nearest, or among the five nearest; element_at_1, structure_at_1 : the
    nearest is of the same element or structure
    """
    centre = true.mean(axis=0)
    nearest = _nearest(translated - centre, true - centre, 5)
    own = np.arange(len(true))
    return {
        "atom_at_1": float(np.mean(nearest[:, 0] == own)),
        "atom_at_5": float(np.mean((nearest == own[:, None]).any(axis=1))),
        "element_at_1": float(np.mean(atomic_numbers[nearest[:, 0]] == atomic_numbers)),
        "structure_at_1": float(np.mean(structure[nearest[:, 0]] == structure)),
    }


def _nearest(queries: FloatArray, candidates: FloatArray, k: int) -> IntArray:
    """(n, k) rows of the candidates with the largest cosine to each query, best first."""
    unit = candidates / np.maximum(np.linalg.norm(candidates, axis=1, keepdims=True), 1e-300)
    k = min(k, len(unit))
    found = np.empty((len(queries), k), dtype=np.int64)
    for start in range(0, len(queries), 1024):  # a block of cosines at a time: n × n would not fit
        cosines = queries[start : start + 1024] @ unit.T
        best = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1, kind="stable")
        found[start : start + 1024] = np.take_along_axis(best, order, axis=1)
    return found


def bootstrap_interval(
    statistic: Callable[[IntArray], float],
    structure: IntArray,
    *,
    n_draws: int = 200,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of a statistic over structures drawn with replacement.

    statistic : rows (m,) -> number ; structure : (n,) the structure of each row
    """
    _, group = np.unique(structure, return_inverse=True)
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(group))[:-1])
    rng = np.random.default_rng(seed)
    draws = [
        statistic(np.concatenate([parts[i] for i in rng.integers(0, len(parts), len(parts))])) for _ in range(n_draws)
    ]
    edge = 50 * (1 - level)
    low, high = np.nanpercentile(draws, [edge, 100 - edge])
    return float(low), float(high)
