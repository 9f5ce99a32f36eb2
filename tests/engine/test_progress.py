"""One protocol of progress: silence, a part of a whole, a bar."""

import inspect
from importlib import import_module

import pytest

from platonic_atlas.engine.progress import bar, part, silent

TOLD = [
    "verbs.embed:embed",
    "verbs.ingest:ingest",
    "verbs.label:label",
    "extract.session:energies",
    "structures.collect:collect",
    "structures.coordination:coordination_numbers",
    "structures.neighbourhood:neighbourhood_labels",
    "structures.recipes:generate",
    "space.layouts:umap_layout",
    "compare.disagreement:disagreement",
    "stitching.study:over_splits",
    "stitching.matrix:ridge_matrix",
    "verbs.analogies:analogies",
    "verbs.build:build",
    "verbs.layout:layout",
    "verbs.stitch:stitch",
    "verbs.stitch_all:stitch_all",
]


def test_a_part_is_told_as_a_stretch_of_the_whole_under_its_name_or_its_own():
    told: list[tuple[str, float]] = []
    whole = lambda what, done, total=1.0, /: told.append((what, done / total))  # noqa: E731
    part(whole, 0.5, 1.0, "all")("step", 1, 2)
    part(whole, 0.0, 0.5)("step", 3, 3)
    part(whole, 0.2, 0.5)("nobody knows", 7, 0)
    assert told == [("all", 0.75), ("step", 0.5), ("nobody knows", 0.2)]


def test_there_is_no_bar_where_nobody_watches():
    with bar() as progress:
        assert progress is silent


@pytest.mark.parametrize("where", TOLD)
def test_what_takes_long_is_silent_unless_it_is_listened_to(where):
    module, name = where.split(":")
    function = getattr(import_module(f"platonic_atlas.engine.{module}"), name)
    assert inspect.signature(function).parameters["progress"].default is silent
