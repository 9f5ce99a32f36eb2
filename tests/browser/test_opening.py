"""What a visitor sees before the page is alive, and that it is what the live page shows."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Growing, Open, Profile, Server
from tests.browser.shown import Shown
from tests.dashboard.conftest import add_model

BELOW_TITLE = 40  # pixels
SCALES = """() => {
  const map = Bokeh.documents[0].get_model_by_name('map-0');
  const [x, y] = [map.x_range, map.y_range];
  return [(x.end - x.start) / map.inner_width, (y.end - y.start) / map.inner_height];
}"""

DRAWN_WHEN_LIVE = """new MutationObserver(() => {
  if (document.documentElement.dataset.maps !== 'live' || window.drawnWhenLive) return;
  window.drawnWhenLive = [...Bokeh.documents[0].get_model_by_name('map-0').tags];
}).observe(document, {attributes: true, subtree: true, attributeFilter: ['data-maps']});"""


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


def test_the_live_maps_lie_where_the_pictures_lay(
    scriptless: Page, server: Server, visit: Open, profile: Profile
) -> None:
    scriptless.goto(server.address)
    dark = bool(scriptless.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))
    profile((1440, 900), dark).add_init_script(DRAWN_WHEN_LIVE)
    shown = visit("?labels=0&marks=0", dark=dark)  # the pictures have neither
    shown.page.wait_for_selector("html[data-maps=live]")
    assert shown.page.evaluate("window.drawnWhenLive") == ["sized", "dark" if dark else "light"]
    shown.settled()
    assert not shown.page.locator(".first-map").first.is_visible()
    apart = [np.abs(dots(scriptless, cell) - dots(shown.page, cell)).max() for cell in range(8)]
    assert max(apart) < 8, apart


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (1920, 1080)])
def test_maps_open_at_equal_scale_whatever_the_window(visit: Open, size: tuple[int, int]) -> None:
    shown: Shown = visit(size=size)
    across, up = shown.page.evaluate(SCALES)
    assert across == pytest.approx(up, rel=1e-6)


def test_a_server_that_is_gone_is_told_and_the_view_comes_back(growing: Growing, profile: Profile) -> None:
    """Sleep, a network that drops, a server that was stopped: until now the page looked alive and did nothing."""
    address = growing.running.address
    page = profile((1440, 900), False).new_page()
    page.goto(address + "?colour=period&selected=all.Fe")
    shown = Shown(page)
    shown.ready()
    notice, words = shown["page-notice"], shown["selection-title"].inner_text()
    expect(notice).to_be_hidden()
    growing.stop()
    expect(notice).to_contain_text("connection to the server is lost")
    growing.start()
    assert growing.running.address == address
    expect(notice).to_contain_text("The server is back")
    shown.press("page-reload")
    shown.ready()
    expect(notice).to_be_hidden()
    assert shown["selection-title"].inner_text() == words != "Nothing selected"
    page.close()


def test_a_page_that_does_not_open_says_so(browser: Browser, server: Server) -> None:
    """What the server answers when the visitor's session cannot be built: the page waits for a socket for ever."""
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    context.route_web_socket("**/ws*", lambda socket: None)  # open, and silent
    page = context.new_page()
    page.clock.install()
    page.goto(server.address)
    page.clock.run_for(30_000)
    expect(page.locator('[data-test="page-notice"]')).to_contain_text("does not open")
    context.close()


def test_a_model_that_is_embedded_while_the_page_is_open_is_one_click_away(growing: Growing, profile: Profile) -> None:
    page = profile((1440, 900), False).new_page()
    page.goto(growing.running.address)
    shown = Shown(page)
    shown.ready()
    shown.press("element-Fe")
    shown.selected(6)
    add_model(growing.atlas, "circe", 2)
    expect(shown["message-news"]).to_contain_text("circe embedded")
    shown.press("act-news")
    expect(shown["message-news"]).to_have_count(0)
    shown.ready()
    shown.selected(6)
    shown.press("open-models", "model-circe")
    expect(shown.title(2)).to_contain_text("Circe")
    page.close()
