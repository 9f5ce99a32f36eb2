"""A study tells a model that shares the target's geometry from one that knows the element only."""

import numpy as np
import pytest

from platonic_atlas.engine.stitching import study
from platonic_atlas.engine.stitching.energies import Crystals, compare, element_shifts
from platonic_atlas.engine.stitching.relative_readout import ElementReferences, crystal_readout_errors, readout_errors
from platonic_atlas.engine.stitching.splits import Split
from platonic_atlas.engine.stitching.study import Pair


def made(seed: int = 0, n: int = 60) -> tuple[Pair, np.ndarray]:
    """Sites of 60 structures: the target is element and surroundings, the source a mixture of both."""
    rng = np.random.default_rng(seed)
    structure = np.repeat(np.arange(n), 4)
    numbers = rng.integers(1, 6, len(structure))
    element = rng.normal(size=(6, 8))[numbers]
    around = rng.normal(size=(len(structure), 3)) @ rng.normal(size=(3, 8))
    target = element + 0.5 * around
    source = np.hstack([target @ rng.normal(size=(8, 8)), rng.normal(size=(len(structure), 2))])
    return Pair.of(source, target, numbers, structure, n), np.eye(6)[numbers]


def test_a_linear_relative_is_found_and_the_element_alone_explains_nothing_within_elements():
    pair, onehot = made()
    scores = study.over_splits(lambda s: study.direct_scores(pair, "affine", s), pair)
    assert scores["r2"].mean == pytest.approx(1, abs=1e-8)
    assert scores["atom_at_1"].mean == 1
    control = Pair(onehot, pair.target, pair.numbers, pair.structure, pair.n_structures, pair.sites)
    of_element = study.over_splits(lambda s: study.direct_scores(control, "affine", s), control)
    assert of_element["r2"].mean == pytest.approx(0, abs=0.05)
    assert of_element["r2_raw"].mean > 0.3


def test_nothing_is_left_of_a_target_that_is_the_element():
    pair, onehot = made()
    into = Pair(pair.source, onehot, pair.numbers, pair.structure, pair.n_structures, pair.sites)
    assert np.isnan(study.direct_scores(into, "ridge", into.split(0))["r2"].value)


def test_shuffled_pairs_explain_nothing():
    pair, _ = made()
    split = pair.split(0)
    assert study.direct_scores(study.shuffled(pair, split), "ridge", split)["r2_raw"].value < 0.1
    np.testing.assert_array_equal(study.shuffled(pair, split).source[split.test], pair.source[split.test])


def test_sites_that_one_model_lacks_are_left_out():
    pair, _ = made()
    source = pair.source.copy()
    source[:4] = np.nan
    assert len(Pair.of(source, pair.target, pair.numbers, pair.structure, 60).source) == len(pair.source) - 4


def test_the_interval_holds_the_score_and_the_worst_come_first():
    pair, _ = made()
    noisy = Pair(pair.source + 3 * np.random.default_rng(3).normal(size=pair.source.shape), pair.target, pair.numbers,
                 pair.structure, pair.n_structures, pair.sites)  # fmt: skip
    split = noisy.split(0)
    scored = study.over_splits(lambda s: study.direct_scores(noisy, "ridge", s), noisy)
    for name in ("r2", "r2_raw", "atom_at_1", "element_at_1"):
        assert scored[name].interval[0] < scored[name].values[0] < scored[name].interval[1], name
    moved = study.direct_translation(noisy, "ridge", split)
    errors = [error for _, error in study.worst_structures(noisy, moved, split)]
    assert errors == sorted(errors, reverse=True)
    assert set(study.by_element(noisy, moved, split)) == set(noisy.numbers[split.test].tolist())


def test_energies_per_atom_count_symmetry_copies():
    crystals = Crystals(np.array([11, 17, 8]), np.array([0, 0, 1]), np.array([1, 3, 2]), 2)
    np.testing.assert_allclose(crystals.per_atom(np.array([-1.0, -2.0, -5.0])), [-7 / 4, -5])
    assert crystals.fractions()[0, [11, 17]].tolist() == [0.25, 0.75]
    assert np.isnan(crystals.per_atom(np.array([np.nan, -2.0, -5.0]))[0])


