"""Every control of the page Anchors, used once, by what it does to the page."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import expect

from platonic_atlas.dashboard.atlas.layouts import Layout
from tests.browser.shown import Shown, alone
from tests.dashboard.conftest import ELEMENTS


@pytest.fixture
def picker(shown: Shown) -> Shown:
    """The page Anchors of the seeded atlas."""
    shown.press("page-anchors")
    expect(shown["anchor-panel"]).to_be_visible()
    expect(shown["page-anchors"]).to_have_attribute("aria-current", "page")
    return shown


def in_use(picker: Shown, number: int) -> None:
    picker.says("sentence", f"{number} shared anchor atoms")


def test_every_strategy_moves_the_maps(picker: Shown) -> None:
    before = picker.settled()
    expect(picker["anchor-number"]).to_be_disabled()  # one for each element
    for strategy in ("random", "direct", "farthest", "kmeans"):
        picker["anchor-strategy"].select_option(strategy)
        before = picker.changed(before)
        if strategy == "random":
            picker["anchor-number"].fill("12")
            picker["anchor-number"].press("Enter")
            before = picker.changed(before)
        in_use(picker, 12)
    picker["anchor-strategy"].select_option("element")
    in_use(picker, len(ELEMENTS))
    picker.changed(before)
    expect(picker["anchor-number"]).to_be_disabled()


def test_number_seed_and_reference(picker: Shown) -> None:
    picker["anchor-strategy"].select_option("random")
    in_use(picker, 100)
    before = picker.settled()
    picker["anchor-number-slider"].fill("0")
    in_use(picker, 5)
    before = picker.changed(before)
    picker["anchor-seed"].fill("7")
    picker["anchor-seed"].press("Enter")
    before = picker.changed(before)
    picker["anchor-strategy"].select_option("farthest")
    before = picker.changed(before)
    picker["anchor-reference"].select_option("dione")
    expect(picker["anchor-reference"]).to_have_value("dione")
    picker.changed(before)


def test_by_hand_a_tap_adds_and_takes_away(picker: Shown, layout: Layout) -> None:
    before = picker.settled()
    picker["anchor-strategy"].select_option("hand")
    sites = len(ELEMENTS)
    place = layout.coordinates["gaia"][alone(layout.coordinates["gaia"])]
    x, y = picker.at(6, place)
    picker.page.mouse.click(x, y)
    expect(picker["sentence"]).to_contain_text(f"({sites + 1} shared", use_inner_text=True)
    picker.changed(before)
    expect(picker["anchor-strategy"]).to_have_value("hand")
    expect(picker["sets"].locator("..")).to_contain_text("by hand in use")


def test_the_selection_becomes_the_anchors(picker: Shown) -> None:
    expect(picker["use-selection"]).to_have_attribute("aria-disabled", "true")
    picker.press("element-Fe")
    expect(picker["use-selection"]).to_contain_text("(6)")
    before = picker.settled()
    picker.press("use-selection")
    in_use(picker, 6)
    picker.changed(before)


def test_pasted_symbols_and_a_bad_one(picker: Shown) -> None:
    picker["anchor-paste"].fill("Fe Cs, O")
    picker["anchor-paste"].press("Enter")
    in_use(picker, 3)
    picker["anchor-paste"].fill("Fe Qq")
    picker.press("anchor-paste-go")
    expect(picker["anchor-status"]).to_contain_text("Qq is no element")
    in_use(picker, 3)


def test_a_set_is_kept_and_a_shipped_one_comes_back(picker: Shown) -> None:
    first = picker.settled()
    picker["anchor-paste"].fill("Li Fe O Cs")
    picker["anchor-paste"].press("Enter")
    in_use(picker, 4)
    picker.changed(first)
    picker["anchor-name"].fill("element-89")
    picker.press("anchor-name-go")
    expect(picker["anchor-status"]).to_contain_text("no shipped set has")
    picker["anchor-name"].fill("mine")
    picker.press("anchor-name-go")
    expect(picker["sets"].locator("li.now")).to_contain_text("mine")
    picker.press("set-element-89")
    in_use(picker, len(ELEMENTS))
    expect(picker["sets"].locator("li.now")).to_contain_text("element-89")
    picker.page.mouse.move(5, 5)
    picker.becomes(first)
    picker.press("set-mine")
    in_use(picker, 4)


def test_coverage_follows_the_anchors(picker: Shown) -> None:
    histogram = picker["coverage-histogram"]
    expect(histogram.locator("rect")).to_have_count(40)
    far, bars = float(picker["coverage-max"].inner_text()), histogram.inner_html()
    assert "median" in (picker["element-Fe"].get_attribute("aria-label") or "")
    picker["anchor-paste"].fill("Cs")
    picker["anchor-paste"].press("Enter")
    in_use(picker, 1)
    picker.page.wait_for_timeout(100)
    expect(picker["coverage-max"]).not_to_have_text(f"{far:g}")
    assert float(picker["coverage-max"].inner_text()) > far
    assert histogram.inner_html() != bars


def test_the_laboratory_measures_while_somebody_looks(picker: Shown) -> None:
    picker.press("choose-lab-agreement")
    expect(picker["lab-trained"]).to_contain_text("Ares")
    expect(picker["lab-controls"]).to_contain_text("Onehot")
    before = picker["lab-trained"].inner_text()
    picker.press("choose-anchors-few") if picker["choose-anchors-few"].count() else picker.press(
        "open-anchors", "choose-anchors-few"
    )
    expect(picker["lab-trained"]).not_to_have_text(before, use_inner_text=True)
    picker["lab-beside"].select_option("element-89")
    expect(picker["lab-trained"]).to_contain_text(" | ")
    picker.press("choose-lab-redundancy")
    expect(picker["lab-redundancy"]).to_contain_text("Redundancy of the 5 anchors")
    expect(picker["lab-redundancy"]).to_contain_text("of element-89")
    picker.press("choose-lab-choose")
    expect(picker["anchor-strategy"]).to_be_visible()


DRAWN = """canvases => canvases.map((canvas) => {
  if (!canvas.width || !canvas.height) return 0;
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  let hash = 2166136261, drawn = 0;
  for (const pixel of pixels) { hash = Math.imul(hash ^ pixel, 16777619); if (pixel) drawn += 1; }
  return drawn > 300 ? hash >>> 0 : 0;
})"""


def pair(picker: Shown, before: Sequence[int] = ()) -> list[int]:
    """A number for what each of the two maps draws, once both draw something else than before."""

    def drawn() -> list[int]:  # a plot has canvases beside that of its map, on which nothing is drawn
        return [each for each in picker.page.locator(".pa-main-anchors canvas").evaluate_all(DRAWN) if each]

    picker.until(lambda: len(drawn()) == 2 and not set(drawn()) & set(before), lambda: f"{drawn()} after {before}")
    return drawn()


def saved_as(picker: Shown, what: str, button: str) -> str:
    """The name of the file that a choice of Save picture is downloaded under."""
    with picker.page.expect_download() as saved:
        picker.press("save")
        picker["save-what"].select_option(what)
        picker.press(button)
    return saved.value.suggested_filename


def test_the_map_of_one_model_stands_above_twice_once_for_each_set(picker: Shown) -> None:
    first = picker.settled()
    picker.press("choose-lab-agreement")
    expect(picker["lab-trained"]).to_contain_text("Ares")
    picker["lab-beside"].select_option("few")
    expect(picker["pair-in-use"]).to_contain_text("element-89")
    expect(picker["pair-beside"]).to_contain_text("few · 5 anchors")
    expect(picker["pair-beside"]).to_contain_text("agrees")
    expect(picker.map(0)).to_be_hidden()
    picker.says("sentence", "One model, two sets of anchors.")
    before = pair(picker)
    assert before[0] != before[1]
    picker.press("choose-colour-period")
    before = pair(picker, before)
    picker["lab-map-of"].select_option("bia")
    expect(picker["pair-beside"]).to_contain_text("Bia")
    pair(picker, before)
    assert saved_as(picker, "two-maps", "save-numbers").endswith("the-two-maps.csv")
    picker.press("choose-colour-group")
    picker["lab-map-of"].select_option("all")
    expect(picker.map(0)).to_be_visible()
    picker.becomes(first)
    picker["lab-beside"].select_option("")
    expect(picker["lab-map-of"]).to_have_count(0)
    picker.press("choose-lab-choose")


def test_chance_influence_and_random_sets_are_measured_on_request(picker: Shown) -> None:
    picker.press("choose-lab-agreement", "lab-chance")
    expect(picker["lab-chance-told"]).to_contain_text("shuffled", timeout=60_000)
    picker.press("choose-lab-influence", "lab-influence")
    expect(picker["lab-influences"].locator("li")).to_have_count(len(ELEMENTS), timeout=60_000)
    expect(picker["lab-marks"]).to_contain_text("helps")
    picker.says("sentence", "blue anchors help the models agree")
    marked = picker.settled()
    picker["lab-influences"].locator("li").first.locator("button").click()
    expect(picker["lab-card"]).to_contain_text(" in ")
    picker["lab-order"].select_option("element")
    expect(picker["lab-influences"].locator("li").first).to_contain_text("Al in")
    assert saved_as(picker, "measured", "save-numbers").endswith("what-the-anchors-do.csv")
    assert saved_as(picker, "measured-influence", "save-svg").endswith("influence-of-each-anchor.svg")
    picker.press("choose-lab-choose")
    picker["anchor-paste"].fill("Fe Cs O")  # other anchors, of which nothing was measured, are marked alike
    picker["anchor-paste"].press("Enter")
    picker.changed(marked)
    expect(picker["sentence"]).not_to_contain_text("blue anchors")
    picker.press("set-element-89", "choose-lab-influence")
    picker.press("choose-lab-curve", "lab-curve")
    expect(picker.page.locator('svg[data-test="lab-curve"]')).to_be_visible(timeout=60_000)
    picker.press("choose-lab-choose")
