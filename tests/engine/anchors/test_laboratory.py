"""Redundancy, influence and curves of anchors: closed forms, and the straightforward way with every set by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from platonic_atlas.engine.anchors.card import nearest_to
from platonic_atlas.engine.anchors.coverage import coverage
from platonic_atlas.engine.anchors.curve import agreement_curve, steps
from platonic_atlas.engine.anchors.influence import influence
from platonic_atlas.engine.anchors.redundancy import redundancy
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.space.agreement import agreement
from platonic_atlas.engine.space.anchor_blocks import Covariances
from platonic_atlas.engine.space.cross import CrossMoments, cross_moments, halves_of
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.neighbours import nearest_sites
from platonic_atlas.engine.space.relative import unit_rows
from platonic_atlas.engine.space.side_by_side import SideBySide
from platonic_atlas.engine.types import FloatArray, IntArray
from tests.engine.numerics_cases import embedding, numbers, rows_of, space

Z = numbers(240)
SITES = np.arange(1, 240, 20)
SHAPING, CONTROLS = ("a", "b", "c"), ("noise", "partial")


Sums = tuple[dict[str, ModelSpace], list[CrossMoments]]


@pytest.fixture(scope="module")
def sums() -> Sums:
    """Three models that shape and one of noise over the same sites; and the three with one that embeds fewer."""
    alike, spaces = embedding(Z, 6, 1), {}
    for seed, (name, width) in enumerate((("a", 6), ("b", 9), ("c", 7), ("noise", 8), ("partial", 5))):
        mixed = np.random.default_rng(10 + seed)
        features = mixed.normal(size=(240, width)).astype(np.float32)
        if name != "noise":
            features += alike @ mixed.normal(size=(6, width)).astype(np.float32)
        if name == "partial":
            features[[4, 30, 200]] = np.nan
        spaces[name] = space(features, Z)
    half = halves_of(np.arange(240) // 4, 60)
    groups = ((*SHAPING, "noise"), (*SHAPING, "partial"))
    return spaces, [cross_moments({name: spaces[name] for name in group}, Z, half) for group in groups]


def side_by_side(sums: Sums, within: bool) -> SideBySide:
    return SideBySide(sums[0], SHAPING, tuple(Covariances.of(cross, within=within) for cross in sums[1]))


def straight(sums: Sums, sites: IntArray, within: bool) -> dict[str, FloatArray]:
    """Agreement of every model, of a set by itself."""
    spaces, crosses = sums
    rows = {name: rows_of(each, sites) for name, each in spaces.items()}
    found: dict[str, FloatArray] = {}
    for cross in crosses:
        of = {name: rows[name] for name in cross.models}
        found = dict(agreement(cross, of, spaces, SHAPING, within=within).agreement) | found
    return found


def of_all(agreement: dict[str, FloatArray], names: tuple[str, ...]) -> float:
    return float(np.mean([agreement[name] for name in names]))


@pytest.mark.parametrize("within", [False, True])
def test_influence_is_what_each_set_without_one_tells(sums: Sums, within: bool) -> None:
    models = side_by_side(sums, within)
    found = influence(models.blocks(models.rows(SITES)[0]), others=True)
    whole = straight(sums, SITES, within)
    assert set(found.by_model) == {*SHAPING, *CONTROLS}
    for anchor in range(len(SITES)):
        without = straight(sums, np.delete(SITES, anchor), within)
        for name in whole:
            np.testing.assert_allclose(found.by_model[name][anchor], whole[name] - without[name], atol=1e-9)
        assert found.mean[anchor] == pytest.approx(of_all(whole, SHAPING) - of_all(without, SHAPING), abs=1e-9)
    assert (np.diff(found.mean[found.order()]) <= 0).all()


@pytest.mark.parametrize("within", [False, True])
def test_a_curve_is_what_each_random_set_tells(sums: Sums, within: bool) -> None:
    models = side_by_side(sums, within)
    found = agreement_curve(models, CONTROLS, 12, draws=3, seed=4)
    assert found.counts.tolist() == [5, 10, 12]
    random = np.random.default_rng(4)
    eligible = np.delete(np.arange(240), [4, 30, 200])
    for draw in range(3):
        drawn = random.choice(eligible, 12, replace=False)
        for i, count in enumerate(found.counts):
            of = straight(sums, drawn[:count], within)
            assert found.trained[draw, i] == pytest.approx(of_all(of, SHAPING), abs=1e-9)
            assert found.controls[draw, i] == pytest.approx(of_all(of, CONTROLS), abs=1e-9)
    low, high = found.band()[0]
    assert (low <= found.median()[0]).all() and (found.median()[0] <= high).all()


def test_a_curve_does_not_ask_what_it_does_not_tell_of(sums: Sums) -> None:
    """A trained model that embeds five sites, and one that embeds none of those of the others, shape nothing."""
    spaces, crosses = sums
    straight_curve = agreement_curve(side_by_side(sums, False), CONTROLS, 12, draws=2, seed=4)
    few = embedding(Z, 4, 3)
    few[5:] = np.nan
    half = halves_of(np.arange(240) // 4, 60)
    more = {**spaces, "few": space(few, Z), "nowhere": space(np.full((240, 4), np.nan, dtype=np.float32), Z)}
    beside = cross_moments({name: more[name] for name in (*SHAPING, "few")}, Z, half)
    models = SideBySide(more, SHAPING, tuple(Covariances.of(each) for each in (*crosses, beside)))
    found = agreement_curve(models, (*CONTROLS, "nowhere"), 12, draws=2, seed=4)
    np.testing.assert_allclose(found.trained, straight_curve.trained, atol=1e-12)
    np.testing.assert_allclose(found.controls, straight_curve.controls, atol=1e-12)


def test_influence_compares_what_is_known_with_and_without_an_anchor() -> None:
    """Of c nothing is left without the last anchor: how the others stand is no influence of it."""
    features = {"a": embedding(Z, 6, 1), "b": embedding(Z, 6, 2), "c": np.zeros((240, 3), dtype=np.float32)}
    features["c"][:, 0], features["c"][::2, 1], features["c"][:, 2] = 1.0, 1e-3 * (Z[::2] % 5), np.arange(240) % 7
    spaces = {name: space(each, Z) for name, each in features.items()}
    cross = cross_moments(spaces, Z, halves_of(np.arange(240) // 4, 60))
    models = SideBySide(spaces, SHAPING, (Covariances.of(cross),))
    blocks = models.blocks(models.rows(SITES)[0])
    gone = replace(blocks[0], spread=blocks[0].spread * np.array([[1.0], [1.0], [0.0]]))
    gone.spread[2, -1] = blocks[0].spread[2, -1]  # all that c spreads, it spreads along the last anchor
    found = influence([gone])
    last = {name: values[-1] for name, values in found.by_model.items()}
    assert np.isnan(last["c"]).all()
    assert np.isfinite([last["a"], last["b"]]).all()
    assert found.mean[-1] == pytest.approx(np.mean([last["a"], last["b"]]), abs=1e-12)


def test_steps_double_up_to_the_largest() -> None:
    assert steps(89).tolist() == [5, 10, 20, 40, 80, 89]
    assert steps(80).tolist() == [5, 10, 20, 40, 80]
    assert steps(4).tolist() == [4]


def test_what_progress_raises_ends_the_work(sums: Sums) -> None:
    models, told = side_by_side(sums, False), list[float]()

    def cancelled(what: str, done: float, total: float = 1.0, /) -> None:
        told.append(done)
        if len(told) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        influence(models.blocks(models.rows(SITES)[0]), progress=cancelled)
    assert told == [1, 2]
    told.clear()
    with pytest.raises(InterruptedError):
        agreement_curve(models, CONTROLS, 8, progress=cancelled)
    assert told == [1, 2]


def test_too_few_anchors_or_sites_get_a_sentence(sums: Sums) -> None:
    models = side_by_side(sums, False)
    with pytest.raises(AnchorError, match="2 anchors have no influence"):
        influence(models.blocks(models.rows(SITES[:2])[0]))
    with pytest.raises(AnchorError, match="238 anchors cannot be drawn: 237 sites"):
        agreement_curve(models, CONTROLS, 238)


def test_a_model_that_lacks_an_anchor_is_left_out_and_a_shaping_one_refuses_it(sums: Sums) -> None:
    models = side_by_side(sums, False)
    rows, left_out = models.rows(np.array([4, 9, 60]))
    assert "partial" not in rows
    assert "1 of 3 anchors are not embedded" in left_out["partial"]
    assert len(models.blocks(rows)) == 1
    lacking = SideBySide(models.spaces, ("a", "partial"), models.groups)
    with pytest.raises(AnchorError, match="1 of 3 anchors"):
        lacking.rows(np.array([4, 9, 60]))


def test_anchors_at_right_angles_and_anchors_that_say_the_same() -> None:
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(9, 9)))[0]
    whole = redundancy(turned[:6])
    assert (whole.n_anchors, whole.n_features, whole.rank, whole.singular) == (6, 9, 6, False)
    assert whole.effective_rank == pytest.approx(6)
    assert whole.condition == pytest.approx(1)
    twice = redundancy(turned[[0, 1, 2, 2]])  # eigenvalues 2, 1, 1 and 0
    assert (twice.rank, twice.singular) == (3, True)
    assert twice.effective_rank == pytest.approx(np.exp(-0.5 * np.log(0.5) - 2 * 0.25 * np.log(0.25)))
    assert twice.condition == pytest.approx(2)
    slanted = redundancy(np.array([[1.0, 0.0], [0.6, 0.8]]))  # eigenvalues 1 ± 0.6
    assert slanted.condition == pytest.approx(4)
    crowded = redundancy(np.vstack([turned, -turned]))
    assert (crowded.rank, crowded.singular) == (9, True)
    assert redundancy(np.ones((5, 3))).effective_rank == pytest.approx(1)
    assert redundancy(np.zeros((2, 3))).rank == 0


def test_each_site_has_a_nearest_anchor_and_each_anchor_its_nearest_sites(sums: Sums) -> None:
    of = sums[0]["partial"]
    rows = rows_of(of, SITES)
    unit = unit_rows(of.embedding, of.moments, of.rho)
    known = np.isfinite(of.rho)
    covered = coverage(of.embedding, of.moments, rows)
    away = np.linalg.norm(unit[known, None] - rows, axis=2)
    np.testing.assert_array_equal(covered.nearest[known], away.argmin(axis=1))
    assert (covered.nearest[~known] == -1).all()
    assert covered.median() == pytest.approx(np.median(away.min(axis=1)), abs=1e-6)
    assert covered.largest() == pytest.approx(away.min(axis=1).max(), abs=1e-6)
    np.testing.assert_array_equal(covered.counts(len(SITES)), np.bincount(away.argmin(axis=1), minlength=len(SITES)))
    found, cosines = nearest_to(of, rows, SITES, 4)
    for i, site in enumerate(SITES):
        best, cosine = nearest_sites(of.embedding, of.moments, int(site), 4)
        np.testing.assert_array_equal(found[i], best)
        np.testing.assert_allclose(cosines[i], cosine, atol=1e-6)
