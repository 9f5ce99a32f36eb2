from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.space.frames import consensus, element_trends, own_frame, place, shared_frame
from platonic_atlas.engine.space.relative import site_weights
from tests.engine.numerics_cases import changed, direct_z, embedding, numbers, rows_of, space, up_to_sign

SITES = np.arange(0, 300, 9)


def _weighted(z_rows, w):
    centred = z_rows - w @ z_rows
    return centred, np.sqrt(w)[:, None] * centred


@pytest.mark.parametrize("balance", ["elements", "atoms"])
@pytest.mark.parametrize("centre", [True, False])
@pytest.mark.parametrize("sites", [SITES, np.array([4, 9, 30])], ids=["K>d", "K<d"])
def test_own_frame_against_svd(balance, centre, sites):
    z = numbers()
    e = embedding(z, 16, 1)
    w = site_weights(z, np.ones(len(z), dtype=bool), balance)
    centred, rows = _weighted(direct_z(e, w, sites, centre), w)
    _, singular, right = np.linalg.svd(rows, full_matrices=False)
    model = space(e, z, balance, centre)
    projection = own_frame(model, rows_of(model, sites))
    assert up_to_sign(place(model, projection), centred @ right[:2].T) < 1e-5
    assert projection.share == pytest.approx((singular[:2] ** 2).sum() / (singular**2).sum(), abs=1e-9)


@pytest.mark.parametrize("centre", [True, False])
@pytest.mark.parametrize("balance", ["elements", "atoms"])
def test_shared_frame_against_svd(balance, centre):
    z = numbers()
    embeddings = {f"m{d}": embedding(z, d, d) * 10**i for i, d in enumerate((6, 12, 40))}
    w = site_weights(z, np.ones(len(z), dtype=bool), balance)
    stack, centred, totals = [], {}, {}
    for name, e in embeddings.items():
        centred[name], rows = _weighted(direct_z(e, w, SITES, centre), w)
        totals[name] = (rows**2).sum()
        stack.append(rows / np.sqrt(totals[name]))
    axes = np.linalg.svd(np.vstack(stack), full_matrices=False)[2][:2].T
    models = {name: space(e, z, balance, centre) for name, e in embeddings.items()}
    frame = shared_frame({n: rows_of(m, SITES) for n, m in models.items()}, models, list(models))
    signs = []
    for part, (name, model) in zip(stack, models.items(), strict=True):
        expected = centred[name] @ axes / np.sqrt(totals[name])
        found = place(model, frame[name])
        assert up_to_sign(found, expected) < 1e-5
        assert frame[name].share == pytest.approx(((part @ axes) ** 2).sum(), abs=1e-9)
        signs.append(tuple(np.sign((found * expected).sum(axis=0))))
    assert len(set(signs)) == 1  # one frame: a flipped axis is flipped for every model


def test_own_frame_and_raw_against_scikit_learn():
    z = numbers()
    e = embedding(z, 10, 3)
    w = site_weights(z, np.ones(len(z), dtype=bool), "atoms")
    model = space(e, z, "atoms")
    expected = PCA(2).fit_transform(direct_z(e, w, SITES, True))
    assert up_to_sign(place(model, own_frame(model, rows_of(model, SITES))), expected) < 1e-5
    raw = space(e, z, "atoms", representation="raw")
    pca = PCA(2).fit(e)
    assert up_to_sign(place(raw, own_frame(raw)), pca.transform(e)) < 1e-5
    assert own_frame(raw).share == pytest.approx(pca.explained_variance_ratio_.sum(), abs=1e-5)


@pytest.mark.parametrize(
    ("representation", "change", "invariant"),
    [
        ("relative", "rotation", True),
        ("relative", "scale", True),
        ("relative", "row scale", True),
        ("raw", "rotation", True),  # of its own axes; the features themselves turn
        ("raw", "scale", False),
        ("raw", "row scale", False),
    ],
)
def test_what_leaves_a_map_alone(representation, change, invariant):
    z = numbers()
    e = embedding(z, 8, 4)
    maps = []
    for features in (e, changed(e, change, 1)):
        model = space(features, z, representation=representation)
        if representation == "raw":
            maps.append(place(model, own_frame(model)))
        else:
            maps.append(place(model, shared_frame({"m": rows_of(model, SITES)}, {"m": model}, ["m"])["m"]))
    assert bool(np.abs(maps[0] - maps[1]).max() < 1e-4) is invariant


def test_masked_rows_change_nothing_for_the_others():
    z = numbers()
    e = embedding(z, 8, 4)
    masked = np.array([11, 200])
    with_gaps = e.copy()
    with_gaps[masked] = np.nan
    kept = np.setdiff1d(np.arange(300), masked)
    sites = np.array([1, 40, 77, 120])
    gaps, short = space(with_gaps, z), space(e[kept], z[kept])
    found = place(gaps, own_frame(gaps, rows_of(gaps, sites)))
    expected = place(short, own_frame(short, rows_of(short, np.searchsorted(kept, sites))))
    assert np.isnan(found[masked]).all()
    np.testing.assert_allclose(found[kept], expected, atol=1e-5)


