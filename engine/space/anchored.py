"""λ and agreement of one set of anchors, straight from the covariances of the features.

What `platonic_atlas.engine.space.anchor_blocks` tells of any choice among candidates needs the K × K block of every pair of
models. Of one set only their sums over the models that shape are needed, for the eigenproblems; the correlations along
the axes v follow from A_mᵀ v, (d, 2), without a K × K matrix. With K = 512 and nine models beside seven that is a tenth of the
memory and a fifth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.space.agreement import AXES, Spread, scaled_rows, shares
from platonic_atlas.engine.space.anchor_blocks import PLANE, Covariances
from platonic_atlas.engine.types import FloatArray


@dataclass(frozen=True)
class Anchored:
    """Models relative to K anchors. scaled : model -> A_m/√t_m (K, d) ; shaping : those that shape a frame"""

    covariances: Covariances
    scaled: Mapping[str, FloatArray]
    shaping: tuple[str, ...]

    @classmethod
    def of(
        cls, covariances: Covariances, rows: Mapping[str, FloatArray], spaces: Mapping[str, Spread], shaping: Sequence[str]
    ) -> Anchored:  # fmt: skip
        """rows : model -> (K, d) of the anchors, of the shaping models and of others that are read."""
        return cls(covariances, scaled_rows(rows, spaces, within=covariances.within), tuple(shaping))

    def shared(self, n: int = AXES) -> FloatArray:
        """λ of the first n axes; fewer where there are fewer anchors."""
        pairs, own = self._sums(self.covariances.whole)
        models = len(self.shaping)
        return shares(np.sum(pairs, axis=0) / models**2, np.sum(own, axis=0) / models, n)[0]

    def agreement(self, *, shaping: bool = True, others: bool = True) -> dict[str, FloatArray]:
        """Model -> (2,) how far it agrees with the shaping ones, each with the rest of them, as `agreement` defines it.

        shaping, others : whether the models that shape, and those that do not, are read ; NaN where nothing is left of a
        model, and on the second axis where there is one anchor
        """
        beside = [model for model in self.scaled if model not in self.shaping] if others else []
        read = [*(self.shaping if shaping else ()), *beside]
        found = {model: np.full((2, PLANE), np.nan) for model in read}
        for half, covariance in enumerate(self.covariances.halves):
            for model, axes in self._axes(covariance, self.shaping if shaping else (), bool(beside)).items():
                along = _Along(self, self.covariances.halves[1 - half], axes, model)
                for each in beside if model is None else (model,):
                    known = along.correlation(each)
                    found[each][half, : len(known)] = known
        return {model: np.asarray(both.mean(axis=0)) for model, both in found.items()}

    def _axes(
        self, covariance: FloatArray, without: Sequence[str], with_all: bool
    ) -> dict[str | None, FloatArray]:  # fmt: skip
        """Axes (K, 2) that are shaped without each of some models; of None those that all shape."""
        pairs, own = self._sums(covariance)
        n, common, each = len(self.shaping), np.sum(pairs, axis=0), np.sum(own, axis=0)
        found: dict[str | None, FloatArray] = {}
        if with_all:
            found[None] = shares(common / n**2, each / n, PLANE)[1]
        for model in without:
            m = self.shaping.index(model)
            others = common - pairs[m] - pairs[m].T + own[m]
            found[model] = shares(others / (n - 1) ** 2, (each - own[m]) / (n - 1), PLANE)[1]
        return found

    def _sums(self, covariance: FloatArray) -> tuple[list[FloatArray], list[FloatArray]]:
        """Of each shaping model the covariances (K, K) of all of them with it, summed, and its own."""
        columns = self.covariances.columns
        held = np.concatenate([np.arange(columns[model].start, columns[model].stop) for model in self.shaping])
        summed = np.hstack([self.scaled[model] for model in self.shaping]) @ covariance[np.ix_(held, held)]
        pairs, own, start = list[FloatArray](), list[FloatArray](), 0
        for model in self.shaping:
            rows, at = self.scaled[model], columns[model]
            pairs.append(summed[:, start : start + rows.shape[1]] @ rows.T)
            own.append(rows @ covariance[at, at] @ rows.T)
            start += rows.shape[1]
        return pairs, own


class _Along:
    """Correlations along axes (K, n) on one half, with the mean of the models that shaped them: all, or all but one."""

    def __init__(self, of: Anchored, covariance: FloatArray, axes: FloatArray, without: str | None) -> None:
        self._scaled, self._columns = of.scaled, of.covariances.columns
        self._covariance, self._axes = covariance, axes
        among = [model for model in of.shaping if model != without]
        self._mean = {model: of.scaled[model].T @ axes / len(among) for model in among}
        self._theirs = np.sum([np.sum(mean * self._moved(model), axis=0) for model, mean in self._mean.items()], axis=0)

    def _moved(self, model: str) -> FloatArray:
        """(d, n) the covariance of a model's rows with the mean; of blocks, for a copy of their columns took longest."""
        at = self._columns[model]
        return np.sum([self._covariance[at, self._columns[each]] @ mean for each, mean in self._mean.items()], axis=0)

    def correlation(self, model: str) -> FloatArray:
        """(n,) of a model; NaN where nothing is left of it or of them."""
        at, way = self._columns[model], self._scaled[model].T @ self._axes
        both, mine = (np.sum(way * moved, axis=0) for moved in (self._moved(model), self._covariance[at, at] @ way))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where((mine > 0) & (self._theirs > 0), both / np.sqrt(mine * self._theirs), np.nan)
