"""The agreement frame: axes along which trained models place the same atoms alike (SCIENCE section 2).

With y_m = (ê_m - mean_m) A_mᵀ/√t_m of M models, ȳ their mean, B = Cov(ȳ) and S the mean of their Cov(y_m):

    B v = λ (S + ε (tr S/K) I) v

λ is the share of the variance along v that all models have in common: 1 where each puts every atom at the same place,
1/M where they have nothing in common. Within elements the covariances are those of what is left when the mean of each
element is taken away, t_m with them. All of it follows from `CrossMoments` and the anchor rows: K × K matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.space.cross import CrossMoments
from platonic_atlas.engine.space.frames import NOTHING_TO_SPREAD, ModelSpace, Projection, signs
from platonic_atlas.engine.types import FloatArray

EPSILON = 0.1  # of the ridge: 0.001 overfits, 1 follows the variance
AXES = 10  # of which λ is told
NOTHING_LEFT = "all sites of an element are the same: nothing is left"


class Spread(Protocol):
    """How far the rows of a model spread; a `ModelSpace` says it.

    second : (d, d) weighted covariance of the rows ; within : the same with the mean of each element taken away
    """

    @property
    def second(self) -> FloatArray: ...
    @property
    def within(self) -> FloatArray: ...


@dataclass(frozen=True)
class Agreement:
    """What models share.

    shared : (n,) λ of the first axes, largest first
    agreement : model -> (2,) correlation with the mean place of the trained models (of the others, if it is one of
    them), along each axis of a frame shaped without it on one half of the structures and read on the other half; NaN
    where nothing is left of it
    """

    shaping: tuple[str, ...]
    shared: FloatArray
    agreement: Mapping[str, FloatArray]


def scaled_rows(
    rows: Mapping[str, FloatArray], spaces: Mapping[str, Spread], *, within: bool = False
) -> dict[str, FloatArray]:
    """A_m/√t_m, (K, d) of each model; zeros where nothing is left to spread (one-hot within elements).

    rows : model -> (K, d) anchor rows
    """
    scaled = {}
    for model, anchors in rows.items():
        second = spaces[model].within if within else spaces[model].second
        total = float(np.einsum("ij,jk,ik->", anchors, second, anchors, optimize=True))
        least = 1e-10 * float(np.sum(anchors**2))
        scaled[model] = anchors / np.sqrt(total) if total > least else np.zeros_like(anchors)
    return scaled


def shared_axes(
    covariance: FloatArray, cross: CrossMoments, scaled: Mapping[str, FloatArray], shaping: Sequence[str], n: int
) -> tuple[FloatArray, FloatArray]:
    """λ (n,) and v (K, n) of a frame, each v so long that ȳ·v has unit variance.

    covariance : (D, D) of `cross` ; scaled : `scaled_rows`
    """
    if not shaping:
        raise InputError(
            "No trained model shapes the agreement frame.", "Expected at least two.", "Show two trained models or more."
        )
    side = np.hstack([scaled[model] for model in shaping])
    held = np.concatenate([np.arange(cross.columns[m].start, cross.columns[m].stop) for m in shaping])
    common = side @ covariance[np.ix_(held, held)] @ side.T / len(shaping) ** 2
    each = np.mean([_of(covariance, cross, model, scaled) for model in shaping], axis=0)
    return shares(common, each, n)


def shares(common: FloatArray, each: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """λ (n,) and v (K, n) of B v = λ (S + ε (tr S/K) I) v, largest λ first, vᵀ B v = 1; NaN and zeros where S is 0.

    common : (K, K) B, of the mean over the models ; each : (K, K) S, the mean of the models' own
    """
    from scipy.linalg import eigh

    size = len(common)
    ridge, kept = EPSILON * np.trace(each) / size * np.eye(size), min(n, size)
    if not ridge[0, 0] > 0:  # nothing is left of any of the models
        return np.full(kept, np.nan), np.zeros((size, kept))
    values, vectors = eigh(common, each + ridge, subset_by_index=[size - kept, size - 1], check_finite=False)
    values, vectors = values[::-1], vectors[:, ::-1]
    spread = np.sqrt(np.maximum(np.sum(vectors * (common @ vectors), axis=0), 0.0))
    return values, vectors / np.where(spread > 0, spread, 1.0)


def _of(covariance: FloatArray, cross: CrossMoments, model: str, scaled: Mapping[str, FloatArray]) -> FloatArray:
    held = cross.columns[model]
    return np.asarray(scaled[model] @ covariance[held, held] @ scaled[model].T)


def agreement_frame(
    cross: CrossMoments, rows: Mapping[str, FloatArray], spaces: Mapping[str, ModelSpace], shaping: Sequence[str],
    *, within: bool = False,
) -> dict[str, Projection]:  # fmt: skip
    """The way of each model of `rows` onto the two axes on which the shaping models agree most.

    Axis 1 grows with Pauling electronegativity and axis 2 with the period. `share` is NaN: the axes do not stand at
    right angles in z, and shares of variance belong to the variance frame.
    """
    scaled = scaled_rows(rows, spaces, within=within)
    _, found = shared_axes(cross.covariance(within=within), cross, scaled, shaping, 2)
    axes = np.pad(found, ((0, 0), (0, 2 - found.shape[1])))  # one anchor has one axis
    axes = axes * signs(np.sum([spaces[model].trend.T @ scaled[model].T @ axes for model in shaping], axis=0))
    frame = {}
    for model, anchors in scaled.items():
        matrix = anchors.T @ axes
        reason = "" if matrix.any() else (NOTHING_LEFT if within else NOTHING_TO_SPREAD)
        frame[model] = Projection(matrix, spaces[model].mean @ matrix, float("nan"), float(not reason), reason)
    return frame


def agreement(
    cross: CrossMoments, rows: Mapping[str, FloatArray], spaces: Mapping[str, Spread], shaping: Sequence[str],
    *, within: bool = False,
) -> Agreement:  # fmt: skip
    """λ of the first axes, and how far each model of `rows` agrees with the trained ones."""
    scaled = scaled_rows(rows, spaces, within=within)
    shared, _ = shared_axes(cross.covariance(within=within), cross, scaled, shaping, AXES)
    halves = [cross.covariance([half], within=within) for half in (0, 1)]
    found, axes_of = {}, dict[tuple[str, ...], list[FloatArray]]()
    for model in rows:
        others = tuple(name for name in shaping if name != model)
        if others not in axes_of:
            axes_of[others] = [shared_axes(half, cross, scaled, others, 2)[1] for half in halves]
        axes = axes_of[others]
        read = [_correlation(halves[1 - i], cross, scaled, model, others, axes[i]) for i in (0, 1)]
        known = np.mean(read, axis=0)
        found[model] = np.pad(known, (0, 2 - len(known)), constant_values=np.nan)  # one anchor has one axis
    return Agreement(tuple(shaping), shared, found)


def _correlation(
    covariance: FloatArray, cross: CrossMoments, scaled: Mapping[str, FloatArray], model: str, others: Sequence[str],
    axes: FloatArray,
) -> FloatArray:  # fmt: skip
    """(n,) along each axis (K, n), between a model's places and the mean places of others."""
    way = np.zeros((len(covariance), axes.shape[1]))
    mean = np.zeros_like(way)
    way[cross.columns[model]] = scaled[model].T @ axes
    for name in others:
        mean[cross.columns[name]] = scaled[name].T @ axes / len(others)
    moved = covariance @ mean
    both, own, theirs = (np.einsum("ij,ij->j", a, b) for a, b in ((way, moved), (way, covariance @ way), (mean, moved)))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((own > 0) & (theirs > 0), both / np.sqrt(own * theirs), np.nan)
