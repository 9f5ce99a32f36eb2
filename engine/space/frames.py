"""Principal axes of relative representations without ever forming them (SCIENCE section 2).

With A the (K, d) rows of the anchors and C = L Lᵀ the weighted covariance of a model's rows x, the relative
representation z = A x has the covariance A C Aᵀ = B Bᵀ with B = A L, a matrix of K × d whatever the number of
sites. Its top left singular vectors V are the axes, and a site lies at (x - mean) Aᵀ V. One formula serves
three kinds of rows, x = scale·e - shift·origin:

    relative, centred     x = ê = (e/|e| - mean0)/rho
    relative, uncentred   x = e/|e|
    raw                   x = e, and A is the identity
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from platonic_atlas.engine.choices import Representation
from platonic_atlas.engine.elements import table
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.space.relative import row_chunks, row_norms, site_weights, uncentred_moments, unit_rows
from platonic_atlas.engine.types import FloatArray, IntArray, Moments

# float32 products of a model whose vectors sit in a cone narrower than this would lose more than 1e-5
NARROW_CONE = 0.05
NOTHING_TO_SPREAD = "all sites have the same relative representation: there is nothing to spread"


@dataclass(frozen=True)
class ModelSpace:
    """One model, its rows x and their moments: all that its maps need, whatever the anchors.

    embedding : (n, d) float32, not copied; NaN rows where masked
    scale, shift : (n,) float32 so that x = scale·e - shift·origin, None for ones (scale) and zeros (shift)
    origin : (d,) ; mean : (d,) of x ; second : (d, d) weighted covariance of x
    within : (d, d) the same with the mean of each element taken away; NaN for raw rows, of which none is kept
    factor : (d, rank) L with second = L Lᵀ
    trend : (d, 2) weighted covariance of x with Pauling electronegativity and with the period
    rho : (n,) of the moments, NaN where masked
    narrow : some rho is so small that float32 would not do
    """

    embedding: FloatArray
    scale: FloatArray | None
    shift: FloatArray | None
    origin: FloatArray
    mean: FloatArray
    second: FloatArray
    within: FloatArray
    factor: FloatArray
    trend: FloatArray
    rho: FloatArray
    narrow: bool
    moments: Moments
    representation: Representation
    centre: bool


@dataclass(frozen=True)
class Projection:
    """A model's way onto the two axes of a frame: site i lies at x_i @ matrix - offset.

    matrix : (d, 2); offset : (2,)
    share : the part of the model's own variance that the two axes carry, NaN where total is 0
    total : tr(A C Aᵀ), the model's whole variance
    reason : why there is nothing to draw, empty otherwise
    """

    matrix: FloatArray
    offset: FloatArray
    share: float
    total: float
    reason: str = ""


def model_space(
    embedding: FloatArray,
    moments: Moments,
    atomic_numbers: IntArray,
    *,
    representation: Representation = Representation.RELATIVE,
    centre: bool = True,
) -> ModelSpace:
    """Prepare a model once (one or two passes over its features); frames then cost milliseconds.

    embedding : (n, d) float32; atomic_numbers : (n,)
    """
    norms = row_norms(embedding)
    origin: FloatArray = np.zeros(embedding.shape[1])
    scale: FloatArray | None
    shift: FloatArray | None
    if representation == "raw":
        scale, shift = None, None
        mean, second, used = moments.raw_mean, moments.raw_second, norms > 0
        within = np.full_like(second, np.nan)
    elif centre:
        scale, shift, origin = 1.0 / (norms * moments.rho), 1.0 / moments.rho, moments.mean0
        mean, second, used = moments.mean, moments.second, np.isfinite(moments.rho)
        within = moments.within_element_second
    else:
        used = np.isfinite(moments.rho)
        scale, shift = np.where(used, 1.0 / np.where(used, norms, 1.0), np.nan), None
        mean, second, within = uncentred_moments(embedding, moments, atomic_numbers)
    weights = site_weights(atomic_numbers, used, moments.balance)
    trend = _trend_moment(embedding, scale, shift, origin, weights, element_trends(atomic_numbers))
    return ModelSpace(
        embedding=embedding,
        scale=None if scale is None else scale.astype(np.float32),
        shift=None if shift is None else shift.astype(np.float32),
        origin=origin,
        mean=mean,
        second=second,
        within=within,
        factor=_factor(second, mean),
        trend=trend,
        rho=moments.rho,
        narrow=shift is not None and _is_narrow(moments.rho),
        moments=moments,
        representation=representation,
        centre=centre,
    )


def element_trends(atomic_numbers: IntArray) -> FloatArray:
    """Pauling electronegativity and period of each site's element, (n, 2).

    NaN where there is none: the light noble gases have no electronegativity and do not vote on its sign.
    """
    elements = table()
    return np.column_stack([elements.electronegativity[atomic_numbers], elements.period[atomic_numbers]])


def within_elements(space: ModelSpace) -> ModelSpace:
    """The same model with the variance that is left within elements: frames of it follow what differs there."""
    return replace(space, second=space.within, factor=_factor(space.within, space.mean))


def less_element_means(places: FloatArray, atomic_numbers: IntArray) -> FloatArray:
    """Each place less the mean place of its element, (n, 2) float32; NaN stays NaN.

    places : (n, 2); the sites of an element weigh the same, whatever is balanced
    """
    known = np.isfinite(places).all(axis=1)
    of_element = np.where(known, atomic_numbers, 0)
    count = np.maximum(np.bincount(of_element), 1)
    sums = [np.bincount(of_element, np.where(known, axis, 0.0)) for axis in places.T]
    return (places - np.column_stack([total / count for total in sums])[of_element]).astype(np.float32)


def _factor(second: FloatArray, mean: FloatArray) -> FloatArray:
    """L (d, rank) with second = L Lᵀ; directions without variance are left out."""
    values, vectors = np.linalg.eigh(second)
    # equal rows leave a variance of about (1e-16 |mean|)² from rounding: that is none
    kept = values > max(float(values[-1]) * 1e-13, 1e-26 * float(mean @ mean), 0.0)
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def _trend_moment(
    embedding: FloatArray,
    scale: FloatArray | None,
    shift: FloatArray | None,
    origin: FloatArray,
    weights: FloatArray,
    trends: FloatArray,
) -> FloatArray:
    """Σ w (trend - its mean) x for each trend, (d, 2), over the sites where the trend is defined."""
    known = np.isfinite(trends) & (weights > 0)[:, None]
    share = np.where(known, weights[:, None], 0.0)
    values = np.where(known, trends, 0.0)
    total = share.sum(axis=0)
    centres = (share * values).sum(axis=0) / np.where(total > 0, total, 1.0)
    coefficient = share * (values - centres)
    moment = np.zeros((embedding.shape[1], trends.shape[1]))
    for rows in row_chunks(len(embedding)):
        used = weights[rows] > 0
        block = np.asarray(embedding[rows], dtype=np.float64)[used]
        if scale is not None:
            block *= scale[rows][used, None]
        if shift is not None:
            block -= shift[rows][used, None] * origin
        moment += block.T @ coefficient[rows][used]
    return moment


def _top_left_vectors(matrix: FloatArray) -> FloatArray:
    """The two leading left singular vectors of a (K, D) matrix, (K, 2); a zero column where the rank is short."""
    from scipy.linalg import eigh

    n_rows, n_columns = matrix.shape
    vectors = np.zeros((n_rows, 2))
    wide = n_rows <= n_columns
    gram = matrix @ matrix.T if wide else matrix.T @ matrix
    if gram.size == 0 or not gram.any():
        return vectors
    size = len(gram)
    values, found = eigh(gram, subset_by_index=[max(size - 2, 0), size - 1], check_finite=False)
    values, found = values[::-1], found[:, ::-1]
    kept = values > values[0] * 1e-12
    found, values = found[:, kept], values[kept]
    vectors[:, : len(values)] = found if wide else matrix @ (found / np.sqrt(values))
    return vectors


def signs(covariance: FloatArray) -> FloatArray:
    """+1 or -1 for each axis: axis 1 grows with electronegativity, axis 2 with the period."""
    return np.where(np.diagonal(covariance) < 0, -1.0, 1.0)


def shared_frame(
    rows: Mapping[str, FloatArray], spaces: Mapping[str, ModelSpace], shaping: Sequence[str]
) -> dict[str, Projection]:
    """One set of axes for all models of ``rows``: the top eigenvectors V of Σ_m A_m C_m A_mᵀ / t_m.

    rows : model -> (K, d) anchor rows, the same anchors for every model
    shaping : the trained models that shape the frame; the others (controls) are only drawn in it
    A model is drawn at (x - mean) Aᵀ V / √t, and its share is tr(Vᵀ A C Aᵀ V)/t.
    """
    _check_shaping(rows, shaping)
    spreads = {model: rows[model] @ spaces[model].factor for model in rows}
    totals = {model: float(np.einsum("ij,ij->", spread, spread)) for model, spread in spreads.items()}
    scaled = {model: spread / np.sqrt(totals[model]) for model, spread in spreads.items() if totals[model] > 0}
    frame = [scaled[model] for model in shaping if model in scaled]
    n_anchors = len(rows[shaping[0]])
    axes = _top_left_vectors(np.hstack(frame)) if frame else np.zeros((n_anchors, 2))
    covariance = np.zeros((2, 2))
    for model in shaping:
        if model in scaled:
            covariance += (spaces[model].trend.T @ rows[model].T) @ axes / np.sqrt(totals[model])
    axes = axes * signs(covariance)
    return {
        model: _project(spaces[model], rows[model].T @ axes, scaled[model].T @ axes, totals[model])
        if model in scaled
        else _nothing(spaces[model])
        for model in rows
    }


def _check_shaping(rows: Mapping[str, FloatArray], shaping: Sequence[str]) -> None:
    missing = [model for model in shaping if model not in rows]
    if not shaping or missing:
        raise InputError(
            f"No anchor rows of {', '.join(missing)}." if missing else "No model shapes the shared frame.",
            "Expected at least one trained model, each with rows of the anchors.",
            "Show at least one trained model; 'platonic models' lists what the atlas holds.",
        )
    counts = {model: len(anchors) for model, anchors in rows.items()}
    if len(set(counts.values())) > 1:
        raise InputError(
            f"The models have different numbers of anchors: {counts}.",
            "Expected the same anchors for every model.",
            "Choose anchors again with 'platonic anchors'.",
        )


def _project(space: ModelSpace, onto_axes: FloatArray, scaled_on_axes: FloatArray, total: float) -> Projection:
    matrix = onto_axes / np.sqrt(total)
    return Projection(matrix, space.mean @ matrix, float(np.sum(scaled_on_axes**2)), total)


def _nothing(space: ModelSpace) -> Projection:
    return Projection(np.zeros((len(space.mean), 2)), np.zeros(2), float("nan"), 0.0, NOTHING_TO_SPREAD)


def own_frame(space: ModelSpace, rows: FloatArray | None = None) -> Projection:
    """A model's own principal axes, in the units of z (or of e).

    rows : (K, d) anchor rows: the axes of z = A x. None: the axes of the rows x themselves, which for a
        raw space is the weighted PCA of the features.
    """
    anchors = np.eye(len(space.mean)) if rows is None else rows
    spread = anchors @ space.factor
    total = float(np.einsum("ij,ij->", spread, spread))
    if total <= 0:
        return _nothing(space)
    axes = _top_left_vectors(spread)
    axes = axes * signs(space.trend.T @ anchors.T @ axes)
    matrix = anchors.T @ axes
    return Projection(matrix, space.mean @ matrix, float(np.sum((spread.T @ axes) ** 2)) / total, total)


def place(space: ModelSpace, projection: Projection, rows: slice = slice(None)) -> FloatArray:
    """Coordinates of the sites, (n, 2) float32, NaN where masked: x @ matrix - offset.

    (x P) is taken as scale·(e P) - shift·(origin P), so that the features are read once and never copied.
    """
    features = space.embedding[rows]
    if space.narrow:
        return _place_in_double(features, space, space.rho[rows], projection)
    # one axis after the other in memory: the row-wise terms then run at full vector width
    axes = projection.matrix.T.astype(np.float32) @ features.T
    if space.scale is not None:
        axes *= space.scale[rows]
    for axis, constant in zip(axes, space.origin @ projection.matrix, strict=True):
        if space.shift is not None:
            axis -= space.shift[rows] * np.float32(constant)
    axes -= projection.offset.astype(np.float32)[:, None]
    return axes.T


def _is_narrow(rho: FloatArray) -> bool:
    known = rho[np.isfinite(rho)]
    return bool(len(known)) and float(known.min()) < NARROW_CONE


def _place_in_double(features: FloatArray, space: ModelSpace, rho: FloatArray, projection: Projection) -> FloatArray:
    """The same in float64 by chunks: for a narrow cone e P/|e| and mean0 P cancel beyond float32."""
    coordinates = np.empty((len(features), 2), dtype=np.float32)
    for rows in row_chunks(len(features)):
        unit = unit_rows(features[rows], space.moments, rho[rows])
        coordinates[rows] = unit @ projection.matrix - projection.offset
    return coordinates


def consensus(coordinates: Mapping[str, FloatArray], shaping: Sequence[str]) -> FloatArray:
    """Mean place of each site over the trained models that embed it, (n, 2) float32; NaN with fewer than two."""
    chosen = [coordinates[model] for model in shaping if model in coordinates]
    if not chosen:
        raise InputError(
            "No trained model is shown.",
            "A consensus needs the coordinates of at least two trained models.",
            "Show at least two trained models.",
        )
    total = np.zeros(chosen[0].shape)
    count = np.zeros(len(total), dtype=int)
    for places in chosen:
        known = np.isfinite(places).all(axis=1)
        total[known] += places[known]
        count += known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count[:, None]
    mean[count < 2] = np.nan
    return mean.astype(np.float32)
