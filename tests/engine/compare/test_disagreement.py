from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.compare.disagreement import disagreement
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.space.relative import site_weights
from tests.engine.numerics_cases import direct_z, embedding, numbers, rows_of, space

Z = numbers()


@pytest.mark.parametrize("n_anchors", [3, 20, 90], ids=["few", "some", "more than all features"])
@pytest.mark.parametrize("centre", [True, False])
def test_disagreement_by_brute_force(n_anchors, centre, monkeypatch):
    monkeypatch.setattr("platonic_atlas.engine.compare.disagreement.DISAGREEMENT_ROWS", 70)
    embeddings = {f"m{d}": embedding(Z, d, d) for d in (5, 8, 13)}
    embeddings["m5"][[100, 101]] = np.nan
    embeddings["m8"][101] = np.nan
    models = {name: space(e, Z, centre=centre) for name, e in embeddings.items()}
    sites = np.arange(n_anchors)
    places = np.full((3, 300, n_anchors), np.nan)
    for place, e in zip(places, embeddings.values(), strict=True):
        ok = np.isfinite(e[:, 0])
        w = site_weights(Z[ok], np.ones(ok.sum(), dtype=bool), "elements")
        z = direct_z(e[ok], w, sites, centre)
        y = z - w @ z
        place[ok] = y / np.sqrt(w @ (y**2).sum(axis=1))
    expected = np.sqrt(np.nanmean(((places - np.nanmean(places, axis=0)) ** 2).sum(axis=2, where=True), axis=0))
    expected[101] = np.nan
    found = disagreement(models, {n: rows_of(m, sites) for n, m in models.items()}, list(models))
    np.testing.assert_allclose(found, expected, atol=2e-6)
    assert np.isnan(found[101])
    assert np.isfinite(found[100])


def test_a_model_agrees_with_its_turned_copy_and_not_with_another():
    e = embedding(Z, 8, 1)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(8, 8)))[0]
    models = {"a": space(e, Z), "turned": space((e @ turn * 4).astype(np.float32), Z)}
    models["other"] = space(embedding(Z, 8, 5), Z)
    rows = {n: rows_of(m, np.arange(40)) for n, m in models.items()}
    assert disagreement(models, rows, ["a", "turned"]).max() < 1e-5
    assert np.median(disagreement(models, rows, ["a", "other"])) > 0.1


def test_progress_is_told_and_can_end_the_run():
    models = {n: space(embedding(Z, 8, s), Z) for s, n in enumerate("ab")}
    rows = {n: rows_of(m, np.arange(4)) for n, m in models.items()}
    told = []
    disagreement(models, rows, ["a", "b"], progress=lambda what, done, total: told.append((done, total)))
    assert told[-1] == (300, 300)

    def cancel(what, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        disagreement(models, rows, ["a", "b"], progress=cancel)


def test_one_model_cannot_disagree():
    models = {"a": space(embedding(Z, 8, 1), Z)}
    with pytest.raises(InputError, match="at least two"):
        disagreement(models, {"a": rows_of(models["a"], np.arange(4))}, ["a"])
