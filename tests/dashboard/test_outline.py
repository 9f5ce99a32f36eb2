"""What a shape drawn with the mouse holds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platonic_atlas.dashboard.components.outline import MOST_COMPARED, MOST_CORNERS, _affordable, _heights, inside

SQUARE = {"type": "poly", "x": [0, 1, 1, 0], "y": [0, 0, 1, 1]}


@pytest.mark.parametrize(
    ("place", "found"), [((0.5, 0.5), True), ((1.5, 0.5), False), ((np.nan, np.nan), False), ((0.99, 0.01), True)]
)
def test_a_lasso_holds_what_lies_in_it(place: tuple[float, float], found: bool) -> None:
    assert inside(np.array([place], dtype=np.float32), SQUARE)[0] == found
    assert inside(np.array([place]), {"type": "rect", "x0": 1, "x1": 0, "y0": 0, "y1": 1})[0] == found


def polygon(corners: np.ndarray) -> dict[str, object]:
    return {"type": "poly", "x": corners[:, 0].tolist(), "y": corners[:, 1].tolist()}


def turns(place: np.ndarray, corners: np.ndarray) -> int:
    """How often a line goes around a place, from the angles under which the place sees its edges."""
    towards = [complex(*(corner - place)) for corner in (*corners, corners[0])]
    return round(sum(np.angle(after / before) for before, after in pairwise(towards)) / (2 * np.pi))


def star(points: int, step: int) -> np.ndarray:
    angle = 2 * np.pi * step * np.arange(points) / points
    return np.column_stack([np.cos(angle), np.sin(angle)])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(3, 40), st.integers(0, 2**32 - 1))
def test_what_a_line_goes_around_is_held_however_it_crosses_itself(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    corners, places = random.normal(size=(n, 2)), random.normal(size=(80, 2))
    assert inside(places, polygon(corners)).tolist() == [turns(place, corners) != 0 for place in places]


def test_the_middle_of_a_star_drawn_in_one_line_is_held() -> None:
    assert inside(np.array([[0.0, 0.0], [0.0, 0.95]]), polygon(star(5, 2))).tolist() == [True, False]


@pytest.mark.parametrize("corners", [np.zeros((0, 2)), np.zeros((1, 2)), np.ones((2, 2)), np.full((9, 2), np.nan)])
def test_a_line_that_encircles_nothing_holds_nothing(corners: np.ndarray) -> None:
    assert not inside(np.array([[0.0, 0.0], [1.0, 1.0]]), polygon(corners)).any()


@pytest.mark.parametrize(("points", "atoms"), [(1_001, 282_847), (20_001, 8_050), (300_001, 8_050)])
def test_a_line_that_crosses_itself_without_end_is_bounded_work(points: int, atoms: int) -> None:
    """A star of 200 corners held the server for 33 s, one of 1,000 for five minutes."""
    places = np.random.default_rng(0).uniform(-1, 1, size=(atoms, 2)).astype(np.float32)
    line = star(points, points // 3)
    followed = _affordable(np.sort(places[:, 1]).astype(float), line)
    assert len(followed) <= MOST_CORNERS
    assert np.diff(_heights(np.sort(places[:, 1]), followed)).sum() <= MOST_COMPARED
    found = inside(places, polygon(line))
    assert found[np.hypot(*places.T) < 0.45].all()