def test_one_anchor_spans_one_axis():
    z = numbers()
    model = space(embedding(z, 8, 4), z)
    for projection in (
        own_frame(model, rows_of(model, np.array([3]))),
        shared_frame({"m": rows_of(model, np.array([3]))}, {"m": model}, ["m"])["m"],
    ):
        coordinates = place(model, projection)
        assert np.ptp(coordinates[:, 0]) > 0.1
        assert not coordinates[:, 1].any()
        assert projection.share == pytest.approx(1.0)


def test_nothing_to_spread_is_said():
    z = numbers()
    good = space(embedding(z, 6, 1), z)
    same = space(np.ones((300, 5), dtype=np.float32), z, centre=False)
    rows = {"good": rows_of(good, SITES), "same": np.ones((len(SITES), 5))}
    frame = shared_frame(rows, {"good": good, "same": same}, ["good", "same"])
    assert np.isnan(frame["same"].share)
    assert frame["same"].total == 0
    assert "nothing to spread" in frame["same"].reason
    assert not frame["same"].matrix.any()
    assert frame["good"].reason == ""
    alone = shared_frame({"good": rows["good"]}, {"good": good}, ["good"])["good"]
    np.testing.assert_allclose(frame["good"].matrix, alone.matrix)
    constant = space(np.full((300, 4), 2.5, dtype=np.float32), z, representation="raw")
    assert own_frame(constant).reason
    assert not place(constant, own_frame(constant)).any()


@pytest.mark.parametrize("seed", range(6))
def test_axes_grow_with_electronegativity_and_period(seed):
    z = numbers(seed=seed)
    models = {name: space(embedding(z, d, seed * 10 + d), z) for name, d in (("a", 6), ("b", 9))}
    frame = shared_frame({n: rows_of(m, SITES) for n, m in models.items()}, models, ["a", "b"])
    w = site_weights(z, np.ones(300, dtype=bool), "elements")
    trends = element_trends(z)
    cov = sum(trends.T * w @ (place(m, frame[n]) - w @ place(m, frame[n])) for n, m in models.items())
    assert cov[0, 0] > 0
    assert cov[1, 1] > 0
    for representation in ("relative", "raw"):
        model = space(models["a"].embedding, z, representation=representation)
        own = place(model, own_frame(model, rows_of(model, SITES) if representation == "relative" else None))
        cov = trends.T * w @ (own - w @ own)
        assert cov[0, 0] > 0
        assert cov[1, 1] > 0


def test_noble_gases_do_not_vote_on_the_sign():
    z = np.where(np.arange(300) % 5 == 0, 10, numbers())
    model = space(embedding(z, 6, 2), z)
    assert np.isnan(element_trends(z)).any()
    assert np.isfinite(model.trend).all()


def test_controls_do_not_shape_the_frame():
    z = numbers()
    trained = {n: space(embedding(z, 8, s), z) for n, s in (("a", 1), ("b", 2))}
    control = space(embedding(z, 30, 3), z)
    rows = {n: rows_of(m, SITES) for n, m in trained.items()}
    without = shared_frame(rows, trained, ["a", "b"])
    both = trained | {"control": control}
    drawn = shared_frame(rows | {"control": rows_of(control, SITES)}, both, ["a", "b"])
    shaping = shared_frame(rows | {"control": rows_of(control, SITES)}, both, ["a", "b", "control"])
    np.testing.assert_array_equal(drawn["a"].matrix, without["a"].matrix)
    assert np.abs(shaping["a"].matrix - without["a"].matrix).max() > 1e-3
    assert 0 < drawn["control"].share < 1


def test_a_narrow_cone_keeps_its_digits():
    z = numbers()
    e = embedding(z, 12, 1)
    narrow = (e * 1e-3 + np.r_[30.0, np.zeros(11)]).astype(np.float32)
    model = space(narrow, z)
    w = site_weights(z, np.ones(300, dtype=bool), "elements")
    centred, rows = _weighted(direct_z(narrow, w, SITES, True), w)
    axes = np.linalg.svd(rows, full_matrices=False)[2][:2].T
    assert model.narrow
    assert up_to_sign(place(model, own_frame(model, rows_of(model, SITES))), centred @ axes) < 1e-5


def test_frames_that_cannot_be_made_are_refused():
    z = numbers()
    model = space(embedding(z, 6, 1), z)
    rows = {"m": rows_of(model, SITES)}
    for shaping in ([], ["other"]):
        with pytest.raises(InputError):
            shared_frame(rows, {"m": model}, shaping)
    with pytest.raises(InputError, match="numbers of anchors"):
        shared_frame(rows | {"n": rows["m"][:3]}, {"m": model, "n": model}, ["m", "n"])


def test_consensus_is_the_mean_of_those_that_embed_the_site():
    nan = np.nan
    places = {
        "a": np.array([[0, 0], [1, 1], [nan, nan], [nan, nan]]),
        "b": np.array([[2, 4], [3, 1], [5, 5], [nan, nan]]),
        "c": np.array([[4, 2], [nan, nan], [nan, nan], [nan, nan]]),
        "control": np.full((4, 2), 100.0),
    }
    found = consensus(places, ["a", "b", "c"])
    np.testing.assert_allclose(found[:2], [[2, 2], [2, 1]])
    assert np.isnan(found[2:]).all()
    with pytest.raises(InputError):
        consensus(places, [])
