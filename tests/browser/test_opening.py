"""What a visitor sees before the page is alive, and that it is what the live page shows."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Open, Server
from tests.browser.shown import Shown

BELOW_TITLE = 40  # pixels
SCALES = """() => {
  const map = Bokeh.documents[0].get_model_by_name('map-0');
  const [x, y] = [map.x_range, map.y_range];
  return [(x.end - x.start) / map.inner_width, (y.end - y.start) / map.inner_height];
}"""


@pytest.fixture(params=["light", "dark"])
def scriptless(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page whose scripts never arrive."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=request.param)
    context.route("**/*.js*", lambda route: route.abort())
    yield context.new_page()
    context.close()


def dots(page: Page, cell: int) -> np.ndarray:
    """Left, top, right and bottom [pixels] of what is coloured in a cell, below its title."""
    taken = page.locator(f'[data-test="map-{cell}"]').screenshot()
    pixels = np.asarray(Image.open(io.BytesIO(taken)).convert("RGB"), dtype=int)[BELOW_TITLE:-3, 3:-3]
    y, x = np.nonzero(np.ptp(pixels, axis=2) > 40)
    return np.array([x.min(), y.min(), x.max(), y.max()]) if len(x) else np.zeros(4)


def test_maps_are_seen_before_any_script_is_there(scriptless: Page, server: Server) -> None:
    scriptless.goto(server.address)
    titles = scriptless.locator(".first-map b").all_inner_texts()
    assert titles == ["Ares", "Bia", "Circe", "Dione", "Eris", "Faun", "Gaia", "Consensus"]
    assert all(dots(scriptless, cell).any() for cell in range(8))
    assert scriptless.locator(".first-header").inner_text().startswith("Platonic Atlas")


def test_a_link_shows_no_pictures_of_another_view(scriptless: Page, server: Server) -> None:
    scriptless.goto(server.address + "?colour=period")
    assert not scriptless.locator(".first-map").first.is_visible()


def test_the_live_maps_lie_where_the_pictures_lay(scriptless: Page, server: Server, visit: Open) -> None:
    scriptless.goto(server.address)
    dark = bool(scriptless.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))
    shown = visit("?labels=0&marks=0", dark=dark)  # the pictures have neither
    shown.page.wait_for_selector("html[data-maps=live]")
    shown.settled()
    assert not shown.page.locator(".first-map").first.is_visible()
    apart = [np.abs(dots(scriptless, cell) - dots(shown.page, cell)).max() for cell in range(8)]
    assert max(apart) < 8, apart


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (1920, 1080)])
def test_maps_open_at_equal_scale_whatever_the_window(visit: Open, size: tuple[int, int]) -> None:
    shown: Shown = visit(size=size)
    across, up = shown.page.evaluate(SCALES)
    assert across == pytest.approx(up, rel=1e-6)
