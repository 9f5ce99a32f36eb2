"""Scores against closed forms and brute force."""

import numpy as np
import pytest
from sklearn.metrics import r2_score
from sklearn.neighbors import NearestNeighbors

from engine.errors import InputError
from engine.stitching.scores import ElementMeans, bootstrap_interval, r2, retrieval
from engine.stitching.splits import split_by_structure


def test_r2_is_scikit_learns_where_the_mean_is_the_tests_own():
    rng = np.random.default_rng(0)
    true, predicted = rng.normal(size=(40, 3)), rng.normal(size=(40, 3))
    expected = r2_score(true.ravel() - true.mean(0)[None].repeat(40, 0).ravel(), (predicted - true.mean(0)).ravel())
    centred = true - true.mean(0)
    assert r2(true, predicted, true.mean(0)) == pytest.approx(
        1 - ((true - predicted) ** 2).sum() / (centred**2).sum(), abs=1e-12
    )
    assert r2(true, predicted, true.mean(0)) == pytest.approx(expected, abs=1e-12)


def test_r2_of_a_target_that_does_not_vary_is_nan():
    assert np.isnan(r2(np.zeros((5, 2)), np.ones((5, 2)), np.zeros(2)))


def test_an_element_absent_from_training_takes_the_global_mean():
    means = ElementMeans.of(np.array([[1.0], [3.0], [8.0]]), np.array([1, 1, 8]))
    np.testing.assert_allclose(means.rows(np.array([1, 8, 26, 3])), [[2], [8], [4], [4]])


def test_retrieval_is_that_of_brute_force():
    rng = np.random.default_rng(1)
    true = rng.normal(size=(90, 6))
    moved = true + 0.5 * rng.normal(size=(90, 6))
    numbers, structure = rng.integers(1, 9, 90), np.repeat(np.arange(30), 3)
    centre = true.mean(0)
    found = NearestNeighbors(n_neighbors=5, metric="cosine", algorithm="brute").fit(true - centre)
    near = found.kneighbors(moved - centre, return_distance=False)
    expected = {
        "atom_at_1": np.mean(near[:, 0] == np.arange(90)),
        "atom_at_5": np.mean([i in row for i, row in enumerate(near)]),
        "element_at_1": np.mean(numbers[near[:, 0]] == numbers),
        "structure_at_1": np.mean(structure[near[:, 0]] == structure),
    }
    assert retrieval(moved, true, numbers, structure) == pytest.approx(expected)
    assert 0.2 < expected["atom_at_1"] < 1
    assert retrieval(true, true, numbers, structure)["atom_at_1"] == 1


def test_bootstrap_draws_structures_and_is_repeatable():
    values = np.repeat([0.0, 1.0], 50)
    apart, together = np.arange(100), np.repeat([0, 1], 50)
    narrow = bootstrap_interval(lambda rows: float(values[rows].mean()), apart)
    wide = bootstrap_interval(lambda rows: float(values[rows].mean()), together)
    assert wide == (0.0, 1.0)
    assert 0.35 < narrow[0] < narrow[1] < 0.65
    assert narrow == bootstrap_interval(lambda rows: float(values[rows].mean()), apart)


def test_a_structure_is_wholly_in_one_part_and_the_seeds_are_those_of_the_protocol():
    structure = np.repeat(np.arange(300), 2)
    split = split_by_structure(structure, 300, 3)
    order = np.random.default_rng(3).permutation(300)
    assert set(structure[split.train]) == set(order[:240])
    assert set(structure[split.test]) == set(order[240:])
    with pytest.raises(InputError, match="cannot be split"):
        split_by_structure(np.zeros(4, int), 1, 0)
