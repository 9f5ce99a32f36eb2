"""Measures by name; tests/dashboard/test_measured.py computes them on an atlas, and one that somebody else brings."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.engine.compare.disagreement import disagreement
from platonic_atlas.engine.compare.measure import InMemory
from platonic_atlas.engine.compare.measures import MEASURES, find_measure
from platonic_atlas.engine.compare.overlap import neighbour_overlap
from platonic_atlas.engine.errors import InputError, UsageError
from platonic_atlas.engine.space.neighbours import neighbour_table
from platonic_atlas.engine.space.relative import anchor_rows
from tests.engine.numerics_cases import embedding, space

Z = np.random.default_rng(0).choice([1, 8, 26], size=60)


@pytest.fixture(scope="module")
def two() -> dict[str, InMemory]:
    spaces = {name: space(embedding(Z, 8, seed), Z) for seed, name in enumerate("ab")}
    return {name: InMemory(s, anchor_rows(s.embedding, s.moments, np.arange(5))) for name, s in spaces.items()}


@pytest.mark.parametrize("name", list(MEASURES))
def test_a_measure_is_a_number_a_site_within_its_range_and_told_in_words(name, two):
    measure = find_measure(name)
    values = measure.of(two)
    least, largest = measure.range
    assert values.shape == (60,)
    assert np.all((values >= least) & (values <= largest))
    assert measure.definition.endswith(".") and measure.source
    assert measure.likeness in (1, -1)


@pytest.mark.parametrize("name", list(MEASURES))
def test_models_that_are_the_same_agree_as_well_as_can_be(name, two):
    measure = find_measure(name)
    same = measure.of({"a": two["a"], "b": two["a"]})
    best = measure.range[1] if measure.likeness > 0 else measure.range[0]
    assert np.allclose(same, best, atol=1e-4)


def test_the_measures_are_the_functions_of_their_files(two):
    spaces, rows = ({name: getattr(model, what) for name, model in two.items()} for what in ("space", "rows"))
    assert np.array_equal(find_measure("disagreement").of(two), disagreement(spaces, rows, ["a", "b"]))
    tables = (neighbour_table(s.embedding, s.moments) for s in spaces.values())
    assert np.array_equal(find_measure("neighbour-overlap").of(two), neighbour_overlap(*tables))


def test_a_measure_that_is_not_there_and_one_of_too_few_models_are_refused(two):
    with pytest.raises(UsageError, match="neighbour-overlap"):
        find_measure("overlapp")
    with pytest.raises(InputError, match="two models"):
        find_measure("neighbour-overlap").of({"a": two["a"]})
