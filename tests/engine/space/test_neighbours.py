"""Nearest sites and their overlap, against all pairs written out."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.compare.overlap import neighbour_overlap
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.space import neighbours
from platonic_atlas.engine.space.neighbours import nearest_sites, neighbour_table
from platonic_atlas.engine.space.relative import compute_moments
from platonic_atlas.engine.types import FloatArray, Moments

N, D = 60, 6


def seeded(seed: int, masked: tuple[int, ...] = ()) -> tuple[FloatArray, Moments]:
    features = np.random.default_rng(seed).normal(size=(N, D)).astype(np.float32)
    features[list(masked)] = np.nan
    return features, compute_moments(features, np.arange(N) % 7 + 1, "elements")


def cosines(features: FloatArray, moments: Moments) -> FloatArray:
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    away = (unit - moments.mean0).astype(np.float64)
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    all_pairs = away @ away.T
    np.fill_diagonal(all_pairs, -2)
    return np.nan_to_num(all_pairs, nan=-3)


def test_nearest_are_those_of_all_pairs() -> None:
    features, moments = seeded(0, masked=(3,))
    pairs = cosines(features, moments)
    for site in (0, 17, 59):
        found, cosine = nearest_sites(features, moments, site, 5)
        assert found.tolist() == np.argsort(-pairs[site])[:5].tolist()
        assert np.allclose(cosine, np.sort(pairs[site])[::-1][:5], atol=1e-6)
    with pytest.raises(AnchorError):
        nearest_sites(features, moments, 3)


def test_the_table_holds_the_same_and_leaves_out_what_is_not_embedded() -> None:
    features, moments = seeded(1, masked=(3, 8))
    table = neighbour_table(features, moments, 4)
    assert (table[[3, 8]] == -1).all()
    assert not np.isin([3, 8], table[np.isfinite(moments.rho)]).any()
    for site in (0, 30):
        assert set(table[site]) == set(nearest_sites(features, moments, site, 4)[0])


def test_equal_features_do_not_hide_a_site_among_its_own_neighbours() -> None:
    features, _ = seeded(2)
    features[:12] = features[0]
    moments = compute_moments(features, np.arange(N) % 7 + 1, "elements")
    table = neighbour_table(features, moments, 5)
    assert (table != np.arange(N)[:, None]).all()


def test_overlap_counts_shared_names() -> None:
    first, second = np.array([[1, 2], [0, 2], [-1, -1]]), np.array([[2, 1], [2, 3], [0, 1]])
    assert np.allclose(neighbour_overlap(first, second), [1, 0.5, np.nan], equal_nan=True)
    features, moments = seeded(4)
    turned = features @ np.linalg.qr(np.random.default_rng(5).normal(size=(D, D)))[0].astype(np.float32)
    same = neighbour_overlap(neighbour_table(features, moments), neighbour_table(turned, compute_moments(turned, np.arange(N) % 7 + 1, "elements")))  # fmt: skip
    assert np.nanmin(same) == 1  # a rotation changes no neighbour
    other = neighbour_overlap(neighbour_table(features, moments), neighbour_table(*seeded(6)))
    assert np.nanmean(other) < 0.4


def test_many_sites_are_searched_by_descent(monkeypatch: pytest.MonkeyPatch) -> None:
    features, moments = seeded(7)
    exact = neighbour_table(features, moments, 5)
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 10)
    assert np.nanmean(neighbour_overlap(exact, neighbour_table(features, moments, 5))) > 0.9
