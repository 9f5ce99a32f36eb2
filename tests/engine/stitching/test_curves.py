"""How scores grow with what the fit is given."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.stitching.curves import anchors_curve, pairs_curve
from platonic_atlas.engine.stitching.splits import Split
from platonic_atlas.engine.stitching.study import Pair, direct_scores, given_scores
from platonic_atlas.engine.types import FloatArray, IntArray

N, STRUCTURES = 400, 100


@pytest.fixture
def pair() -> Pair:
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(N, 6))
    source = hidden @ rng.normal(size=(6, 12)) + 0.3 * rng.normal(size=(N, 12))
    return Pair.of(
        source, hidden @ rng.normal(size=(6, 9)), rng.integers(1, 4, N), np.repeat(np.arange(STRUCTURES), 4), STRUCTURES
    )


def test_the_last_point_is_the_score_itself_and_more_pairs_help(pair: Pair) -> None:
    points = pairs_curve(pair, "ridge", (0.001, 0.1, 0.3, 1.0), n_splits=4)
    assert [point.n for point in points] == [32, 96, 320]  # a thousandth is one structure of four sites: no fit
    whole = [direct_scores(pair, "ridge", pair.split(seed))["r2"].value for seed in range(4)]
    assert (points[-1].mean, points[-1].low) == (pytest.approx(np.mean(whole)), pytest.approx(min(whole)))
    assert points[0].mean < points[-1].mean


def test_anchors_are_drawn_and_the_last_point_has_all(pair: Pair) -> None:
    asked: list[int] = []

    def translate(split: Split, drawn: IntArray) -> FloatArray:
        asked.append(len(set(drawn.tolist())))
        return pair.target * (len(drawn) / 20)

    points = anchors_curve(pair, translate, 20, n_draws=2)
    assert [point.n for point in points] == [8, 16, 20]
    assert asked == [8, 8, 16, 16, 20, 20]
    assert (
        points[-1].mean
        == pytest.approx(given_scores(pair, lambda split: pair.target, pair.split(0))["r2"].value)
        == pytest.approx(1.0)
    )
