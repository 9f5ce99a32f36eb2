"""Every control of the page Stitching, used once, by what it does to the page."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.shown import Shown

CANVAS = """(which) => {
  const within = (node) => {
    for (const child of node.querySelectorAll('*')) {
      if (child.matches(`[data-test="stitch-${which}"] canvas`)) return child;
      const found = child.shadowRoot && within(child.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const canvas = within(document);
  if (!canvas || !canvas.width) return [0, 0];
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  let hash = 2166136261, drawn = 0;
  for (const pixel of pixels) { hash = Math.imul(hash ^ pixel, 16777619); if (pixel) drawn += 1; }
  return [hash >>> 0, drawn];
}"""


def canvas(shown: Shown, which: str) -> tuple[int, int]:
    """A hash of what one side draws, and how many pixels."""
    found = shown.page.evaluate(CANVAS, which)
    return int(found[0]), int(found[1])


@pytest.fixture
def stitch(shown: Shown) -> Shown:
    """The page Stitching of the seeded atlas."""
    shown.press("page-stitching")
    expect(shown["stitch-view"]).to_be_visible()
    shown.until(lambda: min(canvas(shown, side)[1] for side in ("left", "right")) > 100, "nothing is drawn")
    return shown


def choose(shown: Shown, which: str, value: str) -> None:
    shown.press(f"open-{which}", f"choose-{which}-{value}")


def test_source_target_and_method_move_the_maps(stitch: Shown) -> None:
    left, right = canvas(stitch, "left"), canvas(stitch, "right")
    choose(stitch, "stitch_method", "procrustes")
    stitch.until(lambda: canvas(stitch, "right") != right, "the method changes nothing")
    assert canvas(stitch, "left") == left
    choose(stitch, "stitch_source", "circe")
    stitch.until(lambda: canvas(stitch, "left") != left, "the source changes nothing")
    stitch.says("stitch-left", "Circe")
    choose(stitch, "stitch_target", "dione")
    stitch.says("stitch-right", "Dione")
    choose(stitch, "stitch_method", "merge")
    choose(stitch, "stitch_anchors", "few")
    stitch.says("stitch-right", "in the space of their cosines")


def test_the_morph_runs_in_the_browser(stitch: Shown) -> None:
    translated = canvas(stitch, "right")
    stitch["morph"].fill("2")
    stitch.says("stitch-right", "the true places in")
    stitch.until(lambda: canvas(stitch, "right") != translated, "the slider moves nothing")
    stitch["morph"].fill("0.4")
    stitch.says("stitch-right", "on its way into")
    stitch["morph"].fill("1")
    stitch.says("stitch-right", "translated, on the axes of")
    stitch.until(lambda: canvas(stitch, "right") == translated, "the slider does not lead back")
    stitch.press("morph-play")
    expect(stitch["morph-play"]).to_have_text("Pause")
    expect(stitch["morph-play"]).to_have_text("Play")
    assert float(stitch["morph"].input_value()) == 2


def test_hover_and_lines_join_an_atom_to_its_true_place(stitch: Shown) -> None:
    before = canvas(stitch, "right")
    first = stitch["lines"].locator("button").first
    first.hover()
    stitch.until(lambda: canvas(stitch, "right") != before, "no line is drawn")
    stitch.page.mouse.move(5, 5)
    stitch.until(lambda: canvas(stitch, "right") == before, "the line stays")
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    stitch.until(lambda: canvas(stitch, "right") != before, "the chosen atom is not marked")


def test_the_atom_under_the_pointer_is_named(stitch: Shown) -> None:
    for side in ("left", "right"):
        box = stitch[f"stitch-{side}"].bounding_box()
        assert box is not None
        for down, across in product(np.linspace(0.3, 0.8, 6), np.linspace(0.3, 0.7, 5)):
            stitch.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
            stitch.page.wait_for_timeout(250)
            if stitch["stitch-tip"].count():
                break
        expect(stitch[f"stitch-{side}"].locator("[data-test=stitch-tip]")).to_contain_text(" in ")
        stitch.page.mouse.move(5, 5)
        expect(stitch["stitch-tip"]).to_have_count(0)


def test_a_selection_and_a_colour_reach_both_sides(stitch: Shown) -> None:
    before = [canvas(stitch, side) for side in ("left", "right")]
    stitch.press("choose-colour-period")
    stitch.until(
        lambda: all(canvas(stitch, s) != b for s, b in zip(("left", "right"), before, strict=True)), "no colour"
    )
    before = [canvas(stitch, side) for side in ("left", "right")]
    stitch.press("element-Fe")
    stitch.until(lambda: all(canvas(stitch, s) != b for s, b in zip(("left", "right"), before, strict=True)), "no fade")


def test_scores_stand_beside_their_controls(stitch: Shown) -> None:
    stitch.press("score")
    expect(stitch["chart-lead"]).to_be_visible(timeout=60_000)
    for words in ("Explained within elements", "Ares", "Element means", "Shuffled pairs", "Onehot"):
        stitch.says("chart-lead", words)
    stitch["second-score"].select_option("element_at_1")
    stitch.says("chart-second", "The element’s mean, which knows nothing else")
    stitch.says("note", "a checkpoint of one's own")
    stitch.press("choose-part-curve")
    expect(stitch["curve"]).to_be_visible()
    stitch.press("choose-part-worst")
    worst = stitch["worst"].locator("button").first
    worst.click()
    stitch.press("page-atlas")
    expect(stitch["stitch-view"]).to_be_hidden()
    stitch.says("selection-panel", "1 site selected")


def test_scoring_can_be_cancelled_and_equal_models_are_a_sentence(stitch: Shown) -> None:
    choose(stitch, "stitch_method", "affine")  # not scored by another test
    stitch.press("score", "score-cancel")
    expect(stitch["score"]).to_be_visible()
    choose(stitch, "stitch_target", "ares")
    stitch.says("stitch-right", "Source and target are both")
    stitch.until(lambda: canvas(stitch, "right")[1] == 0, "the map of before stays beneath the sentence")
    expect(stitch["morph"]).to_be_disabled()


def test_all_pairs_show_a_ladder_and_a_matrix_that_leads_to_a_pair(stitch: Shown) -> None:
    stitch.press("pairs")
    expect(stitch["matrix"]).to_be_visible(timeout=90_000)
    expect(stitch["ladder"]).to_contain_text("Same family")
    cell = stitch["matrix"].locator("tbody tr").nth(2).locator("button").first
    before = cell.inner_text()
    stitch.press("choose-matrix-r2_raw")
    stitch.until(lambda: cell.inner_text() != before, "the other score is not shown")
    source, target = str(cell.get_attribute("data-test")).removeprefix("pair-").rsplit("-", 1)
    cell.click()
    expect(stitch["pairs-dialog"]).to_have_count(0)
    expect(stitch["open-stitch_source"]).to_contain_text(source.title())
    expect(stitch["open-stitch_target"]).to_contain_text(target.title())


def test_energies_are_shown_crystal_by_crystal(stitch: Shown) -> None:
    choose(stitch, "stitch_source", "dione")
    choose(stitch, "stitch_target", "eris")
    choose(stitch, "stitch_method", "affine")
    stitch.says("facts", "Composition alone")
    stitch["second-score"].select_option("energy_mae")
    stitch.says("chart-second", "smaller is better")
    stitch.press("parity")
    points = stitch["parity-plot"].locator("circle")
    expect(points.first).to_be_visible()
    fitted, places = stitch["parity-error"].inner_text(), points.nth(3).get_attribute("cy")
    stitch.press("choose-fitted-raw")
    stitch.until(lambda: stitch["parity-error"].inner_text() != fitted, "the error is the same without the fit")
    assert points.nth(3).get_attribute("cy") != places
    stitch.says("parity-fit", "not used above")
    stitch.press("choose-against-reference")
    stitch.says("parity-plot", "Energy of the input (DFT)")
    stitch["parity-fit"].locator("summary").click()
    expect(stitch["parity-fit"].locator("li").first).to_be_visible()
    points.nth(2).dispatch_event("click")
    stitch.press("parity-dialog-close", "page-atlas")
    stitch.selected(1)


def test_three_environments_are_picked_and_the_nearest_atoms_read(stitch: Shown) -> None:
    stitch.press("bench")
    stitch.says("bench-problem", "has no analogies")  # crystals of one atom have no host
    stitch["slot-text-a"].fill("Fe")
    stitch["slot-text-a"].press("Enter")
    stitch["matches"].locator("button").nth(1).click()
    stitch.says("slot-a", "Fe in Fe")
    for slot, word in (("b", "Na"), ("c", "Cl")):
        stitch["slot-text-" + slot].fill(word)
        stitch["slot-text-" + slot].press("Enter")
        stitch["matches"].locator("button").first.click()
        stitch.says(f"slot-{slot}", f"{word} in {word}")
    expect(stitch["sum"].locator("button")).to_have_count(5)
    before = stitch["sum"].inner_text()
    stitch["bench-target"].select_option("onehot")
    stitch.until(lambda: stitch["sum"].inner_text() != before, "another model reads the same")
    stitch["slot-text-a"].fill("Unobtainium")
    stitch["slot-text-a"].press("Enter")
    stitch.says("bench-problem", "Nothing here is called Unobtainium")
    stitch.says("bench-problem", "a is still Fe in Fe")
    first = stitch["alone"].locator("button").first
    words = first.locator(".words").inner_text()
    first.click()
    expect(stitch["bench-dialog"]).to_have_count(0)
    stitch.press("bench", "slot-current-b")
    stitch.says("slot-b", words)
