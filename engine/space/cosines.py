"""Cosines of all sites to anchors named by their site: the relative representation, put together."""

from __future__ import annotations

from platonic_atlas.engine.space.relative import anchor_rows, relative_representation
from platonic_atlas.engine.types import FloatArray, IntArray, Moments


def cosines_to(embedding: FloatArray, moments: Moments, sites: IntArray, *, centre: bool = True) -> FloatArray:
    """(n_sites, K) float32 cosines of each site to the anchors `sites` (K,), NaN rows where masked.

    embedding : (n_sites, d) of one model ; raises AnchorError where the model lacks an anchor
    """
    rows = anchor_rows(embedding, moments, sites, centre=centre)
    return relative_representation(embedding, moments, rows, centre=centre)
