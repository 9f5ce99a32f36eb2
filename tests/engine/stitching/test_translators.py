"""Maps between spaces against SciPy, scikit-learn and closed forms."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from sklearn.linear_model import LinearRegression, Ridge

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.space.relative import anchor_rows, compute_moments, relative_representation
from platonic_atlas.engine.stitching.translators import AnchorMap, fit_direct, from_centred


def rows(n: int, d: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)) + np.arange(d)


def test_procrustes_is_scipys_where_the_widths_are_equal():
    x, y = rows(60, 7, 1), rows(60, 7, 2)
    found = fit_direct("procrustes", x, y)
    turn, total = orthogonal_procrustes(x - x.mean(0), y - y.mean(0))
    np.testing.assert_allclose(found.matrix, turn * total / np.sum((x - x.mean(0)) ** 2), atol=1e-12)


@pytest.mark.parametrize(("d_a", "d_b"), [(4, 9), (9, 4)])
def test_procrustes_pads_the_narrower_side_with_zeros(d_a, d_b):
    x, y = rows(60, d_a, 1), rows(60, d_b, 2)
    found = fit_direct("procrustes", x, y)
    wide = [np.pad(side - side.mean(0), ((0, 0), (0, 9 - side.shape[1]))) for side in (x, y)]
    turn, total = orthogonal_procrustes(*wide)
    expected = (wide[0] @ turn * total / np.sum(wide[0] ** 2))[:, :d_b] + y.mean(0)
    np.testing.assert_allclose(found(x), expected, atol=1e-10)


def test_affine_is_linear_regression_and_ridge_is_ridge():
    x, y = rows(80, 5, 3), rows(80, 6, 4)
    np.testing.assert_allclose(fit_direct("affine", x, y)(x), LinearRegression().fit(x, y).predict(x), atol=1e-10)
    alpha = 0.01 * np.trace((x - x.mean(0)).T @ (x - x.mean(0))) / 5
    np.testing.assert_allclose(fit_direct("ridge", x, y)(x), Ridge(alpha=alpha).fit(x, y).predict(x), atol=1e-10)


@pytest.mark.parametrize("method", ["procrustes", "affine"])
def test_a_model_into_itself_is_exact(method):
    x = rows(50, 6, 5)
    np.testing.assert_allclose(fit_direct(method, x, x)(x), x, atol=1e-10)


def test_ridge_into_itself_shrinks_a_little():
    x = rows(200, 6, 5)
    away = np.linalg.norm(fit_direct("ridge", x, x)(x) - x) / np.linalg.norm(x - x.mean(0))
    assert 1e-4 < away < 0.05


def test_a_source_that_does_not_vary_gives_the_mean_of_the_target():
    y = rows(20, 3, 6)
    moved = fit_direct("ridge", np.ones((20, 4)), y)(np.ones((20, 4)))
    np.testing.assert_allclose(moved, np.tile(y.mean(0), (20, 1)))


def test_too_few_pairs_and_unknown_methods_are_refused():
    with pytest.raises(InputError, match="1 paired sites are too few"):
        fit_direct("ridge", np.ones((1, 2)), np.ones((1, 2)))
    with pytest.raises(InputError, match="no direct method 'magic'"):
        fit_direct("magic", np.ones((3, 2)), np.ones((3, 2)))  # type: ignore[arg-type]


def test_centred_unit_rows_lead_back_to_features():
    numbers = np.repeat([1, 8, 26], 20)
    features = rows(60, 8, 7)
    moments = compute_moments(features, numbers, "elements")
    norms = np.linalg.norm(features, axis=1)
    centred = (features / norms[:, None] - moments.mean0) / moments.rho[:, None]
    np.testing.assert_allclose(from_centred(centred, moments.mean0, norms), features, rtol=1e-5)


def test_through_as_many_anchors_as_features_a_model_comes_back_to_itself():
    numbers = np.repeat([1, 8, 26], 20)
    features = rows(60, 8, 7)
    moments = compute_moments(features, numbers, "elements")
    anchors = anchor_rows(features, moments, np.arange(0, 60, 5))
    relative = relative_representation(features, moments, anchors)
    norm = fit_direct("affine", np.hstack([features, np.eye(60)]), np.linalg.norm(features, axis=1)[:, None])
    translate = AnchorMap(anchors, moments.mean0, norm)
    moved = translate(relative, np.hstack([features, np.eye(60)]))
    np.testing.assert_allclose(moved, features, atol=1e-5 * np.ptp(features))
    # the direct least-squares solution of ê Aᵀ = z, without a pseudo-inverse
    solved = np.linalg.lstsq(anchors, relative.T.astype(float), rcond=None)[0].T
    solved /= np.linalg.norm(solved, axis=1, keepdims=True)
    np.testing.assert_allclose(from_centred(solved, moments.mean0, np.linalg.norm(features, axis=1)), moved, atol=1e-5)
