"""Sums of pairs of models against explicit matrices, and how much of the features is in memory meanwhile."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.space.cross import (
    CHUNK,
    CrossMoments,
    ModelRows,
    SiteGroups,
    cross_moments,
    crossed,
    halves_of,
    pair_by_pair,
    pair_sums,
    pairs_of,
)
from platonic_atlas.engine.space.relative import site_weights
from platonic_atlas.engine.types import BoolArray, FloatArray, Moments, PairSums
from tests.engine.numerics_cases import embedding, numbers, space

N = 300
Z = numbers(N)
HALF = halves_of(np.arange(N) // 4, N // 4)
WIDTH = {"a": 5, "b": 8, "c": 6, "d": 4}


def features(lacking: dict[str, list[int]]) -> dict[str, FloatArray]:
    """Features of four models; lacking : sites that a model does not embed."""
    found = {name: embedding(Z, width, seed) for seed, (name, width) in enumerate(WIDTH.items())}
    for name, sites in lacking.items():
        found[name][sites] = np.nan
    return found


def rows_of(e: dict[str, FloatArray], balance: Balance, centre: bool = True) -> dict[str, ModelRows]:
    spaces = {name: space(each, Z, balance, centre) for name, each in e.items()}
    return {name: ModelRows.of(e[name], spaces[name].moments, Z, centre=centre) for name in e}


def written_out(rows: ModelRows) -> FloatArray:
    """ê or r less its mean, (n, d), zeros where masked: straight from the definitions."""
    r = rows.embedding.astype(float)
    r /= np.linalg.norm(r, axis=1, keepdims=True)
    unit = (r - rows.moments.mean0) / rows.moments.rho[:, None] if rows.centre else r
    used = np.isfinite(rows.moments.rho)
    weights = site_weights(Z, used, rows.moments.balance)
    return np.where(used[:, None], unit - weights[used] @ unit[used], 0.0)


def held(rows: dict[str, ModelRows], groups: SiteGroups) -> dict[tuple[str, str], PairSums]:
    found: dict[tuple[str, str], PairSums] = {}
    pair_by_pair(pairs_of(sorted(rows)), rows.__getitem__, lambda pair, two: found.update({pair: pair_sums(groups, two, pair)}))  # fmt: skip
    return found


def of_moments(rows: dict[str, ModelRows], models: str) -> dict[str, Moments]:
    return {name: rows[name].moments for name in models}


@pytest.mark.parametrize("balance", Balance)
@pytest.mark.parametrize("centre", [True, False])
def test_sums_of_pairs_are_those_of_the_matrices_written_out(balance: Balance, centre: bool) -> None:
    rows = rows_of(features({"b": [0, 7, 9]}), balance, centre)
    groups = SiteGroups.of(Z, HALF, balance)
    weights = site_weights(Z, np.ones(N, dtype=bool), balance)
    elements = np.unique(Z)
    for (a, b), found in held(rows, groups).items():
        both = np.isfinite(rows[a].moments.rho) & np.isfinite(rows[b].moments.rho)
        for which, half in enumerate((~HALF, HALF)):
            w = weights * (both & half)
            x, y = written_out(rows[a]), written_out(rows[b])
            np.testing.assert_allclose(found.products[which], x.T @ (w[:, None] * y), atol=1e-12)
            if a == b:
                by_element = np.stack([(w * (z == Z)) @ x for z in elements])
                np.testing.assert_allclose(found.sums[which], by_element, atol=1e-12)  # type: ignore[index]
            else:
                assert found.sums is None


def equal(found: CrossMoments, expected: CrossMoments) -> None:
    assert found.models == expected.models
    assert found.columns == expected.columns
    for name in ("products", "sums", "weights"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-12)
    for within in (False, True):
        for halves in ((0, 1), (0,), (1,)):
            covariances = [each.covariance(halves, within=within) for each in (found, expected)]
            np.testing.assert_allclose(*covariances, atol=1e-10)


LACKING = {
    "nothing": {},
    "few sites": {"b": [0, 7, 9], "d": [7, 100]},
    "most sites": {"d": list(range(200))},
    "an element": {"c": np.flatnonzero(Z == 8).tolist()},
}


@pytest.mark.parametrize("models", ["abcd", "db", "ca", "b"])
@pytest.mark.parametrize("what", LACKING)
def test_a_set_is_the_same_from_its_pairs_as_summed_at_once(what: str, models: str) -> None:
    e = features(LACKING[what])  # type: ignore[arg-type]
    rows, groups = rows_of(e, Balance.ELEMENTS), SiteGroups.of(Z, HALF, Balance.ELEMENTS)
    kept = held(rows, groups)

    def stored(pair: tuple[str, str]) -> PairSums:
        if pair in kept:
            return kept[pair]
        there = kept[pair[1], pair[0]]
        return PairSums(there.products.swapaxes(1, 2), there.sums)

    expected = cross_moments({name: space(e[name], Z) for name in models}, Z, HALF)
    equal(crossed(of_moments(rows, models), groups, stored, rows.__getitem__), expected)
    equal(crossed(of_moments(rows, models), groups, lambda pair: None, rows.__getitem__), expected)
    some = {name: rows[name] for name in models[1:]}
    equal(crossed(of_moments(rows, models), groups, lambda pair: None, rows.__getitem__, held=some), expected)
    none_of_a = crossed(
        of_moments(rows, models),
        groups,
        lambda pair: None if "a" in pair else stored(pair),
        rows.__getitem__,
        held=rows,
    )
    equal(none_of_a, expected)


@pytest.mark.filterwarnings("error")
def test_a_half_without_a_structure_has_no_covariance() -> None:
    e = features({})
    found = cross_moments({name: space(e[name], Z) for name in "ab"}, Z, np.zeros(N, dtype=bool))
    for within in (False, True):
        assert np.isnan(found.covariance([1], within=within)).all()
        np.testing.assert_array_equal(found.covariance([0], within=within), found.covariance(within=within))


def test_only_what_another_model_lacks_is_read_of_what_is_stored() -> None:
    rows, groups = rows_of(features({"b": [0, 7, 9]}), Balance.ELEMENTS), SiteGroups.of(Z, HALF, Balance.ELEMENTS)
    kept, read = held(rows, groups), list[str]()

    def load(name: str) -> ModelRows:
        read.append(name)
        return rows[name]

    crossed(of_moments(rows, "acd"), groups, kept.__getitem__, load)
    crossed(of_moments(rows, "b"), groups, kept.__getitem__, load)
    assert read == []
    crossed(of_moments(rows, "ab"), groups, kept.__getitem__, load)
    assert read == ["a"]  # three of its rows, for its own sums are of all sites


class Counted:
    """Loads rows anew each time, and counts how many are in memory and how many sites are asked of them at once."""

    def __init__(self, rows: dict[str, ModelRows]) -> None:
        self.rows, self.alive, self.most, self.loads = rows, weakref.WeakSet[ModelRows](), 0, 0

    def __call__(self, name: str) -> ModelRows:
        if len(self.alive) > 1:
            gc.collect()  # what only a circle holds is not held; beside many other tests this takes a second
        of = self.rows[name]
        made = Fresh(of.embedding.copy(), of.moments, of.mean, of.centre)
        self.alive.add(made)
        self.loads += 1
        self.most = max(self.most, len(self.alive))
        return made


class Fresh(ModelRows):
    """Of its own identity, so that a set of weak references holds each."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@pytest.mark.parametrize("lacking", [{}, {"b": [0, 7]}])
