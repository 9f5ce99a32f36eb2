"""Weights, moments and relative representations of one model's embedding (SCIENCE section 2).

Notation: e (features of a site), r = e/|e|, weights w of sum 1, mean0 = Σ w r, rho = |r - mean0|,
ê = (r - mean0)/rho, mean = Σ w ê. A site is *masked* where the model does not embed it (NaN row), where
|e| = 0, and where rho < 1e-6. Sums are taken in float64 over chunks of rows, so no second copy of the
features is ever made.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from platonic_atlas.engine.choices import Balance, chosen
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray, Moments

SMALLEST_RHO = 1e-6  # below it the direction of r - mean0 is rounding noise
CHUNK_ROWS = 8192


def row_chunks(n_rows: int, chunk_rows: int = CHUNK_ROWS) -> Iterator[slice]:
    """Consecutive slices of at most ``chunk_rows`` rows that cover ``n_rows``."""
    for start in range(0, n_rows, chunk_rows):
        yield slice(start, min(start + chunk_rows, n_rows))


def row_norms(embedding: FloatArray) -> FloatArray:
    """|e| of each row, (n,) float64; NaN where the row is masked."""
    norms = np.empty(len(embedding))
    for rows in row_chunks(len(embedding)):
        block = np.asarray(embedding[rows], dtype=np.float64)
        norms[rows] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return norms


def site_weights(atomic_numbers: IntArray, present: BoolArray, balance: Balance) -> FloatArray:
    """Weight of each site, (n,) float64 of sum 1, zero where the site is not present.

    balance ``elements``: every element present weighs the same and its sites share it;
    ``atoms``: every site present weighs the same. All zeros where nothing is present.
    """
    balance = chosen(Balance, balance, "balance")
    weights = np.zeros(len(atomic_numbers))
    if not present.any():
        return weights
    if balance is Balance.ATOMS:
        weights[present] = 1.0 / np.count_nonzero(present)
        return weights
    _, element, count = np.unique(atomic_numbers[present], return_inverse=True, return_counts=True)
    weights[present] = 1.0 / (len(count) * count[element])
    return weights


def compute_moments(embedding: FloatArray, atomic_numbers: IntArray, balance: Balance) -> Moments:
    """Weighted moments of an embedding (n, d), the sums of ``Moments`` in float64.

    mean0 and the raw moments are taken over all sites with features, mean and the second moments over
    those with rho >= 1e-6. A model without a single usable site has zero moments.
    """
    norms = row_norms(embedding)
    weights = site_weights(atomic_numbers, norms > 0, balance)
    mean0, raw_mean = _first_moments(embedding, norms, weights)
    rho = _distances_to(mean0, embedding, norms)
    weights_unit = site_weights(atomic_numbers, np.isfinite(rho), balance)
    elements, element = np.unique(atomic_numbers, return_inverse=True)
    second, element_sums, raw_second = _second_moments(
        embedding, norms, rho, (weights_unit, weights), (mean0, raw_mean), (len(elements), element)
    )
    mean = element_sums.sum(axis=0)
    element_weight = np.bincount(element, weights_unit, minlength=len(elements))
    used = element_weight > 0
    between = (element_sums[used].T / element_weight[used]) @ element_sums[used]
    return Moments(
        balance=balance,
        mean0=mean0,
        mean=mean,
        second=second - np.outer(mean, mean),
        within_element_second=second - between,
        raw_mean=raw_mean,
        raw_second=raw_second,
        rho=rho,
    )


def _first_moments(embedding: FloatArray, norms: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    mean0, raw_mean = np.zeros(embedding.shape[1]), np.zeros(embedding.shape[1])
    for rows in row_chunks(len(embedding)):
        used = weights[rows] > 0
        block = np.asarray(embedding[rows], dtype=np.float64)[used]
        weight = weights[rows][used]
        mean0 += (weight / norms[rows][used]) @ block
        raw_mean += weight @ block
    return mean0, raw_mean


def _distances_to(mean0: FloatArray, embedding: FloatArray, norms: FloatArray) -> FloatArray:
    rho = np.full(len(embedding), np.nan)
    for rows in row_chunks(len(embedding)):
        used = norms[rows] > 0
        block = np.asarray(embedding[rows], dtype=np.float64)[used]
        away = block / norms[rows][used, None] - mean0
        rho[rows.start : rows.stop][used] = np.sqrt(np.einsum("ij,ij->i", away, away))
    rho[rho < SMALLEST_RHO] = np.nan
    return rho


def _second_moments(
    embedding: FloatArray,
    norms: FloatArray,
    rho: FloatArray,
    weights: tuple[FloatArray, FloatArray],
    means: tuple[FloatArray, FloatArray],
    elements: tuple[int, IntArray],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Σ w ê êᵀ (d, d), Σ w ê of each element (n_elements, d), and the covariance of the raw features (d, d)."""
    n_elements, element = elements
    d = embedding.shape[1]
    second, element_sums, raw_second = np.zeros((d, d)), np.zeros((n_elements, d)), np.zeros((d, d))
    for rows in row_chunks(len(embedding)):
        block = np.asarray(embedding[rows], dtype=np.float64)
        raw = weights[1][rows] > 0
        away = (block[raw] - means[1]) * np.sqrt(weights[1][rows][raw, None])
        raw_second += away.T @ away
        used = weights[0][rows] > 0
        unit = (block[used] / norms[rows][used, None] - means[0]) / rho[rows][used, None]
        weighted = unit * weights[0][rows][used, None]
        second += unit.T @ weighted
        member = element[rows][used]
        onehot = np.zeros((len(member), n_elements))
        onehot[np.arange(len(member)), member] = 1.0
        element_sums += onehot.T @ weighted
    return second, element_sums, raw_second


