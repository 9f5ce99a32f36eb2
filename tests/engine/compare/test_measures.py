"""Measures by name, and one that somebody else brings."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.compare.disagreement import disagreement
from platonic_atlas.engine.compare.measure import Measure
from platonic_atlas.engine.compare.measures import MEASURES, find_measure
from platonic_atlas.engine.errors import InputError, UsageError
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.types import FloatArray
from tests.engine.numerics_cases import embedding, space

Z = np.random.default_rng(0).choice([1, 8, 26], size=60)


@pytest.fixture(scope="module")
def two() -> tuple[dict[str, ModelSpace], dict[str, FloatArray]]:
    spaces = {name: space(embedding(Z, 8, seed), Z) for seed, name in enumerate("ab")}
    return spaces, {name: anchor_rows(s.embedding, s.moments, np.arange(5)) for name, s in spaces.items()}


@pytest.mark.parametrize("name", list(MEASURES))
def test_a_measure_is_a_number_a_site_within_its_range_and_told_in_words(name, two):
    measure = find_measure(name)
    values = measure.of(*two)
    least, largest = measure.range
    assert values.shape == (60,)
    assert np.all((values >= least) & (values <= largest))
    assert measure.definition.endswith(".") and measure.source
    assert measure.likeness in (1, -1)


@pytest.mark.parametrize("name", list(MEASURES))
def test_models_that_are_the_same_agree_as_well_as_can_be(name, two):
    spaces, rows = two
    measure = find_measure(name)
    same = measure.of({"a": spaces["a"], "b": spaces["a"]}, {"a": rows["a"], "b": rows["a"]})
    best = measure.range[1] if measure.likeness > 0 else measure.range[0]
    assert np.allclose(same, best, atol=1e-4)


def test_disagreement_is_the_one_that_is_drawn(two):
    assert np.array_equal(find_measure("disagreement").of(*two), disagreement(*two, ["a", "b"]))


def test_a_measure_can_come_from_outside(monkeypatch, two):
    def difference(spaces, rows):
        first, second = (np.linalg.norm(s.embedding, axis=1) for s in spaces.values())
        return np.abs(first - second)

    mine = Measure("norm-difference", difference, "Difference of lengths.", (0.0, float("inf")), -1, "here")
    monkeypatch.setitem(MEASURES, mine.name, mine)
    assert find_measure("norm-difference").of(*two).shape == (60,)


def test_a_measure_that_is_not_there_and_one_of_too_few_models_are_refused(two):
    with pytest.raises(UsageError, match="neighbour-overlap"):
        find_measure("overlapp")
    spaces, rows = two
    with pytest.raises(InputError, match="two models"):
        find_measure("neighbour-overlap").of({"a": spaces["a"]}, rows)
