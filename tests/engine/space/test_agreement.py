"""The agreement frame against the generalised problem written out with every y, and against the numbers of the reference."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy.linalg import eigh

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.space.agreement import EPSILON, agreement, agreement_frame, scaled_rows, shared_axes
from platonic_atlas.engine.space.cross import CrossMoments, cross_moments, halves_of
from platonic_atlas.engine.space.frames import ModelSpace, place
from platonic_atlas.engine.space.relative import site_weights
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray
from tests.engine.numerics_cases import embedding, numbers, rows_of, space

Z = numbers(240)
SITES = np.arange(0, 240, 8)
SHAPING = ("a", "b", "c")
Case = tuple[dict[str, ModelSpace], dict[str, FloatArray], CrossMoments, BoolArray]


@pytest.fixture(scope="module")
def case() -> Case:
    """Three models with a common part, one of them without two sites, and a model of noise."""
    alike = embedding(Z, 6, 1)
    embeddings = {}
    for seed, (name, width) in enumerate((("a", 6), ("b", 9), ("c", 7), ("noise", 8))):
        mixed = np.random.default_rng(10 + seed)
        own = mixed.normal(size=(240, width)).astype(np.float32)
        embeddings[name] = own if name == "noise" else alike @ mixed.normal(size=(6, width)).astype(np.float32) + own
    embeddings["b"][[3, 9]] = np.nan
    spaces = {name: space(e, Z) for name, e in embeddings.items()}
    half = halves_of(np.arange(240) // 4, 60)
    rows = {name: rows_of(each, SITES[2:]) for name, each in spaces.items()}
    return spaces, rows, cross_moments(spaces, Z, half), half


def written_out(
    spaces: Mapping[str, ModelSpace], rows: Mapping[str, FloatArray], sites: IntArray, within: bool
) -> tuple[dict[str, FloatArray], FloatArray]:
    """y of every model at some sites, centred, and their weights."""
    weights = site_weights(Z, np.ones(240, dtype=bool), "elements")[sites]
    weights = weights / weights.sum()
    scaled = scaled_rows(rows, spaces, within=within)
    found = {}
    for name, each in spaces.items():
        unit = each.embedding[sites].astype(float)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        y = (unit - each.moments.mean0) / each.rho[sites, None] @ scaled[name].T
        if within:
            for z in np.unique(Z[sites]):
                of = Z[sites] == z
                y[of] -= weights[of] @ y[of] / weights[of].sum()
        found[name] = y - weights @ y
    return found, weights


def solved(y: Mapping[str, FloatArray], weights: FloatArray, shaping: tuple[str, ...]) -> tuple[FloatArray, FloatArray]:
    def covariance(of: FloatArray) -> FloatArray:
        return (of * weights[:, None]).T @ of

    common = covariance(sum(y[name] for name in shaping) / len(shaping))
    each = sum(covariance(y[name]) for name in shaping) / len(shaping)
    size = len(each)
    values, vectors = eigh(common, each + EPSILON * np.trace(each) / size * np.eye(size))
    return values[::-1], vectors[:, ::-1]


@pytest.mark.parametrize("within", [False, True])
def test_axes_and_shares_are_those_of_the_problem_written_out(case: Case, within: bool) -> None:
    spaces, rows, cross, _ = case
    sites = np.flatnonzero(np.isfinite(spaces["b"].rho))
    y, weights = written_out(spaces, rows, sites, within)
    values, vectors = solved(y, weights, SHAPING)
    scaled = scaled_rows(rows, spaces, within=within)
    shared, axes = shared_axes(cross.covariance(within=within), cross, scaled, SHAPING, 4)
    np.testing.assert_allclose(shared, values[:4], atol=1e-6)
    for axis in range(4):
        of = sum(y[name] for name in SHAPING) / 3 @ axes[:, axis]
        assert weights @ of**2 == pytest.approx(1, abs=1e-6)
        assert abs(np.corrcoef(axes[:, axis], vectors[:, axis])[0, 1]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("within", [False, True])
def test_agreement_is_read_on_the_half_that_did_not_shape_it(case: Case, within: bool) -> None:
    spaces, rows, cross, half = case
    found = agreement(cross, rows, spaces, SHAPING, within=within)
    known = np.isfinite(spaces["b"].rho)
    for name in spaces:
        others = tuple(other for other in SHAPING if other != name)
        read = []
        for shaped in (half, ~half):
            y, weights = written_out(spaces, rows, np.flatnonzero(shaped & known), within)
            axes = solved(y, weights, others)[1][:, :2]
            y, weights = written_out(spaces, rows, np.flatnonzero(~shaped & known), within)
            own, mean = y[name] @ axes, sum(y[other] for other in others) @ axes
            both = weights @ (own * mean)
            read.append(both / np.sqrt((weights @ own**2) * (weights @ mean**2)))
        np.testing.assert_allclose(found.agreement[name], np.mean(read, axis=0), atol=1e-6)
    assert abs(found.agreement["noise"][0]) < 0.3
    if not within:
        assert min(found.agreement[name][0] for name in SHAPING) > 0.3


def test_maps_lie_alike_and_grow_with_the_trends(case: Case) -> None:
    spaces, rows, cross, _ = case
    frame = agreement_frame(cross, rows, spaces, SHAPING)
    places = {name: place(spaces[name], frame[name]) for name in SHAPING}
    known = np.isfinite(places["b"][:, 0])
    assert not known[[3, 9]].any()
    for name in ("b", "c"):
        assert np.corrcoef(places["a"][known, 0], places[name][known, 0])[0, 1] > 0.3
    assert all(np.isnan(frame[name].share) for name in SHAPING)
    covariance = sum(spaces[m].trend.T @ frame[m].matrix for m in SHAPING)
    assert (np.diagonal(covariance) > 0).all()


def test_models_that_embed_nothing_in_common_are_named(case: Case) -> None:
    first = embedding(Z, 6, 1)
    second = first.copy()
    first[:120], second[120:] = np.nan, np.nan
    with pytest.raises(InputError, match="all of one, other"):
        cross_moments({"one": space(first, Z), "other": space(second, Z)}, Z, np.zeros(240, dtype=bool))