def uncentred_moments(
    embedding: FloatArray, moments: Moments, atomic_numbers: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean (d,) and covariance (d, d) of the unit rows r, which take the place of ê without centring; and the
    covariance (d, d) with each element's own mean removed.

    Over the same sites and weights as ``mean``, ``second`` and ``within_element_second`` of the moments: Σ w r,
    Σ w (r - r̄)(r - r̄)ᵀ and Σ w (r - r̄_z)(r - r̄_z)ᵀ.
    """
    weights = site_weights(atomic_numbers, np.isfinite(moments.rho), moments.balance)
    elements, element = np.unique(atomic_numbers, return_inverse=True)
    sums = np.zeros((len(elements), embedding.shape[1]))
    second = np.zeros((embedding.shape[1], embedding.shape[1]))
    for rows in row_chunks(len(embedding)):
        # measured from mean0, which is close to r̄, so that a narrow cone of features loses no digits
        away, used = _unit_rows(embedding[rows], moments, moments.rho[rows], centre=False)
        away = away[used] - moments.mean0
        weighted = away * weights[rows][used, None]
        member = np.zeros((len(elements), len(away)))
        member[element[rows][used], np.arange(len(away))] = 1.0
        sums += member @ weighted
        second += away.T @ weighted
    mean, of_element = sums.sum(axis=0), np.bincount(element, weights, len(elements))
    known = of_element > 0
    within = second - (sums[known].T / of_element[known]) @ sums[known]
    second -= np.outer(mean, mean)
    return (mean + moments.mean0 if weights.any() else mean), second, within


def unit_rows(embedding: FloatArray, moments: Moments, rho: FloatArray, *, centre: bool = True) -> FloatArray:
    """ê (or r without centring) of some rows, (n, d) float64, NaN where masked.

    embedding : (n, d) rows of one model; rho : (n,) the same rows of ``moments.rho``
    """
    return _unit_rows(embedding, moments, rho, centre)[0]


def _unit_rows(embedding: FloatArray, moments: Moments, rho: FloatArray, centre: bool) -> tuple[FloatArray, BoolArray]:
    used = np.isfinite(rho)
    rows = np.array(embedding, dtype=np.float64)
    rows[~used] = np.nan
    rows /= np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    if centre:
        rows -= moments.mean0
        rows /= rho[:, None]
    return rows, used


def anchor_rows(embedding: FloatArray, moments: Moments, sites: IntArray, *, centre: bool = True) -> FloatArray:
    """A: the rows ê (or r) of the anchor sites, (K, d) float64.

    Raises AnchorError where a site does not exist or the model does not embed it.
    """
    sites = np.asarray(sites)
    outside = sites[(sites < 0) | (sites >= len(embedding))]
    if sites.ndim != 1 or len(sites) == 0 or len(outside):
        raise AnchorError(
            f"Anchor site {outside[0]} does not exist." if len(outside) else "There are no anchors.",
            f"Expected at least one site number from 0 to {len(embedding) - 1}.",
            "Choose anchors again with 'platonic anchors'.",
        )
    masked = sites[~np.isfinite(moments.rho[sites])]
    if len(masked):
        raise AnchorError(
            f"{len(masked)} of {len(sites)} anchors are not embedded by this model (first: site {masked[0]}).",
            "Anchors must be sites that every model shown embeds.",
            "Leave the model out, or choose anchors again with 'platonic anchors'.",
        )
    return unit_rows(embedding[sites], moments, moments.rho[sites], centre=centre)


def relative_representation(
    embedding: FloatArray, moments: Moments, anchor_rows: FloatArray, *, centre: bool = True
) -> FloatArray:
    """Z = Ê Aᵀ: cosines of each site to the anchors, (n, K) float32, NaN rows where masked."""
    relative = np.empty((len(embedding), len(anchor_rows)), dtype=np.float32)
    for rows in row_chunks(len(embedding)):
        relative[rows] = unit_rows(embedding[rows], moments, moments.rho[rows], centre=centre) @ anchor_rows.T
    return relative
