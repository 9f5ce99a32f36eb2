"""What any choice among some anchors makes models share: the agreement frame with the features left behind.

All that λ and agreement (`platonic_atlas.engine.space.agreement`) depend on are the covariances of the cosines to the
anchors, the K × K blocks A_a S_ab A_bᵀ of pairs of models, on each half of the structures and on both. They are taken
once for the candidates; of fewer anchors they are the same with rows and columns left out, and t_m is the sum over
those that stay of

    τ_mk = a_mk · (C_m a_mk),   a_mk the row of anchor k in model m and C_m the covariance of all its rows.

So leaving one out of K anchors costs eigenproblems of K - 1 rows and nothing that grows with the sites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from platonic_atlas.engine.space.agreement import AXES, Agreement, shares
from platonic_atlas.engine.space.cross import CrossMoments
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.types import FloatArray, IntArray

PLANE = 2  # axes along which agreement is told


@dataclass(frozen=True)
class Covariances:
    """Covariances of the rows of models side by side, once for all anchors.

    columns : model -> its columns among the D ; halves : (2, D, D) of each half of the structures ; whole : (D, D)
    """

    columns: Mapping[str, slice]
    halves: FloatArray
    whole: FloatArray
    within: bool

    @classmethod
    def of(cls, cross: CrossMoments, *, within: bool = False) -> Covariances:
        """Those that the sums of an atlas give; `within` with the mean of each element taken away."""
        halves = np.stack([cross.covariance([half], within=within) for half in (0, 1)])
        return cls(cross.columns, halves, cross.covariance(within=within), within)


@dataclass(frozen=True)
class AnchorBlocks:
    """Covariances of the cosines to N candidate anchors, in S models that shape and M - S others.

    models : the S shaping ones first ; between : (S, 2, S, N, N) A_a S_ab A_bᵀ of shaping a and b on each half
    beside : (S, 2, M - S, N, N) of shaping a and the others ; own : (2, M - S, N, N) of the others themselves
    whole : (S, S, N, N) on both halves ; spread : (M, N) the parts τ of t ; lengths : (M, N) |a|²
    """

    models: tuple[str, ...]
    between: FloatArray
    beside: FloatArray
    own: FloatArray
    whole: FloatArray
    spread: FloatArray
    lengths: FloatArray

    @property
    def n_shaping(self) -> int:
        """S, the number of models that shape."""
        return len(self.between)

    @property
    def n_anchors(self) -> int:
        """N, the number of candidates."""
        return self.spread.shape[1]

    def first(self, n: int) -> AnchorBlocks:
        """Of the first n candidates, without a copy."""
        return replace(
            self, between=self.between[..., :n, :n], beside=self.beside[..., :n, :n], own=self.own[..., :n, :n],
            whole=self.whole[..., :n, :n], spread=self.spread[:, :n], lengths=self.lengths[:, :n],
        )  # fmt: skip

    def without(self, anchor: int) -> IntArray:
        """(N - 1,) all candidates but one."""
        return np.delete(np.arange(self.n_anchors), anchor)

    def scale(self, kept: IntArray | None = None) -> FloatArray:
        """(M,) 1/√t of each model with some of the anchors, all where None; 0 where nothing is left to spread."""
        kept = np.arange(self.n_anchors) if kept is None else kept
        total, least = self.spread[:, kept].sum(axis=1), 1e-10 * self.lengths[:, kept].sum(axis=1)
        return np.where(total > least, 1 / np.sqrt(np.where(total > least, total, 1.0)), 0.0)

    def shared(self, kept: IntArray | None = None, n: int = AXES) -> FloatArray:
        """λ of the first n axes, with some of the anchors; fewer where there are fewer anchors."""
        scale = self.scale(kept)[: self.n_shaping]
        common = np.tensordot(np.outer(scale, scale), self.whole, axes=2) / self.n_shaping**2
        each = np.einsum("a,aakl->kl", scale**2 / self.n_shaping, self.whole)
        return shares(_of(common, kept), _of(each, kept), n)[0]

    def agreement(
        self, kept: IntArray | None = None, *, shaping: bool = True, others: bool = True
    ) -> dict[str, FloatArray]:
        """Model -> (2,) how far it agrees with the shaping ones, each with the rest of them, as `agreement` defines it.

        kept : (K,) which of the candidates are the anchors, all where None ; shaping, others : whether the models that
        shape, and those that do not, are read ; NaN where nothing is left of a model, and on the second axis where there
        is one anchor
        """
        n, scale = self.n_shaping, self.scale(kept)
        # summed over the models before anything is left out: rows and columns are then copied once a model
        pairs = _weighted(scale[:n], self.between, scale[:n], kept)
        own = _of(np.einsum("ahakl->hakl", self.between), kept) * (scale[:n] ** 2)[:, None, None]
        common, each = pairs.sum(axis=1), own.sum(axis=1)
        found = {}
        for m, model in enumerate(self.models[:n] if shaping else ()):
            with_it = pairs[:, m] - own[:, m]  # (2, K, K) of the others with this one
            others_common = common - with_it - with_it.transpose(0, 2, 1) - own[:, m]
            axes = _axes(others_common, each - own[:, m], n - 1)
            found[model] = _read(axes, others_common, with_it, own[:, m], n - 1)
        if others and len(self.models) > n:
            axes = _axes(common, each, n)
            pairs = _weighted(scale[:n], self.beside, scale[n:], kept)
            own = _of(self.own, kept) * (scale[n:] ** 2)[:, None, None]
            for m, model in enumerate(self.models[n:]):
                found[model] = _read(axes, common, pairs[:, m], own[:, m], n)
        return found

    def measured(self, kept: IntArray | None = None) -> Agreement:
        """λ and agreement with some of the anchors, all where None."""
        return Agreement(self.models[: self.n_shaping], self.shared(kept), self.agreement(kept))


def agreement_of(
    groups: Sequence[AnchorBlocks], kept: IntArray | None = None, *, others: bool = True
) -> dict[str, FloatArray]:
    """Model -> (2,) of groups of models that are read on different sites, as `AnchorBlocks.agreement` tells them.

    groups : the first one tells of the shaping models ; others : also the models that do not shape
    """
    found = groups[0].agreement(kept, others=others)
    for group in groups[1:] if others else ():
        found |= group.agreement(kept, shaping=False)
    return found


def mean_agreement(agreement: Mapping[str, FloatArray], models: Sequence[str]) -> float:
    """Mean over some models and both axes of what is known of them; NaN where nothing is."""
    values = np.array([agreement[model] for model in models if model in agreement]).ravel()
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def anchor_blocks(
    covariances: Covariances, rows: Mapping[str, FloatArray], spaces: Mapping[str, ModelSpace], shaping: Sequence[str],
    others: Sequence[str] = (),
) -> AnchorBlocks:  # fmt: skip
    """The blocks of candidate anchors: K × d × d work for each pair of a shaping and any model, whatever the sites.

    rows : model -> (N, d) rows of the candidates ; others : models that are read and do not shape
    """
    models, n = (*shaping, *others), len(rows[next(iter(shaping))])
    between, whole = np.empty((len(shaping), 2, len(shaping), n, n)), np.empty((len(shaping), len(shaping), n, n))
    beside, own = np.empty((len(shaping), 2, len(others), n, n)), np.empty((2, len(others), n, n))
    for a, left in enumerate(shaping):
        for b, right in enumerate(shaping[: a + 1]):
            for half, covariance in enumerate(covariances.halves):
                between[a, half, b] = _block(covariance, covariances.columns, rows, left, right)
                between[b, half, a] = between[a, half, b].T
            whole[a, b] = _block(covariances.whole, covariances.columns, rows, left, right)
            whole[b, a] = whole[a, b].T
    for half, covariance in enumerate(covariances.halves):
        for b, right in enumerate(others):
            own[half, b] = _block(covariance, covariances.columns, rows, right, right)
            for a, left in enumerate(shaping):
                beside[a, half, b] = _block(covariance, covariances.columns, rows, left, right)
    spread = np.stack([_spread(rows[model], spaces[model], covariances.within) for model in models])
    lengths = np.stack([np.einsum("kd,kd->k", rows[model], rows[model]) for model in models])
    return AnchorBlocks(models, between, beside, own, whole, spread, lengths)


def _block(
    covariance: FloatArray, columns: Mapping[str, slice], rows: Mapping[str, FloatArray], left: str, right: str
) -> FloatArray:
    """(N, N) A_a S_ab A_bᵀ of two models."""
    return np.asarray(rows[left] @ covariance[columns[left], columns[right]] @ rows[right].T)


def _spread(rows: FloatArray, space: ModelSpace, within: bool) -> FloatArray:
    """τ (N,) of each anchor."""
    return np.asarray(np.einsum("kd,kd->k", rows @ (space.within if within else space.second), rows))


def _of(blocks: FloatArray, kept: IntArray | None) -> FloatArray:
    """(…, K, K) of (…, N, N): the rows and columns of the anchors that stay."""
    return blocks if kept is None else blocks[..., kept[:, None], kept]


def _weighted(left: FloatArray, blocks: FloatArray, right: FloatArray, kept: IntArray | None) -> FloatArray:
    """(2, B, K, K) Σ_a left_a right_b of the blocks (A, 2, B, N, N)."""
    summed: FloatArray = np.tensordot(left, blocks, axes=(0, 0))
    return _of(summed, kept) * right[:, None, None]


def _axes(common: FloatArray, each: FloatArray, n: int) -> list[FloatArray]:
    """Axes (K, 2) shaped on each half by n models.

    common : (2, K, K) Σ_ab of their covariances ; each : (2, K, K) Σ_a of their own
    """
    return [shares(common[half] / n**2, each[half] / n, PLANE)[1] for half in (0, 1)]


def _read(axes: Sequence[FloatArray], common: FloatArray, with_it: FloatArray, own: FloatArray, n: int) -> FloatArray:
    """(2,) correlation of a model with the mean of n others, along axes shaped on one half and read on the other.

    axes : shaped on each half ; common : as `_axes` takes it ; with_it : (2, K, K) of each other with the model, summed
    own : (2, K, K) of the model
    """
    found = np.full((2, PLANE), np.nan)
    for half, shaped in enumerate(axes):
        read = 1 - half
        both, mine, theirs = (
            np.sum(shaped * (block @ shaped), axis=0) for block in (with_it[read] / n, own[read], common[read] / n**2)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            known = (mine > 0) & (theirs > 0)
            found[half, : shaped.shape[1]] = np.where(known, both / np.sqrt(mine * theirs), np.nan)
    return np.asarray(found.mean(axis=0))
