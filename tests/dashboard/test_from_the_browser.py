"""What a browser says is not taken at its word: sizes, places, messages, addresses."""

from __future__ import annotations

import json
import random
import string
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.components.component import LONGEST
from platonic_atlas.dashboard.components.header import Header
from platonic_atlas.dashboard.components.live_maps import MOST_PIXELS, MOST_SIDE
from platonic_atlas.dashboard.components.map_grid import MapGrid
from platonic_atlas.dashboard.plots.raster import Window, raster
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.dashboard.state import urls
from platonic_atlas.dashboard.state.choices import TABLE
from tests.dashboard.conftest import shell_of


@pytest.fixture
def grid(session: Session) -> MapGrid:
    return MapGrid(session.view, session.data, session.picture)


def tell_size(grid: MapGrid, width: int, height: int) -> None:
    """As a message of the browser does."""
    for name, pixels in (("inner_width", width), ("inner_height", height)):
        grid.cells[0].figure.set_from_json(name, pixels)


@pytest.mark.parametrize("size", [(20_000, 20_000), (2**31 - 1, 40), (40, 2**31 - 1)])
def test_maps_of_an_absurd_size_are_drawn_coarser(grid: MapGrid, size: tuple[int, int]) -> None:
    """Eight maps of 20,000 pixels a side took 14 GB."""
    tell_size(grid, *size)
    assert max(grid.size) <= MOST_SIDE
    assert grid.window.width * grid.window.height <= 1.01 * MOST_PIXELS
    height, width = grid.cells[0].source("base").data["image"][0].shape
    assert height * width <= 1.01 * MOST_PIXELS


def test_a_large_screen_is_drawn_to_the_pixel(grid: MapGrid) -> None:
    tell_size(grid, 1900, 2000)
    assert (grid.window.width, grid.window.height) == (1900, 2000)


@pytest.mark.parametrize("ends", [(np.nan, 1.0), (-np.inf, np.inf), (1.0, -1.0), (1e308, 1e308)])
def test_ranges_that_are_none_draw_nothing(ends: tuple[float, float]) -> None:
    places, rgb = np.zeros((3, 2), dtype=np.float32), np.full((3, 3), 9, dtype=np.float32)
    assert not raster(places, rgb, Window(ends, (-1, 1), 20, 20)).any()


BROKEN: list[dict[str, Any]] = [
    {"kind": "tap", "cell": 99, "x": 0, "y": 0},
    {"kind": "tap", "cell": -1, "x": 0, "y": 0},
    {"kind": "tap", "cell": "0", "x": 0, "y": 0},
    {"kind": "nothing", "cell": 0},
    {"cell": 0},
    {"kind": "shape", "cell": 0, "shape": {"type": "poly", "x": [0.0] * 400_000, "y": [0.0] * 400_000}},
]


@pytest.mark.parametrize("message", BROKEN, ids=lambda message: json.dumps(message)[:40])
def test_a_message_of_no_map_or_without_end_changes_nothing(grid: MapGrid, message: dict[str, Any]) -> None:
    grid.pointer.relay.data = {"message": [json.dumps(message)]}
    assert not grid.view.n_selected and grid.view.atom is None


def test_an_intent_without_end_is_not_heard() -> None:
    header = Header()
    header._handle_msg({"kind": "page", "value": "a" * LONGEST})
    assert header.intent == {}
    header._handle_msg({"kind": "page", "value": "atlas"})
    assert header.intent["value"] == "atlas"


@pytest.mark.parametrize(
    "intent", [{"kind": "row", "site": -1}, {"kind": "row", "site": 10**9}, {"kind": "drag", "value": "eval"}]
)
def test_the_panel_takes_what_there_is(session: Session, data: AtlasData, intent: dict[str, Any]) -> None:
    shell: Shell = shell_of(data)
    shell.dock.panel._handle_msg(intent)
    assert shell.view.atom is None and shell.view.drag == "lasso"


NAMES = st.sampled_from([*TABLE, "sites", "atlas", "v", "stitch_source", "x"])
WORDS = st.one_of(
    st.text(max_size=60),
    st.text("0123456789abcz.-,", max_size=200),
    st.integers(1, 60).map(lambda n: "-".join([".zzzz"] * n)),
    st.sampled_from(["all.Fe,Xx", "1", "0", "-1", "9" * 5000, "all." + "Fe," * 900, "dione,bia", "\x00", "%", "nan"]),
)


@settings(
    max_examples=300, deadline=2000, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(NAMES, WORDS, max_size=12))
def test_any_address_opens_a_view(session: Session, given_: dict[str, str]) -> None:
    from urllib.parse import urlencode

    refused = urls.decode("?" + urlencode(given_), session)
    assert len(refused) <= urls.MOST_REFUSED + 1 and all(len(line) < 200 for line in refused)
    view = session.view
    assert view.atom is None or 0 <= view.atom < session.data.n_sites
    assert set(view.models) <= set(session.data.models) and view.colour in session.colours
    assert len(view.selected) == session.data.n_sites


@pytest.mark.parametrize("seed", range(3))
def test_an_address_of_any_characters_opens_a_view(session: Session, seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(100):
        query = "".join(chosen.choices(string.printable + "é\u2028\U0001f600", k=chosen.randrange(400)))
        urls.decode("?" + query, session)
