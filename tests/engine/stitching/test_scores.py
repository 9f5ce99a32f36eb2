"""Scores against closed forms and brute force."""

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import r2_score
from sklearn.neighbors import NearestNeighbors

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.stitching.scores import ElementMeans, Ratio, mean_of, r2, r2_ratio, retrieval, values_of
from platonic_atlas.engine.stitching.splits import split_by_structure


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
        "element_at_5": np.mean((numbers[near] == numbers[:, None]).any(axis=1)),
        "structure_at_1": np.mean(structure[near[:, 0]] == structure),
        "structure_at_5": np.mean((structure[near] == structure[:, None]).any(axis=1)),
    }
    assert values_of(retrieval(moved, true, numbers, structure)) == pytest.approx(expected)
    assert 0.2 < expected["atom_at_1"] < 1
    assert retrieval(true, true, numbers, structure)["atom_at_1"].value == 1


def test_bootstrap_draws_structures_and_is_repeatable():
    values = np.repeat([0.0, 1.0], 50)
    apart, together = np.arange(100), np.repeat([0, 1], 50)
    narrow, wide = mean_of(values, apart).interval(), mean_of(values, together).interval()
    assert wide == (0.0, 1.0)
    assert 0.35 < narrow[0] < narrow[1] < 0.65
    assert narrow == mean_of(values, apart).interval()


def test_the_interval_is_that_of_scipy():
    rng = np.random.default_rng(4)
    true, structure = rng.normal(size=(80, 3)), np.arange(80)
    ratio = r2_ratio(true, true + 0.6 * rng.normal(size=(80, 3)), np.zeros(3), structure)
    theirs = bootstrap(
        (ratio.part, ratio.whole), lambda part, whole, axis: 1 - part.sum(axis) / whole.sum(axis), paired=True, vectorized=True,
        method="percentile", n_resamples=4000, rng=np.random.default_rng(5),
    ).confidence_interval  # fmt: skip
    assert ratio.interval() == pytest.approx((theirs.low, theirs.high), abs=0.01)
    assert ratio.interval()[0] < ratio.value < ratio.interval()[1]


def test_where_nothing_is_left_to_explain_there_is_no_interval():
    nothing = Ratio(np.ones(4), np.zeros(4), np.arange(4), complement=True)
    assert np.isnan([nothing.value, *nothing.interval()]).all()


def test_a_structure_is_wholly_in_one_part_and_the_seeds_are_those_of_the_protocol():
    structure = np.repeat(np.arange(300), 2)
    split = split_by_structure(structure, 300, 3)
    order = np.random.default_rng(3).permutation(300)
    assert set(structure[split.train]) == set(order[:240])
    assert set(structure[split.test]) == set(order[240:])
    with pytest.raises(InputError, match="cannot be split"):
        split_by_structure(np.zeros(4, int), 1, 0)
