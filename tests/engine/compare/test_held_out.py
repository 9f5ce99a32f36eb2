"""Properties of elements that are held out, against a ridge that is fitted anew for each."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.compare.held_out import STRENGTHS, element_centroids, held_out_r2
from platonic_atlas.engine.types import FloatArray


def fitted_anew(centroids: FloatArray, values: FloatArray) -> float:
    rows = centroids - centroids.mean(axis=0)
    rows /= np.sqrt(np.mean(np.sum(rows**2, axis=1)))
    n, found = len(values), []
    for strength in STRENGTHS:
        errors = []
        for i in range(n):
            others = np.arange(n) != i
            x, y = rows[others], values[others]
            away = x - x.mean(axis=0)
            way = np.linalg.solve(away.T @ away + strength * np.eye(x.shape[1]), away.T @ (y - y.mean()))
            errors.append(values[i] - y.mean() - (rows[i] - x.mean(axis=0)) @ way)
        found.append(np.sum(np.square(errors)))
    base = [values[i] - np.delete(values, i).mean() for i in range(n)]
    return float(1 - min(found) / np.sum(np.square(base)))


@pytest.mark.parametrize("noise", [0.0, 0.5, 20.0])
def test_it_is_what_fitting_anew_for_each_element_gives(noise: float) -> None:
    random = np.random.default_rng(3)
    centroids = random.normal(size=(30, 5))
    values = centroids @ random.normal(size=5) + noise * random.normal(size=30)
    assert held_out_r2(centroids, values) == pytest.approx(fitted_anew(centroids, values), abs=1e-9)


def test_elements_without_order_foretell_nothing() -> None:
    values = np.arange(40.0)
    assert held_out_r2(np.eye(40), values) == pytest.approx(0, abs=0.02)  # one-hot
    assert held_out_r2(np.zeros((40, 3)), values) == 0
    assert held_out_r2(values[:, None] * np.ones(3), values) > 0.99
    assert np.isnan(held_out_r2(np.eye(2), values[:2]))


def test_a_property_that_is_not_known_leaves_its_element_out() -> None:
    random = np.random.default_rng(4)
    centroids, values = random.normal(size=(20, 4)), random.normal(size=20)
    values[[2, 5]] = np.nan
    known = np.isfinite(values)
    assert held_out_r2(centroids, values) == pytest.approx(held_out_r2(centroids[known], values[known]))


def test_centroids_are_of_elements_with_enough_sites_that_count() -> None:
    numbers = np.repeat([1, 8, 26], [4, 5, 3])
    features = numbers[:, None] * np.ones((1, 2)) + np.arange(12)[:, None]
    features[5] = np.nan
    used = np.ones(12, dtype=bool)
    used[0] = False
    found, means = element_centroids(features, numbers, used, least=3)
    assert found.tolist() == [1, 8, 26]
    np.testing.assert_allclose(means[0], features[1:4].mean(axis=0))
    np.testing.assert_allclose(means[1], features[[4, 6, 7, 8]].mean(axis=0))
    assert element_centroids(features, numbers, used, least=4)[0].tolist() == [8]
