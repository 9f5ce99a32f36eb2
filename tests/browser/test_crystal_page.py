"""The crystal behind a point, what is near it, and what is inside a selection, as a visitor meets them."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Locator, expect

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Layout
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.crystal import Crystal
from platonic_atlas.engine.store import open_atlas
from tests.browser.conftest import Growing, Open, Profile, Server
from tests.browser.shown import Shown, alone

SCENE = "[data-test=crystal-scene]"


def drawn(shown: Shown) -> Locator:
    return shown.page.locator(f"{SCENE}[data-ready=true] canvas").first


def test_a_tapped_atom_shows_its_crystal_turned_and_repeated(shown: Shown) -> None:
    expect(shown["crystal"]).to_be_hidden()
    shown.go("?v=1&atom=34")
    expect(drawn(shown)).to_be_visible(timeout=20_000)
    shown.says("crystal-head", shown["atom-title"].inner_text().split(" in ")[1])
    before = shown.page.locator(SCENE).screenshot()
    box = shown.page.locator(SCENE).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x + 60, y + 30, steps=5)
    shown.page.mouse.up()
    turned = shown.page.locator(SCENE).screenshot()
    assert turned != before
    for choice in ("supercell", "near-5"):
        shown.press(f"choose-crystal-{choice}")
        shown.pressed(f"choose-crystal-{choice}")
        expect(shown.page.locator(f"{SCENE}[data-ready=true]")).to_be_visible()
    title = shown["atom-title"].inner_text()
    shown.page.locator(SCENE).click()
    shown.page.keyboard.press("g")  # the widget would move an atom by it
    assert shown["atom-title"].inner_text().split(" in ")[1] == title.split(" in ")[1]


COUNT = """() => {
  window.shaders = window.clears = 0;
  for (const [name, what] of [['linkProgram', 'shaders'], ['clear', 'clears']]) {
    const before = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (...given) { window[what] += 1; return before.apply(this, given); };
  }
}"""


def test_the_next_crystal_is_painted_once_with_the_shaders_of_before(shown: Shown) -> None:
    shown.go("?v=1&atom=34")
    expect(drawn(shown)).to_be_visible(timeout=20_000)
    shown.press("choose-crystal-supercell")
    shown.pressed("choose-crystal-supercell")
    expect(drawn(shown)).to_be_visible()
    shown.page.evaluate(COUNT)
    shown.press("choose-crystal-near-5")
    shown.pressed("choose-crystal-near-5")
    expect(drawn(shown)).to_be_visible()
    shown.page.wait_for_timeout(300)
    assert shown.page.evaluate("window.shaders") == 0
    assert 0 < shown.page.evaluate("window.clears") <= 6


def test_the_first_crystal_finds_its_shaders_compiled(visit: Open, layout: Layout) -> None:
    """While the visitor looks at the maps, so that the first tap waits no longer than the next."""
    shown = visit("")
    shown.page.locator("[data-test=crystal-viewport][data-ready=true]").wait_for(state="attached")
    shown.page.evaluate(COUNT)
    shown.page.mouse.click(*shown.at(2, layout.coordinates["circe"][alone(layout.coordinates["circe"])]))
    expect(drawn(shown)).to_be_visible()
    shown.page.wait_for_timeout(300)
    assert shown.page.evaluate("window.clears") > 0
    assert shown.page.evaluate("window.shaders") == 0


SENT = """() => {
  window.sent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...given) { window.sent.push(String(given[0])); return send.apply(this, given); };
}"""


def is_tapped(shown: Shown) -> bool:
    """Whether a tap somewhere in the crystal meets an atom other than the marked one."""
    box = shown.page.locator(SCENE).bounding_box()
    assert box is not None
    places = product(np.linspace(0.2, 0.8, 13), np.linspace(0.2, 0.8, 9))
    for across, down in sorted(
        places, key=lambda at: np.hypot(at[0] - 0.5, at[1] - 0.5)
    ):  # most atoms lie in the middle
        shown.page.evaluate("window.sent = []")
        shown.page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
        shown.page.wait_for_timeout(80)
        if shown.page.evaluate("window.sent.some((text) => text.includes('image'))"):
            return True
    return False


def test_the_viewer_follows_theme_and_window_and_its_atoms_can_be_tapped(visit: Open) -> None:
    shown = visit("?v=1&atom=34")
    expect(drawn(shown)).to_be_visible(timeout=20_000)
    shown.page.evaluate(SENT)
    shown.press("choose-crystal-supercell")
    shown.pressed("choose-crystal-supercell")
    expect(drawn(shown)).to_be_visible()
    shown.page.wait_for_timeout(300)
    light = shown.page.locator(SCENE).screenshot()
    assert is_tapped(shown)  # an atom of the same site: it stays as it was, and the marked one marked
    shown.until(lambda: shown.page.locator(SCENE).screenshot() == light, "a tap leaves its trace")
    shown.press("dark")
    expect(shown["dark"]).to_have_text("Light")
    shown.until(lambda: shown.page.locator(SCENE).screenshot() != light, "the crystal kept its colours")
    shown.page.set_viewport_size({"width": 1200, "height": 760})
    fills = "(scene) => Math.abs(scene.querySelector('canvas').clientWidth - scene.clientWidth) < 2"
    shown.until(lambda: shown.page.locator(SCENE).evaluate(fills), "the crystal kept its size")
    assert is_tapped(shown)
    expect(shown.page.locator("[data-test=crystal-viewport]")).to_have_count(1)


BONDS = "new Set(window.editor.avr.bondManager.bondList.map(([a, b]) => [a, b].sort().join())).size"


def bonded(shown: dict[str, Any]) -> int:
    """Pairs of the atoms drawn that are near enough for a stick, whether they lie in the cell or not."""
    at, symbols = np.array(shown["atoms"]["positions"]), shown["atoms"]["symbols"]
    longest = {pair: each["max"] for pair, each in shown["bonds"].items()}
    pairs = combinations(range(len(at)), 2)
    return sum(np.linalg.norm(at[i] - at[j]) < longest.get(f"{symbols[i]}-{symbols[j]}", 0) for i, j in pairs)


def test_every_bond_of_the_atoms_drawn_is_drawn(growing: Growing, profile: Profile) -> None:
    """Of rutile, for crystals of the seeded atlas have one atom each."""
    session = Session(AtlasData(open_atlas(growing.atlas.path)))
    session.view.atom = site = int(np.flatnonzero(session.data.numbers == 22)[0])
    crystal = Crystal(session)
    page = profile((1440, 900), False).new_page()
    page.goto(f"{growing.running.address}?v=1&atom={site}")
    shown, counts = Shown(page), []
    for choice in ("cell", "near-5"):
        crystal.panel.intent = {"kind": "show", "value": choice}
        shown.press(f"choose-crystal-{choice}")
        expect(drawn(shown)).to_be_visible(timeout=30_000)
        counts.append(bonded(crystal.panel.data))
        page.wait_for_function(f"{BONDS} === {counts[-1]}")
    assert 0 < counts[0] < counts[1]
    page.close()


WITHOUT_3D = """const before = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...given) { return kind.startsWith('webgl') ? null : before.call(this, kind, ...given); };"""


def test_a_browser_without_3d_graphics_is_told(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.add_init_script(WITHOUT_3D)
    page.goto(f"{server.address}?v=1&atom=34")
    shown = Shown(page)
    shown.says("crystal-scene", "this browser shows no 3-D graphics")
    shown.says("atom-title", " in ")
    expect(shown["crystal-viewport"]).to_have_count(0)
    page.close()


def test_the_nearest_atoms_lead_from_one_to_the_next(shown: Shown) -> None:
    shown.go("?v=1&atom=34")
    shown.press("choose-card-nearest")
    expect(shown["nearest"].locator("tr")).to_have_count(7)
    first = shown["nearest"].locator("button").first
    words = first.inner_text()
    first.click()
    shown.says("atom-title", words)


def test_a_visitor_begins_with_a_finding_and_looks_inside(shown: Shown) -> None:
    suggestion = shown["suggestions"].locator("button").first
    expect(suggestion).to_be_visible(timeout=20_000)
    suggestion.click()
    expect(shown["selection-title"]).to_contain_text("selected")
    shown.press("inside")
    expect(shown["crystals"].locator("img")).to_have_count(12)
    expect(shown["contrasts"]).to_contain_text("Neighbours")
    with shown.page.expect_download() as saved:
        shown.press("contrast-csv")
    assert saved.value.suggested_filename.endswith("what-stands-out.csv")
    crystal = shown["crystals"].locator("button").first
    words = crystal.locator("b").inner_text()
    crystal.click()
    expect(shown["inside-dialog"]).to_have_count(0)
    shown.says("atom-title", words)


def test_overlap_is_coloured_for_a_pair_that_can_be_changed(shown: Shown) -> None:
    shown.go("?v=1&colour=overlap")
    expect(shown["sentence"]).to_contain_text("name the same neighbours", timeout=30_000)
    shown.press("open-options")
    shown["select-overlap_second"].select_option(label="Dione")
    expect(shown["sentence"]).to_contain_text("Dione name the same", timeout=30_000)
