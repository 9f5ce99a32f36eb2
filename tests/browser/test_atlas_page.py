"""Every control of the page Atlas, used once, by what it does to the page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PORT, Server
from tests.browser.shown import CONSENSUS, PIXELS, Shown
from tests.dashboard.conftest import PER_ELEMENT

TRAINED = range(7)
SHIPPED_MORE = ("block", "electronegativity", "coordination", "prototype", "nearest_anchor", "disagreement")


# the server


def test_the_server_loads_no_torch(server: Server, shown: Shown) -> None:
    names = ("torch", "sevenn", "chgnet", "dgl")
    check = f"import sys, platonic_atlas.dashboard.app; print([name for name in {names} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-P", "-c", check], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    if (maps := Path(f"/proc/{server.process.pid}/maps")).exists():  # Linux tells what the live server has mapped
        assert not re.search(r"libtorch|/torch/", maps.read_text())
    assert shown.title(0).inner_text().startswith("Ares")


def test_a_busy_port_is_passed_over_aloud(server: Server) -> None:
    assert f"Port {PORT} is busy; using {PORT + 1}." in server.said()
    assert f":{PORT + 1}/" in server.address


# what is seen first


def test_the_first_view_has_seven_models_and_their_consensus_without_scrolling(shown: Shown) -> None:
    titles = [shown.title(cell).inner_text() for cell in range(8)]
    assert [title.splitlines()[0] for title in titles] == [
        "Ares", "Bia", "Circe", "Dione", "Eris", "Faun", "Gaia", "Consensus"]  # fmt: skip
    assert all(re.search(r"agrees −?\d\.\d\d · −?\d\.\d\d", title) for title in titles[:7])
    assert "1 of 120 not embedded" in titles[1]
    assert min(shown.drawn()) > 300
    shown.says("sentence", "One space for seven models.")
    shown.says("atlas-name", "seeded · 120 sites")
    body = shown.page.evaluate(
        "[document.documentElement.scrollHeight, innerHeight, document.body.scrollWidth, innerWidth]"
    )
    assert body[0] <= body[1]
    assert body[2] <= body[3]


def test_words_from_files_stay_words(shown: Shown) -> None:
    shown.press("period-1", "element-H")
    shown.selected(PER_ELEMENT)
    expect(shown["by-prototype"]).to_contain_text("<b>hcp</b>")
    assert shown["by-prototype"].locator("b").count() == 0
    shown.press("more-colour", "choose-colour-prototype")
    expect(shown["legend"]).to_contain_text("<b>hcp</b>")
    assert shown["legend"].locator("b").count() == 0


# the bar


def test_colours_change_every_map_and_the_legend(shown: Shown) -> None:
    shown.pressed("choose-colour-group")
    before = shown.settled()
    for name, title in (("period", "Period"), ("element", "Element")):
        shown.press(f"choose-colour-{name}")
        shown.pressed(f"choose-colour-{name}")
        before = shown.changed(before, TRAINED)
        shown.says("legend", title)
    shown.pressed("choose-colour-group", "false")


@pytest.mark.parametrize("names", [SHIPPED_MORE[:3], SHIPPED_MORE[3:]])
def test_more_colours(shown: Shown, names: tuple[str, ...]) -> None:
    before = shown.settled()
    for name in names:
        shown.press("more-colour")
        label = shown[f"choose-colour-{name}"].locator(".words").inner_text()
        shown.press(f"choose-colour-{name}")
        expect(shown["more-colour"]).to_contain_text(label)
        before = shown.changed(before, TRAINED)
        shown.says("legend", label.split()[0])


# What the first map draws, looked at until told to stop; to read all eight would take the time in which frames are drawn
WATCH = f"""window.seen = new Set();
window.watching = setInterval(() => window.seen.add(JSON.stringify(({PIXELS.replace("map-", "map-0")})())), 25)"""


def test_raw_and_relative_are_two_pictures_and_the_way_between_them_is_shown(shown: Shown) -> None:
    relative = shown.settled()
    for _ in range(5):  # the way takes 0.8 s, in which a busy machine may paint no frame
        shown.page.evaluate(WATCH)
        shown.press("choose-representation-raw")
        shown.changed(relative, TRAINED)
        if seen := len(shown.page.evaluate("clearInterval(window.watching), [...window.seen]")) >= 3:
            break
        shown.press("choose-representation-relative")
        shown.becomes(relative)
    assert seen, "no frame between"
    shown.says("sentence", "Each model in its own numbers.")
    expect(shown.title(CONSENSUS)).to_contain_text("no common axes")
    expect(shown["choose-frame-agreement"]).to_have_attribute("aria-disabled", "true")
    expect(shown["choose-layout-umap"]).to_have_attribute("aria-disabled", "true")
    shown.press("choose-representation-relative")
    shown.becomes(relative)


def test_own_frame(shown: Shown) -> None:
    before = shown.settled()
    shown.press("choose-frame-own")
    shown.pressed("choose-frame-own")
    shown.changed(before)
    shown.says("sentence", "Each model on its own best axes.")
    shown.press("choose-frame-agreement")
    shown.becomes(before)


def test_three_frames_each_with_its_own_number_in_the_titles(shown: Shown) -> None:
    before = shown.settled()
    expect(shown.title(0)).to_contain_text(re.compile(r"agrees −?\d\.\d\d · −?\d\.\d\d"))
    shown.press("choose-frame-variance")
    shown.changed(before, TRAINED)
    expect(shown.title(0)).to_contain_text("%")
    shown.says("sentence", "spread most")
    shown.press("choose-frame-agreement")
    shown.becomes(before)
    shown.says("sentence", "agree most")


def test_within_elements_and_back(shown: Shown) -> None:
    before = shown.settled()
    shown.press("choose-within-elements")
    shown.changed(before, TRAINED)
    shown.says("sentence", "Beyond the periodic table.")
    assert "within=elements" in shown.page.url
    shown.press("choose-representation-raw")
    expect(shown["choose-within-elements"]).to_have_attribute("aria-disabled", "true")
    shown.press("choose-representation-relative", "choose-within-all")
    shown.becomes(before)


def test_umap_is_shown_where_it_is_stored(shown: Shown) -> None:
    before = shown.settled()
    shown.press("choose-layout-umap")
    shown.changed(before)
    shown.says("sentence", "Neighbourhoods, not distances.")
    assert "%" not in shown.title(0).inner_text()
    shown.press("open-anchors", "choose-anchors-few")
    shown.pressed("choose-layout-pca")


def test_umap_of_other_anchors_is_made_on_request_and_can_be_cancelled(shown: Shown) -> None:
    shown.press("open-anchors", "choose-anchors-few")
    before = shown.settled()
    shown.press("choose-layout-umap")
    expect(shown["progress"]).to_contain_text("UMAP")
    shown.press("cancel")
    expect(shown["progress"]).to_have_count(0)
    shown.pressed("choose-layout-pca")
    shown.press("choose-layout-umap")
    expect(shown["choose-layout-umap"]).to_have_attribute("aria-pressed", "true", timeout=180_000)
    shown.changed(before, TRAINED)
    expect(shown["progress"]).to_have_count(0)


def test_anchors_menu(shown: Shown) -> None:
    before = shown.settled()
    shown.press("open-anchors", "choose-anchors-few")
    expect(shown["open-anchors"]).to_contain_text("few")
    shown.says("sentence", "5 shared anchor atoms")
    shown.changed(before)


def test_options(shown: Shown) -> None:
    before = shown.settled()
    shown.press("open-options")
    for name, cells in (("choose-balance-atoms", range(8)), ("toggle-centre", range(8)), ("toggle-marks", range(8)),
                        ("toggle-labels", range(8)), ("choose-consensus-colour", [CONSENSUS])):  # fmt: skip
        shown.press(name)
        before = shown.changed(before, cells)
    expect(shown["toggle-marks"]).not_to_be_checked()
    expect(shown.title(CONSENSUS)).to_contain_text("by group")


def test_majority_colours_where_dots_overlap(shown: Shown) -> None:
    """Few pixels hold two atoms here: zoom out until they do."""
    left, right, top, bottom = shown.corners(0)
    shown.page.mouse.move((left + right) / 2, (top + bottom) / 2)
    before = shown.settled()
    for _ in range(6):
        shown.page.mouse.wheel(0, 400)
        before = shown.changed(before)
    shown.press("open-options", "choose-pixel-majority")
    shown.pressed("choose-pixel-majority")
    shown.changed(before, [0])


def test_models_are_reordered_taken_away_and_a_control_is_marked(shown: Shown) -> None:
    before = shown.settled()
    shown.press("open-models", "down-ares")
    expect(shown.title(0)).to_contain_text("Bia")
    expect(shown.title(1)).to_contain_text("Ares")
    before = shown.changed(before, [0, 1])
    shown.press("up-ares")
    expect(shown.title(0)).to_contain_text("Ares")
    expect(shown["model-onehot"]).to_be_disabled()
    shown["model-gaia"].click()
    expect(shown.title(6)).to_contain_text("A free place")
    shown.says("sentence", "One space for six models.")
    shown["model-onehot"].click()
    expect(shown.title(6).locator(".control")).to_have_text("control")
    expect(shown["slot-7"]).to_have_attribute("data-model", "onehot")
    shown.says("sentence", "A control learned nothing.")
    shown.changed(before, [6])


def test_search_finds_elements_and_formulas(shown: Shown) -> None:
    before = shown.settled()
    shown["search"].fill("Oxy")
    expect(shown["suggestion-O"]).to_contain_text("6 sites")
    shown["search"].press("ArrowDown")
    shown["search"].press("Enter")
    shown.selected(6)
    shown.changed(before)
    shown["search"].fill("Fe")  # the seeded crystals are elements: their formula is the symbol
    shown["search"].press("Shift+Enter")
    shown.selected(12)
    shown["search"].fill("bcc")
    shown["search"].press("Enter")
    shown.selected(40)
    shown["search"].fill("unobtainium")
    shown["search"].press("Enter")
    expect(shown["choice-bar"]).to_contain_text("Nothing here is called")
    shown.selected(40)


# the page itself


def test_the_stage_leaves_only_maps(shown: Shown) -> None:
    before, box = shown.settled(), shown.map(0).bounding_box()
    shown.press("stage")
    expect(shown["choice-bar"]).to_be_hidden()
    expect(shown["periodic-table"]).to_be_hidden()
    shown.changed(before)
    larger = shown.map(0).bounding_box()
    assert box
    assert larger
    assert larger["height"] > 1.3 * box["height"]
    shown.page.keyboard.press("Escape")
    expect(shown["choice-bar"]).to_be_visible()
    expect(shown["periodic-table"]).to_be_visible()


def test_dark_and_light(shown: Shown) -> None:
    before = shown.settled()
    background = "getComputedStyle(document.body).backgroundColor"
    light = shown.page.evaluate(background)
    shown.press("dark")
    expect(shown["dark"]).to_have_text("Light")
    assert shown.page.evaluate(background) != light
    dark = shown.changed(before)
    shown.press("dark")
    expect(shown["dark"]).to_have_text("Dark")
    assert shown.changed(dark) == before


def test_help_explains_and_closes(shown: Shown) -> None:
    for name in ("help", "how-to-read"):
        shown.press(name)
        expect(shown["help-dialog"]).to_contain_text("What this shows, and what not")
        shown.page.keyboard.press("Escape")
        expect(shown["help-dialog"]).to_have_count(0)
    shown.press("help", "help-dialog-close")
    expect(shown["help-dialog"]).to_have_count(0)


def test_hiding_the_panels_gives_the_maps_their_room(shown: Shown) -> None:
    before, box = shown.settled(), shown.map(7).bounding_box()
    shown.press("fold")
    expect(shown["periodic-table"]).to_be_hidden()
    hidden = shown.changed(before)
    larger = shown.map(7).bounding_box()
    assert box
    assert larger
    assert larger["height"] > 1.2 * box["height"]
    shown.press("fold")
    expect(shown["periodic-table"]).to_be_visible()
    shown.changed(hidden)


def test_the_address_holds_every_choice(shown: Shown) -> None:
    shown.press("choose-frame-own", "choose-colour-element", "page-anchors")
    shown.page.wait_for_function("location.search.includes('page=anchors')")
    query = dict(word.split("=", 1) for word in shown.page.evaluate("location.search.slice(1)").split("&"))
    assert (query["frame"], query["colour"], query["anchors"]) == ("own", "element", "element-89")
    assert json.loads(query["v"]) == 1
