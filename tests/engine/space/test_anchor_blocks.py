"""λ and agreement of any choice among candidate anchors, against `agreement` on the rows of that choice alone."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.space.agreement import agreement
from platonic_atlas.engine.space.anchor_blocks import AnchorBlocks, Covariances, anchor_blocks
from platonic_atlas.engine.space.anchored import Anchored
from platonic_atlas.engine.space.cross import CrossMoments, cross_moments, halves_of
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.types import FloatArray, IntArray
from tests.engine.numerics_cases import embedding, numbers, rows_of, space

Z = numbers(240)
SITES = np.arange(2, 240, 9)
SHAPING = ("a", "b", "c")
Case = tuple[dict[str, ModelSpace], dict[str, FloatArray], CrossMoments]


@pytest.fixture(scope="module", params=[True, False], ids=["centred", "uncentred"])
def case(request: pytest.FixtureRequest) -> Case:
    """Three models with a common part, a model of noise, and one in which the elements are all there is."""
    alike, spaces = embedding(Z, 6, 1), {}
    for seed, (name, width) in enumerate((("a", 6), ("b", 9), ("c", 7), ("noise", 8), ("onehot", 119))):
        mixed = np.random.default_rng(10 + seed)
        own = mixed.normal(size=(240, width)).astype(np.float32)
        features = alike @ mixed.normal(size=(6, width)).astype(np.float32) + own
        made = {"noise": own, "onehot": np.eye(119, dtype=np.float32)[Z]}.get(name, features)
        spaces[name] = space(made, Z, centre=request.param)
    rows = {name: rows_of(each, SITES) for name, each in spaces.items()}
    return spaces, rows, cross_moments(spaces, Z, halves_of(np.arange(240) // 4, 60))


def blocks_of(case: Case, within: bool) -> AnchorBlocks:
    spaces, rows, cross = case
    return anchor_blocks(Covariances.of(cross, within=within), rows, spaces, SHAPING, ("noise", "onehot"))


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize(
    "kept", [np.arange(27), np.delete(np.arange(27), 4), np.array([20, 3, 11, 7, 5]), np.array([3, 9])]
)
def test_any_choice_is_as_if_it_had_been_the_set(case: Case, within: bool, kept: IntArray) -> None:
    spaces, rows, cross = case
    straight = agreement(cross, {name: each[kept] for name, each in rows.items()}, spaces, SHAPING, within=within)
    found = blocks_of(case, within).measured(kept)
    assert found.shaping == straight.shaping
    np.testing.assert_allclose(found.shared, straight.shared, atol=1e-9)
    assert list(found.agreement) == list(straight.agreement)
    for name, values in straight.agreement.items():
        np.testing.assert_allclose(found.agreement[name], values, atol=1e-9)
    assert np.isnan(found.agreement["onehot"]).all() == within


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("kept", [np.arange(27), np.array([20, 3, 11, 7, 5]), np.array([3, 9]), np.array([6])])
def test_one_set_by_itself_is_measured_without_blocks(case: Case, within: bool, kept: IntArray) -> None:
    spaces, rows, cross = case
    of = {name: each[kept] for name, each in rows.items()}
    straight = agreement(cross, of, spaces, SHAPING, within=within)
    found = Anchored.of(Covariances.of(cross, within=within), of, spaces, SHAPING)
    np.testing.assert_allclose(found.shared(), straight.shared, atol=1e-9)
    read = found.agreement()
    assert list(read) == list(straight.agreement)
    for name, values in straight.agreement.items():
        np.testing.assert_allclose(read[name], values, atol=1e-9)
    assert list(found.agreement(others=False)) == list(SHAPING)
    assert list(found.agreement(shaping=False)) == ["noise", "onehot"]


def test_the_first_of_them_need_no_copy(case: Case) -> None:
    blocks = blocks_of(case, False)
    few = blocks.first(6)
    assert few.n_anchors == 6
    assert np.shares_memory(few.between, blocks.between)
    np.testing.assert_allclose(few.shared(), blocks.shared(np.arange(6)), atol=1e-12)


def test_others_are_read_where_they_are_asked_for(case: Case) -> None:
    assert list(blocks_of(case, False).agreement(others=False)) == list(SHAPING)


def test_one_anchor_has_one_axis(case: Case) -> None:
    blocks = blocks_of(case, False)
    assert blocks.shared(np.array([0])).shape == (1,)
    found = blocks.agreement(np.array([0]))["a"]
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


def test_where_nothing_is_left_of_those_that_shape_nothing_is_shared(case: Case) -> None:
    spaces, rows, cross = case
    of = Anchored.of(Covariances.of(cross, within=True), {m: rows[m] for m in ("onehot", "a")}, spaces, ("onehot",))
    assert np.isnan(of.shared()).all()
    assert np.isnan(of.agreement(shaping=False)["a"]).all()
    blocks = anchor_blocks(Covariances.of(cross, within=True), rows, spaces, ("onehot",), ("a",))
    assert np.isnan(blocks.shared()).all()
    assert np.isnan(blocks.agreement(shaping=False)["a"]).all()
