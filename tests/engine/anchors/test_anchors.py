from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.anchors.choose import choose_anchors
from platonic_atlas.engine.anchors.coverage import coverage_by_element, nearest_anchor_distance
from platonic_atlas.engine.anchors.element import medoid
from platonic_atlas.engine.anchors.file import parse_anchor_file
from platonic_atlas.engine.errors import AnchorError, UsageError
from platonic_atlas.engine.space.relative import anchor_rows, compute_moments, unit_rows
from tests.engine.numerics_cases import embedding, numbers

Z = numbers(400)
E = embedding(Z, 10, 1)
E[[5, 6]] = np.nan
MOMENTS = compute_moments(E, Z, "elements")
ELIGIBLE = np.isfinite(MOMENTS.rho) & (np.arange(400) % 7 != 0)


def choose(strategy, n=None, seed=0, eligible=ELIGIBLE):
    return choose_anchors(strategy, eligible=eligible, embedding=E, moments=MOMENTS, atomic_numbers=Z, n=n, seed=seed)


@pytest.mark.parametrize("strategy", ["direct", "farthest", "kmeans", "random"])
@pytest.mark.parametrize("n", [1, 5, 100])
def test_as_many_distinct_eligible_sites_as_asked_the_same_each_time(strategy, n):
    first, again = choose(strategy, n, seed=3), choose(strategy, n, seed=3)
    assert len(np.unique(first.sites)) == n
    assert ELIGIBLE[first.sites].all()
    np.testing.assert_array_equal(first.sites, again.sites)
    assert first.parameters == again.parameters
    assert first.parameters["n"] == n


@pytest.mark.parametrize(("strategy", "differs"), [("random", True), ("farthest", True), ("direct", False)])
def test_which_strategies_hear_the_seed(strategy, differs):
    one, two = choose(strategy, 10, seed=1).sites, choose(strategy, 10, seed=2).sites
    assert (one.tolist() != two.tolist()) is differs


@pytest.mark.parametrize("strategy", ["farthest", "kmeans", "random"])
def test_every_eligible_site_can_be_an_anchor(strategy):
    assert sorted(choose(strategy, int(ELIGIBLE.sum())).sites) == np.flatnonzero(ELIGIBLE).tolist()


def test_direct_halves_the_threshold_until_it_has_enough():
    few, many = choose("direct", 5), choose("direct", 200)
    assert many.parameters["threshold"] < few.parameters["threshold"] <= 0.3
    assert np.log2(0.3 / many.parameters["threshold"]) % 1 == 0
    assert many.parameters["subclusters"] >= 200


def test_direct_says_when_the_model_tells_too_few_apart():
    onehot = np.eye(119, dtype=np.float32)[Z]
    m = compute_moments(onehot, Z, "atoms")
    with pytest.raises(AnchorError, match="fewer than 50"):
        choose_anchors("direct", eligible=ELIGIBLE, embedding=onehot, moments=m, atomic_numbers=Z, n=50)


@pytest.mark.parametrize("strategy", ["farthest", "kmeans"])
def test_repeated_sites_still_give_distinct_anchors(strategy):
    onehot = np.eye(119, dtype=np.float32)[Z]
    m = compute_moments(onehot, Z, "atoms")
    found = choose_anchors(strategy, eligible=ELIGIBLE, embedding=onehot, moments=m, atomic_numbers=Z, n=40)
    assert len(np.unique(found.sites)) == 40
    assert set(Z[found.sites]) == set(Z[ELIGIBLE])


def test_farthest_is_greedy():
    points = unit_rows(E, MOMENTS, MOMENTS.rho)
    sites = choose("farthest", 6).sites
    for k in range(1, 6):
        away = np.linalg.norm(points[:, None] - points[sites[:k]], axis=2).min(axis=1)
        assert away[sites[k]] == pytest.approx(away[ELIGIBLE].max(), abs=1e-5)


def test_element_anchors_are_medoids_by_brute_force():
    points = unit_rows(E, MOMENTS, MOMENTS.rho)
    found = choose("element").sites
    assert Z[found].tolist() == np.unique(Z[ELIGIBLE]).tolist()
    for site in found:
        mine = np.flatnonzero(ELIGIBLE & (Z[site] == Z))
        sums = np.linalg.norm(points[mine, None] - points[mine], axis=2).sum(axis=1)
        assert mine[sums.argmin()] == site


def test_medoid_of_many_points_is_the_exact_one(monkeypatch):
    points = np.random.default_rng(0).normal(size=(1500, 6)) ** 3
    exact = medoid(points)
    monkeypatch.setattr("platonic_atlas.engine.anchors.element.EXACT_MEDOID", 1000)
    assert medoid(points) == exact
    assert medoid(np.ones((5, 3))) == 0


@pytest.mark.parametrize("n", [None, 0, -3, int(ELIGIBLE.sum()) + 1])
def test_numbers_out_of_range_are_refused_in_three_parts(n):
    with pytest.raises(AnchorError) as caught:
        choose("random", n)
    assert caught.value.happened
    assert caught.value.expected
    assert "-n" in caught.value.next_step


def test_requests_without_sense_are_refused():
    with pytest.raises(UsageError, match="no anchor strategy"):
        choose("best", 5)
    with pytest.raises(AnchorError, match="reference model"):
        choose_anchors("kmeans", eligible=ELIGIBLE, n=5)
    with pytest.raises(AnchorError, match="not embedded by the reference"):
        choose("kmeans", 5, eligible=np.ones(400, dtype=bool))
    with pytest.raises(AnchorError, match="eligible"):
        choose("element", eligible=np.zeros(400, dtype=bool))


def test_anchor_files_name_atoms_of_the_input():
    input_site = np.array([0, 0, 1, -1, 2, 3, 3])
    eligible = np.array([True, True, False, True])

    def take(*atoms):
        return choose_anchors("file", eligible=eligible, atoms=np.array(atoms, dtype=int), input_site=input_site)

    found = take(6, 0, 1, 2)
    assert found.sites.tolist() == [3, 0, 1]
    assert found.parameters == {"n": 3, "n_named": 4}
    for atoms, words in (
        ((0, 3), "rejected"),
        ((4,), "not embedded by every model"),
        ((0, 7), "not in the input"),
        ((-1,), "not in the input"),
        ((), "names no atoms"),
    ):
        with pytest.raises(AnchorError, match=words):
            take(*atoms)


def test_anchor_file_text():
    assert parse_anchor_file("3, 4\n5  # the oxygen\n\n6").tolist() == [3, 4, 5, 6]
    for text in ("", "# nothing", "1 two 3", "-4", "1.5"):
        with pytest.raises(AnchorError):
            parse_anchor_file(text)


def test_distance_to_the_nearest_anchor_by_brute_force():
    sites = np.array([10, 50, 90])
    points = unit_rows(E, MOMENTS, MOMENTS.rho)
    found = nearest_anchor_distance(E, MOMENTS, anchor_rows(E, MOMENTS, sites))
    expected = np.linalg.norm(points[:, None] - points[sites], axis=2).min(axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert not found[sites].any()
    assert np.isnan(found[[5, 6]]).all()
    summary = coverage_by_element(found, Z)
    oxygen = expected[(Z == 8) & np.isfinite(expected)]
    assert summary[8] == pytest.approx((np.median(oxygen), oxygen.max()), abs=1e-5)
