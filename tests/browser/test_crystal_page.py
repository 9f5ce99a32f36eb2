"""The crystal behind a point, what is near it, and what is inside a selection, as a visitor meets them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open

SCENE = "[data-test=crystal-scene]"


def test_a_tapped_atom_shows_its_crystal_turned_and_repeated(visit: Open) -> None:
    shown = visit("")
    expect(shown["crystal"]).to_be_hidden()
    shown = visit("?v=1&atom=34")
    expect(shown.page.locator(f"{SCENE}[data-ready=true] canvas").first).to_be_visible(timeout=20_000)
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


def test_the_next_crystal_is_painted_once_with_the_shaders_of_before(visit: Open) -> None:
    shown = visit("?v=1&atom=34")
    ready = shown.page.locator(f"{SCENE}[data-ready=true] canvas").first
    expect(ready).to_be_visible(timeout=20_000)
    shown.press("choose-crystal-supercell")
    shown.pressed("choose-crystal-supercell")
    expect(ready).to_be_visible()
    shown.page.evaluate(COUNT)
    shown.press("choose-crystal-near-5")
    shown.pressed("choose-crystal-near-5")
    expect(ready).to_be_visible()
    shown.page.wait_for_timeout(300)
    assert shown.page.evaluate("window.shaders") == 0
    assert 0 < shown.page.evaluate("window.clears") <= 6


def test_the_nearest_atoms_lead_from_one_to_the_next(visit: Open) -> None:
    shown = visit("?v=1&atom=34")
    shown.press("choose-card-nearest")
    expect(shown["nearest"].locator("tr")).to_have_count(7)
    first = shown["nearest"].locator("button").first
    words = first.inner_text()
    first.click()
    shown.says("atom-title", words)


def test_a_visitor_begins_with_a_finding_and_looks_inside(visit: Open) -> None:
    shown = visit("")
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


def test_overlap_is_coloured_for_a_pair_that_can_be_changed(visit: Open) -> None:
    shown = visit("?v=1&colour=overlap")
    expect(shown["sentence"]).to_contain_text("name the same neighbours", timeout=30_000)
    shown.press("open-options")
    shown["select-stitch_target"].select_option(label="Dione")
    expect(shown["sentence"]).to_contain_text("Dione name the same", timeout=30_000)
