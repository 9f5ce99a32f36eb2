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
    """Covariances of the cosines to N candidate anchors.

    models : the S shaping ones first ; halves : (2, S, M, N, N) A_a S_ab A_bᵀ of shaping a and any b on each half
    own : (2, M, N, N) A_b S_bb A_bᵀ ; whole : (S, S, N, N) on both halves
    spread : (M, N) the parts τ of t ; lengths : (M, N) |a|²
    """

    models: tuple[str, ...]
    n_shaping: int
    halves: FloatArray
    own: FloatArray
    whole: FloatArray
    spread: FloatArray
    lengths: FloatArray

    @property
    def n_anchors(self) -> int:
        """N, the number of candidates."""
        return self.spread.shape[1]

    def first(self, n: int) -> AnchorBlocks:
        """Of the first n candidates, without a copy."""
        return replace(
            self, halves=self.halves[..., :n, :n], own=self.own[..., :n, :n], whole=self.whole[..., :n, :n],
            spread=self.spread[:, :n], lengths=self.lengths[:, :n],
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
        common = np.einsum("a,b,abkl->kl", scale, scale, self.whole, optimize=True) / self.n_shaping**2
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
        read = len(self.models) if others else n
        # summed over the models before anything is left out: rows and columns are then copied once a model
        pairs: FloatArray = (
            np.tensordot(scale[:n], self.halves[:, :, :read], axes=(0, 1)) * scale[None, :read, None, None]
        )
        pairs = _of(pairs, kept)
        own = _of(self.own[:, :read], kept) * (scale[:read] ** 2)[None, :, None, None]
        common, each = pairs[:, :n].sum(axis=1), own[:, :n].sum(axis=1)
        found = {}
        for m, model in enumerate(self.models[:n] if shaping else ()):
            with_it = pairs[:, m] - own[:, m]  # (2, K, K) of the others with this one
            others_common = common - with_it - with_it.transpose(0, 2, 1) - own[:, m]
            found[model] = _read(others_common, each - own[:, m], with_it, own[:, m], n - 1)
        if others:
            axes = _axes(common, each, n)
            for m, model in enumerate(self.models[n:], n):
                found[model] = _read(common, each, pairs[:, m], own[:, m], n, axes)
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
    models = (*shaping, *others)
    columns, n = [covariances.columns[model] for model in models], len(rows[next(iter(shaping))])
    halves, own = np.empty((2, len(shaping), len(models), n, n)), np.empty((2, len(models), n, n))
    whole = np.empty((len(shaping), len(shaping), n, n))
    for b, right in enumerate(models):
        for half in (0, 1):
            moved = covariances.halves[half][:, columns[b]] @ rows[right].T
            own[half, b] = rows[right] @ moved[columns[b]]
            for a, left in enumerate(shaping):
                halves[half, a, b] = rows[left] @ moved[columns[a]]
        if b < len(shaping):
            moved = covariances.whole[:, columns[b]] @ rows[right].T
            for a, left in enumerate(shaping):
                whole[a, b] = rows[left] @ moved[columns[a]]
    spread = [_spread(rows[model], spaces[model], covariances.within) for model in models]
    lengths = [np.einsum("kd,kd->k", rows[model], rows[model]) for model in models]
    return AnchorBlocks(models, len(shaping), halves, own, whole, np.stack(spread), np.stack(lengths))


def _spread(rows: FloatArray, space: ModelSpace, within: bool) -> FloatArray:
    """τ (N,) of each anchor."""
    return np.asarray(np.einsum("kd,kd->k", rows @ (space.within if within else space.second), rows))


def _of(blocks: FloatArray, kept: IntArray | None) -> FloatArray:
    """(…, K, K) of (…, N, N): the rows and columns of the anchors that stay."""
    return blocks if kept is None else blocks[..., kept[:, None], kept]


def _axes(common: FloatArray, each: FloatArray, n: int) -> list[FloatArray]:
    """Axes (K, 2) shaped on each half by n models, from their sums (2, K, K)."""
    return [shares(common[half] / n**2, each[half] / n, PLANE)[1] for half in (0, 1)]


def _read(
    common: FloatArray, each: FloatArray, with_it: FloatArray, own: FloatArray, n: int,
    axes: Sequence[FloatArray] | None = None,
) -> FloatArray:  # fmt: skip
    """(2,) correlation of a model with the mean of n others, along axes shaped on one half and read on the other.

    common : (2, K, K) Σ_ab of the others' covariances ; each : (2, K, K) Σ_a ; with_it : (2, K, K) of each other with
    the model, summed ; own : (2, K, K) of the model ; axes : shaped on each half, from `common` and `each` where None
    """
    axes = _axes(common, each, n) if axes is None else axes
    found = np.full((2, PLANE), np.nan)
    for half, shaped in enumerate(axes):
        read = 1 - half
        both, mine, theirs = (
            np.einsum("ki,kl,li->i", shaped, block, shaped, optimize=True)
            for block in (with_it[read] / n, own[read], common[read] / n**2)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            known = (mine > 0) & (theirs > 0)
            found[half, : shaped.shape[1]] = np.where(known, both / np.sqrt(mine * theirs), np.nan)
    return np.asarray(found.mean(axis=0))
