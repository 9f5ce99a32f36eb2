from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.space.frames import place, shared_frame
from platonic_atlas.engine.space.layouts import aligned_umap_layouts, isometric_rows, nearest_rows, umap_layout
from platonic_atlas.engine.space.relative import relative_representation
from tests.engine.numerics_cases import embedding, numbers, rows_of, space

Z = numbers(240)
SITES = np.arange(0, 240, 8)


@pytest.fixture(scope="module")
def models():
    embeddings = {name: embedding(Z, d, 1) for d, name in ((8, "a"), (8, "b"))}
    embeddings["b"] += 0.05 * np.random.default_rng(1).normal(size=embeddings["b"].shape).astype(np.float32)
    embeddings["a"][[3, 9]] = np.nan
    return {name: space(e, Z) for name, e in embeddings.items()}


@pytest.fixture(scope="module")
def start(models):
    rows = {n: rows_of(m, SITES[2:]) for n, m in models.items()}
    frame = shared_frame(rows, models, list(models))
    return rows, {n: place(m, frame[n]) for n, m in models.items()}


@pytest.mark.parametrize("n_anchors", [4, 28])
def test_isometric_rows_keep_the_distances_of_z(models, n_anchors):
    model = models["a"]
    rows = rows_of(model, SITES[2 : 2 + n_anchors])
    found, used = isometric_rows(model.embedding, model.moments, rows)
    z = relative_representation(model.embedding, model.moments, rows)[used]
    assert found.shape == (238, min(n_anchors, 8))
    np.testing.assert_allclose(pdist(found), pdist(z), atol=1e-5)


def test_nearest_rows_are_those_of_all_pairs_itself_first():
    rows = np.random.default_rng(2).normal(size=(50, 4)).astype(np.float32)
    rows[[7, 9]] = rows[3]
    found, distances = nearest_rows(rows, 6)
    pairs = squareform(pdist(rows.astype(np.float64)))
    assert (found[:, 0] == np.arange(50)).all()
    assert (distances[:, 0] == 0).all()
    assert set(found[3][:3]) == {3, 7, 9}
    np.testing.assert_allclose(distances, np.sort(pairs, axis=1)[:, :6], atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(pairs, found.astype(int), axis=1), distances, atol=1e-6)


def test_umap_is_deterministic_oriented_and_masked(models, start):
    rows, initial = start
    told = []
    layouts = {}
    for n, m in models.items():
        layouts[n] = umap_layout(
            m.embedding,
            m.moments,
            rows[n],
            initial[n],
            seed=4,
            n_neighbors=15,
            progress=lambda *step: told.append(step),
        )
    a = models["a"]
    again = umap_layout(a.embedding, a.moments, rows["a"], initial["a"], seed=4, n_neighbors=15)
    np.testing.assert_array_equal(layouts["a"], again)
    assert np.isnan(layouts["a"][[3, 9]]).all()
    assert np.isfinite(layouts["b"]).all()
    assert told
    assert told[-1][1] == told[-1][2]
    for name, found in layouts.items():
        ok = np.isfinite(found[:, 0])
        for axis in (0, 1):
            assert np.corrcoef(found[ok, axis], initial[name][ok, axis])[0, 1] > 0.5


def test_umap_can_be_cancelled_and_refuses_too_few_sites(models, start):
    rows, initial = start
    a = models["a"]

    def cancel(what, done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        umap_layout(a.embedding, a.moments, rows["a"], initial["a"], progress=cancel)
    with pytest.raises(InputError, match="neighbours"):
        umap_layout(a.embedding, a.moments, rows["a"], initial["a"], n_neighbors=238)


def test_aligned_umap_ties_the_models_together(models, start):
    rows, initial = start
    found = aligned_umap_layouts(
        {n: m.embedding for n, m in models.items()},
        {n: m.moments for n, m in models.items()},
        rows,
        initial["a"],
        ["a", "b"],
        n_neighbors=15,
    )
    both = np.isfinite(found["a"][:, 0]) & np.isfinite(found["b"][:, 0])
    assert both.sum() == 238
    for axis in (0, 1):
        assert np.corrcoef(found["a"][both, axis], found["b"][both, axis])[0, 1] > 0.8
    with pytest.raises(InputError, match="two models"):
        aligned_umap_layouts({}, {}, {}, initial["a"], ["a"])