def test_features_of_two_models_at_most_are_in_memory(lacking: dict[str, list[int]]) -> None:
    rows, groups = rows_of(features(lacking), Balance.ELEMENTS), SiteGroups.of(Z, HALF, Balance.ELEMENTS)
    nothing: Callable[[tuple[str, str]], None] = lambda pair: None  # noqa: E731
    load = Counted(rows)
    crossed(of_moments(rows, "abcd"), groups, nothing, load)
    assert load.most == 2
    assert load.loads == 4 + 3 + 2 + 1
    load = Counted(rows)
    pair_by_pair(pairs_of("abcd"), load, lambda pair, two: None)
    assert load.most == 2
    load = Counted(rows)  # one model is new: its features are read once, and so are those of each other
    pair_by_pair([("a", "c"), ("b", "c"), ("c", "c"), ("c", "d")], load, lambda pair, two: None)
    assert (load.most, load.loads) == (2, 4)
    gc.collect()
    assert len(load.alive) == 0


def test_no_more_than_a_chunk_of_rows_is_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    from platonic_atlas.engine.space import cross

    n, sizes, plain = 2 * CHUNK + 10, list[int](), cross.unit_rows
    z = numbers(n)
    e = embedding(z, 4, 0)
    rows = ModelRows.of(e, space(e, z).moments, z)
    half: BoolArray = np.zeros(n, dtype=bool)
    monkeypatch.setattr(cross, "unit_rows", lambda e, *rest, **more: (sizes.append(len(e)), plain(e, *rest, **more))[1])
    pair_sums(SiteGroups.of(z, half, Balance.ELEMENTS), {"a": rows}, ("a", "a"))
    assert sum(sizes) == n
    assert max(sizes) <= CHUNK
