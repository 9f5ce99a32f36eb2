from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platonic_atlas.engine.errors import AnchorError, UsageError
from platonic_atlas.engine.space.relative import (
    anchor_rows,
    compute_moments,
    relative_representation,
    site_weights,
    uncentred_moments,
)
from tests.engine.numerics_cases import changed, direct_z, embedding, numbers


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=40), st.data())
def test_weights_sum_to_one_and_share_fairly(z, data):
    z = np.array(z)
    present = np.array(data.draw(st.lists(st.booleans(), min_size=len(z), max_size=len(z))))
    by_element, by_atom = (site_weights(z, present, balance) for balance in ("elements", "atoms"))
    assert not by_element[~present].any()
    assert not by_atom[~present].any()
    if present.any():
        totals = [by_element[z == number].sum() for number in np.unique(z[present])]
        np.testing.assert_allclose(totals, 1 / len(totals))
        np.testing.assert_allclose(by_atom[present], 1 / present.sum())


def test_an_unknown_balance_is_refused():
    with pytest.raises(UsageError, match="no balance"):
        site_weights(np.array([1]), np.array([True]), "mass")


@pytest.mark.parametrize("balance", ["elements", "atoms"])
def test_moments_follow_their_definitions(balance):
    z = numbers()
    e = embedding(z, 12, 1)
    e[[3, 50]] = np.nan
    m = compute_moments(e, z, balance)
    ok = np.isfinite(e[:, 0])
    x, zz, w = e[ok].astype(np.float64), z[ok], site_weights(z, ok, balance)[ok]
    r = x / np.linalg.norm(x, axis=1, keepdims=True)
    unit = r - w @ r
    rho = np.linalg.norm(unit, axis=1)
    unit /= rho[:, None]
    np.testing.assert_allclose(m.mean0, w @ r, atol=1e-12)
    np.testing.assert_allclose(m.rho[ok], rho, atol=1e-12)
    assert np.isnan(m.rho[~ok]).all()
    np.testing.assert_allclose(m.mean, w @ unit, atol=1e-12)
    np.testing.assert_allclose(m.second, np.cov(unit.T, aweights=w, ddof=0), atol=1e-12)
    np.testing.assert_allclose(m.raw_mean, w @ x, atol=1e-12)
    np.testing.assert_allclose(m.raw_second, np.cov(x.T, aweights=w, ddof=0), atol=1e-10)
    within, uncentred = unit.copy(), r.copy()
    for of in (within, uncentred):
        for number in np.unique(zz):
            mine = zz == number
            of[mine] -= np.average(of[mine], axis=0, weights=w[mine])
    np.testing.assert_allclose(m.within_element_second, (within.T * w) @ within, atol=1e-12)
    mean, second, within_elements = uncentred_moments(e, m, z)
    np.testing.assert_allclose(within_elements, (uncentred.T * w) @ uncentred, atol=1e-12)
    np.testing.assert_allclose(mean, w @ r, atol=1e-12)
    np.testing.assert_allclose(second, np.cov(r.T, aweights=w, ddof=0), atol=1e-12)


def test_chunks_do_not_show(monkeypatch):
    z = numbers()
    e = embedding(z, 7, 2)
    whole = compute_moments(e, z, "elements")
    monkeypatch.setattr("platonic_atlas.engine.space.relative.row_chunks.__defaults__", (64,))
    parts = compute_moments(e, z, "elements")
    np.testing.assert_allclose(parts.second, whole.second, atol=1e-14)
    np.testing.assert_allclose(parts.rho, whole.rho, atol=1e-14)


def test_rows_without_direction_are_masked():
    z = np.array([1, 1, 8, 8])
    e = np.array([[1, 0], [0, 1], [0, 0], [np.nan, np.nan]], dtype=np.float32)
    m = compute_moments(e, z, "atoms")
    assert np.isfinite(m.rho).tolist() == [True, True, False, False]
    same = compute_moments(np.ones((4, 3), dtype=np.float32), z, "atoms")
    assert np.isnan(same.rho).all()
    assert not same.second.any()
    nothing = compute_moments(np.full((4, 3), np.nan, dtype=np.float32), z, "atoms")
    assert np.isnan(nothing.rho).all()
    assert not nothing.raw_second.any()


@pytest.mark.parametrize("centre", [True, False])
def test_relative_representation_is_cosines_to_anchors(centre):
    z = numbers()
    e = embedding(z, 9, 3)
    m = compute_moments(e, z, "elements")
    sites = np.array([5, 17, 100])
    found = relative_representation(e, m, anchor_rows(e, m, sites, centre=centre), centre=centre)
    w = site_weights(z, np.ones(len(z), dtype=bool), "elements")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, direct_z(e, w, sites, centre), atol=1e-6)
    np.testing.assert_allclose(found[sites].diagonal(), 1.0, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "invariant"),
    [("rotation", True), ("scale", True), ("row scale", True), ("shift", False), ("stretch", False)],
)
def test_what_leaves_the_relative_representation_alone(change, invariant):
    z = numbers()
    e = embedding(z, 8, 4)
    sites = np.arange(20)
    z_of = []
    for features in (e, changed(e, change, 5)):
        m = compute_moments(features, z, "elements")
        z_of.append(relative_representation(features, m, anchor_rows(features, m, sites)))
    assert bool(np.abs(z_of[0] - z_of[1]).max() < 1e-5) is invariant


def test_anchors_that_cannot_be_used_are_refused():
    z = numbers(20)
    e = embedding(z, 4, 0)
    e[7] = np.nan
    m = compute_moments(e, z, "atoms")
    for sites, words in (([7], "not embedded"), ([20], "does not exist"), ([-1], "does not exist"), ([], "no anchors")):
        with pytest.raises(AnchorError, match=words):
            anchor_rows(e, m, np.array(sites, dtype=int))