def test_other_references_of_the_elements_are_fitted_away():
    rng = np.random.default_rng(2)
    numbers, structure = rng.integers(1, 5, 200), np.repeat(np.arange(50), 4)
    crystals = Crystals(numbers, structure, np.ones(200, int), 50)
    own = crystals.per_atom(rng.normal(size=200))
    shifted = own + crystals.fractions() @ np.arange(119.0)
    train = np.arange(50) < 40
    found = compare(crystals, shifted, own, train)
    assert found is not None
    assert found.raw.value == pytest.approx(np.abs(shifted - own)[~train].mean())
    assert found.fitted.value == pytest.approx(0, abs=1e-9)
    assert found.shifts == pytest.approx({1: 1, 2: 2, 3: 3, 4: 4})
    alone = compare(crystals, np.zeros(50), own, train)
    assert alone is not None
    assert alone.fitted.value > 0.1
    fractions = crystals.fractions()
    np.testing.assert_allclose(fractions @ element_shifts(shifted - own, fractions, train), shifted - own, atol=1e-9)


def test_one_crystal_that_a_readout_throws_far_off_does_not_decide_the_fit():
    rng = np.random.default_rng(6)
    numbers, structure = rng.integers(1, 5, 240), np.repeat(np.arange(60), 4)
    crystals = Crystals(numbers, structure, np.ones(240, int), 60)
    own = crystals.per_atom(rng.normal(size=240))
    shifted = own + crystals.fractions() @ np.arange(119.0) + 0.01 * rng.normal(size=60)
    shifted[3] += 5000.0
    found = compare(crystals, shifted, own, np.arange(60) < 48)
    assert found is not None
    assert found.shifts == pytest.approx({1: 1, 2: 2, 3: 3, 4: 4}, abs=0.05)
    assert found.fitted.value < 0.02


def test_energies_without_a_crystal_to_compare_are_no_comparison():
    crystals = Crystals(np.array([1, 2]), np.array([0, 1]), np.ones(2, int), 2)
    assert compare(crystals, np.array([np.nan, 1.0]), np.zeros(2), np.array([True, False])) is None
    assert compare(crystals, np.array([1.0, np.nan]), np.zeros(2), np.array([True, False])) is None


@pytest.mark.parametrize("method", ["relative-ridge", "relative-mlp"])
def test_a_readout_learned_on_one_model_serves_another_with_the_same_geometry(method):
    pair, _ = made(n=200)
    rng = np.random.default_rng(5)
    relative = pair.target @ rng.normal(size=(8, 12))
    energies = -pair.numbers + relative @ rng.normal(size=12)
    errors = readout_errors(method, (relative, relative + 1e-3), energies, pair.numbers, pair.structure, pair.split(0))
    errors = {name: ratio.value for name, ratio in errors.items()}
    assert errors["energy_mae"] == pytest.approx(errors["self"], rel=0.2)
    assert errors["energy_mae"] < 0.5 * errors["elements"]


def test_energies_of_crystals_are_read_from_their_means():
    rng = np.random.default_rng(0)
    fractions = np.zeros((300, 119))
    fractions[:, 1:4] = rng.dirichlet(np.ones(3), 300)
    means = rng.normal(size=(300, 6))
    energies = fractions @ np.arange(119.0) + means @ rng.normal(size=6)
    energies[0], means[1, 0] = np.nan, np.nan  # an energy that is missing, a crystal that is not whole
    trains = np.arange(300) % 5 > 0
    split = Split(0, np.zeros(0, dtype=bool), np.zeros(0, dtype=bool), trains)
    errors = crystal_readout_errors("relative-ridge", (means, means[::-1]), energies, fractions, split)
    assert errors["self"].value < 0.2 * errors["elements"].value
    assert errors["energy_mae"].value > errors["elements"].value  # means of other crystals say nothing
    assert set(errors["self"].structure) <= set(np.flatnonzero(~trains)) - {0, 1, 298, 299}


def test_references_are_means_of_the_elements():
    references = ElementReferences.of(np.array([-1.0, -3.0, -7.0]), np.array([1, 1, 8]))
    np.testing.assert_allclose(references.rows(np.array([8, 1])), [-7, -2])
    assert np.isnan(references.rows(np.array([26]))).all()
