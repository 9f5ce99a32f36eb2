"""Nearest sites in one model (SCIENCE section 2).

Near is by the cosine of the centred unit rows ê, over all sites that the model embeds.
"""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.space.relative import anchor_rows, row_chunks, unit_rows
from platonic_atlas.engine.types import FloatArray, IntArray, Moments

K_NEIGHBOURS = 10
EXACT_UP_TO = 40_000  # sites; beyond it the neighbours are found by descent (pynndescent), which misses a few per cent


def nearest_sites(
    embedding: FloatArray, moments: Moments, site: int, k: int = K_NEIGHBOURS
) -> tuple[IntArray, FloatArray]:
    """The k sites most like `site`, best first, and their cosines.

    embedding : (n, d) ; raises AnchorError where the model does not embed the site
    """
    row = anchor_rows(embedding, moments, np.array([site]))[0]
    cosine = np.full(len(embedding), -np.inf)
    for rows in row_chunks(len(embedding)):
        cosine[rows] = np.nan_to_num(unit_rows(embedding[rows], moments, moments.rho[rows]) @ row, nan=-np.inf)
    cosine[site] = -np.inf
    k = min(k, int(np.isfinite(cosine).sum()))
    if k == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    best = np.argpartition(-cosine, k - 1)[:k]
    best = best[np.argsort(-cosine[best], kind="stable")]
    return best, cosine[best]


def neighbour_table(embedding: FloatArray, moments: Moments, k: int = K_NEIGHBOURS, *, seed: int = 0) -> IntArray:
    """(n, k) nearest sites of every site, itself excluded; -1 in the rows that the model does not embed."""
    known = np.flatnonzero(np.isfinite(moments.rho))
    rows = unit_rows(embedding[known], moments, moments.rho[known]).astype(np.float32)
    k = min(k, max(len(known) - 1, 0))
    table = np.full((len(embedding), k), -1, dtype=np.int64)
    if k:
        found = exact(rows, k + 1, "cosine") if len(known) <= EXACT_UP_TO else _by_descent(rows, k + 1, seed)
        table[known] = known[_without_self(found)]
    return table


def exact(rows: FloatArray, k: int, metric: str) -> IntArray:
    """(n, k) the nearest of all rows (n, d) to each, itself among them, nearest first."""
    from sklearn.neighbors import NearestNeighbors

    found: IntArray = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(rows).kneighbors(rows)[1]
    return found


def _by_descent(rows: FloatArray, k: int, seed: int) -> IntArray:
    from pynndescent import NNDescent

    found: IntArray = NNDescent(rows, metric="cosine", n_neighbors=k, random_state=seed).neighbor_graph[0]
    return found


def _without_self(found: IntArray) -> IntArray:
    """(n, k) of (n, k + 1): itself taken out, or the last where sites with equal features stand before it."""
    own = found == np.arange(len(found))[:, None]
    own[~own.any(axis=1), -1] = True
    return found[~own].reshape(len(found), -1)
