"""All pairs at once, against the study of a single pair."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.stitching.matrix import SCORES, Matrix, ladder, reversals, ridge_matrix
from platonic_atlas.engine.stitching.outliers import far_off
from platonic_atlas.engine.stitching.scores import values_of
from platonic_atlas.engine.stitching.study import Pair, direct_scores
from platonic_atlas.engine.types import FloatArray

N, STRUCTURES = 240, 40


def seeded() -> tuple[dict[str, FloatArray], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    numbers, structure = rng.integers(1, 6, N), np.repeat(np.arange(STRUCTURES), N // STRUCTURES)
    hidden = rng.normal(size=(N, 4)) + np.eye(6, 4)[numbers]
    features = {
        name: np.tanh(hidden @ rng.normal(size=(4, d)) + 0.1 * rng.normal(size=(N, d))).astype(np.float32)
        for name, d in (("a", 5), ("b", 7))
    }
    features["onehot"] = np.eye(6)[numbers].astype(np.float32)
    features["noise"] = rng.normal(size=(N, 6)).astype(np.float32)
    features["b"][3] = np.nan
    return features, numbers, structure


def test_every_cell_is_the_score_of_its_pair() -> None:
    features, numbers, structure = seeded()
    matrix = ridge_matrix(features, numbers, structure, STRUCTURES, n_splits=3)
    assert matrix.n_sites == N - 1
    known = np.isfinite(features["b"]).all(axis=1)
    for i, source in enumerate(matrix.names):
        for j, target in enumerate(matrix.names):
            pair = Pair.of(
                features[source][known], features[target][known], numbers[known], structure[known], STRUCTURES
            )
            for seed in range(3):
                single = values_of(direct_scores(pair, "ridge", pair.split(seed)))
                for score in SCORES:
                    if target == "onehot" and score in ("atom_at_1", "structure_at_1"):
                        continue  # all atoms of an element lie in one place: which is nearest is chance
                    assert matrix.values[score][seed, i, j] == pytest.approx(single[score], abs=1e-8, nan_ok=True)
    assert np.isnan(matrix.values["r2"][:, :, matrix.names.index("onehot")]).all()  # nothing is left of its element


def test_the_ladder_sorts_pairs_by_kin_and_names_reversals() -> None:
    names = ("a", "b", "c", "control")
    mean = np.array(
        [[1.0, 0.6, 0.4, np.nan], [0.7, 1.0, 0.2, np.nan], [0.3, 0.1, 1.0, np.nan], [0.05, 0.15, 0.0, np.nan]]
    )
    matrix = Matrix(names, {"r2": np.stack([mean - 0.05, mean + 0.05])}, 10)
    rungs = {rung.name: rung for rung in ladder(matrix, {"a": "x", "b": "x", "c": "y"}, frozenset({"control"}))}
    assert rungs["itself"].mean == pytest.approx(1)
    assert (rungs["same family"].n, rungs["same family"].mean) == (2, pytest.approx(0.65))
    assert (rungs["other family"].low, rungs["other family"].high) == (pytest.approx(0.1), pytest.approx(0.4))
    assert rungs["control"].n == 3
    (found,) = reversals(matrix, frozenset({"control"}))
    assert (found.target, found.trained, found.control) == ("b", "c", "control")
    assert found.trained_range == pytest.approx((0.05, 0.15))
    assert found.control_range == pytest.approx((0.1, 0.2))


def test_models_without_a_common_site_are_refused() -> None:
    features = {"a": np.full((4, 2), np.nan), "b": np.ones((4, 2))}
    with pytest.raises(InputError, match="share 0 sites"):
        ridge_matrix(features, np.ones(4, int), np.arange(4), 4)
    with pytest.raises(InputError):
        ridge_matrix({}, np.ones(4, int), np.arange(4), 4)


def test_far_off_is_what_lies_beyond_ten_median_distances() -> None:
    features = np.random.default_rng(0).normal(size=(200, 3))
    features[7] *= 200
    features[9] = np.nan
    assert np.flatnonzero(far_off(features)).tolist() == [7]
    assert not far_off(features * 0 + 1).any()
