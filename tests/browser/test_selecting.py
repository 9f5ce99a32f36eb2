"""Selecting on the page Atlas: by the periodic table, by lasso, box and tap, and what can be taken away."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from playwright.sync_api import expect

from platonic_atlas.dashboard.atlas.layouts import Layout
from platonic_atlas.engine import elements
from tests.browser.conftest import Open
from tests.browser.shown import Shown, alone, split
from tests.dashboard.conftest import ELEMENTS, PER_ELEMENT

TOTAL = len(ELEMENTS) * PER_ELEMENT


# the periodic table


def test_the_periodic_table_selects(shown: Shown) -> None:
    before = shown.settled()
    shown.press("element-Fe")
    shown.selected(6)
    shown.pressed("element-Fe")
    before = shown.changed(before)
    shown.press("element-O", keys=["Shift"])
    shown.selected(12)
    before = shown.changed(before)
    shown.press("element-Fe", keys=["Alt"])
    shown.selected(6)
    shown.pressed("element-Fe", "false")
    shown.press("group-17")
    shown.selected(18)
    shown.press("lanthanides", keys=["Shift"])
    shown.selected(30)
    shown.press("period-2")
    shown.selected(30)
    assert shown["element-He"].get_attribute("aria-disabled") == "true"


def test_the_periodic_table_by_keyboard(shown: Shown) -> None:
    before, keys = shown.settled(), shown.page.keyboard
    shown["element-H"].focus()
    keys.press("ArrowDown")
    expect(shown["element-Li"]).to_be_focused()
    keys.press("Enter")
    shown.selected(6)
    shown.pressed("element-Li")
    shown.changed(before)
    keys.press("g")
    shown.selected(30)
    keys.press("Shift+P")
    shown.selected(54)


# the maps


def test_a_lasso_in_one_map_lights_up_the_others(shown: Shown, layout: Layout) -> None:
    before = shown.settled()
    cut, below = split(layout.coordinates["ares"][:, 0])
    left, right, top, bottom = shown.corners(0)
    middle = shown.at(0, (cut, 0))[0]
    shown.drag(shown.around(left, middle, top, bottom))
    shown.selected(below)
    before = shown.changed(before)
    shown.drag(shown.around(middle, right, top, bottom), "Shift")
    shown.selected(TOTAL)
    before = shown.changed(before)
    shown.drag(shown.around(left, middle, top, bottom), "Alt")
    shown.selected(TOTAL - below)
    before = shown.changed(before)
    shown.press("undo", "undo")
    shown.selected(below)
    before = shown.changed(before)
    shown.press("clear")
    shown.selected(0)
    shown.changed(before)
    expect(shown["clear"]).to_have_attribute("aria-disabled", "true")


def test_a_box_selects(shown: Shown, layout: Layout) -> None:
    shown.press("choose-drag-box")
    shown.pressed("choose-drag-box")
    before = shown.settled()
    cut, below = split(layout.coordinates["faun"][:, 1])
    left, right, _, bottom = shown.corners(5)
    shown.drag([(left, shown.at(5, (0, cut))[1]), (right, bottom)])
    shown.selected(below)
    shown.changed(before)


def test_a_drag_from_the_very_edge_or_with_the_other_button_is_no_error(shown: Shown) -> None:
    """Each step failed in the console; the other button opened a menu of Bokeh's over the map. `visit` looks there."""
    box, mouse = shown.map(0).bounding_box(), shown.page.mouse
    assert box is not None
    for inset in (0.5, 1.0, 1.5, 2.5):
        shown.drag([(box["x"] + inset, box["y"] + 80), (box["x"] + 60, box["y"] + 120), (box["x"] + 5, box["y"] + 140)])
    for tool in ("lasso", "box", "pan"):
        shown.press(f"choose-drag-{tool}")
        shown.pressed(f"choose-drag-{tool}")
        mouse.move(box["x"] + 80, box["y"] + 90)
        mouse.down()
        mouse.move(box["x"] + 120, box["y"] + 100, steps=3)
        mouse.down(button="right")
        mouse.move(box["x"] + 140, box["y"] + 140, steps=3)
        mouse.up(button="right")
        mouse.up()
    mouse.click(box["x"] + 100, box["y"] + 100, button="right")
    shown.settled()
    assert shown.page.locator(".bk-menu, .bk-context-menu").count() == 0


def test_a_tap_shows_the_atom_and_hovering_names_it(shown: Shown, layout: Layout) -> None:
    site = alone(layout.coordinates["circe"])
    x, y = shown.at(2, layout.coordinates["circe"][site])
    before = shown.settled()
    shown.page.mouse.move(x + 2, y + 1)
    hovered = shown.changed(before)
    shown.page.mouse.move(*shown.at(2, (0, shown.ranges()[3])))
    assert shown.changed(hovered) == before
    shown.page.mouse.click(x, y)
    shown.selected(1)
    symbol = shown["atom-title"].inner_text().split()[0]
    assert symbol == elements.table().symbol[ELEMENTS[site // PER_ELEMENT]]
    expect(shown["atom-energies"]).to_contain_text("Circe")
    expect(shown["atom-disagreement"]).to_contain_text("percentile")
    shown.changed(before)


def test_wheel_and_pan_move_all_maps_and_reset_comes_back(shown: Shown) -> None:
    before, ranges = shown.settled(), shown.ranges()
    left, right, top, bottom = shown.corners(3)
    middle = ((left + right) / 2, (top + bottom) / 2)
    shown.page.mouse.move(*middle)
    shown.page.mouse.wheel(0, -400)
    zoomed = shown.changed(before)
    x0, x1, y0, y1 = shown.ranges()
    assert x1 - x0 < ranges[1] - ranges[0]
    assert y1 - y0 < ranges[3] - ranges[2]
    shown.press("choose-drag-pan")
    shown.pressed("choose-drag-pan")
    shown.drag([middle, (middle[0] + 60, middle[1] + 20)])
    shown.until(lambda: shown.ranges()[0] < x0, "the drag moved nothing")
    assert shown.settled() != zoomed
    shown.press("reset-view")
    shown.until(lambda: np.allclose(shown.ranges(), ranges, rtol=1e-6), "the view did not come back")
    shown.page.mouse.move(5, 5)
    shown.becomes(before)


# what is selected


def test_the_table_of_the_selection_leads_to_an_atom(shown: Shown) -> None:
    shown.press("element-Fe", "table")
    expect(shown["rows-shown"]).to_contain_text("6 of 6 shown")
    expect(shown["rows"].locator("tbody tr")).to_have_count(6)
    before = shown.settled()
    shown["rows"].locator("tbody tr").first.click()
    expect(shown["table-dialog"]).to_have_count(0)
    expect(shown["atom-title"]).to_have_text("Fe in Fe")
    shown.changed(before)


def saved(shown: Shown, *names: str) -> tuple[str, bytes]:
    with shown.page.expect_download() as download:
        shown.press(*names)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_the_selection_as_csv(shown: Shown, layout: Layout) -> None:
    expect(shown["csv"]).to_have_attribute("aria-disabled", "true")
    shown.press("element-U", "element-W")
    shown.selected(6)
    name, content = saved(shown, "csv")
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert name.endswith("-selection.csv")
    assert len(rows) == 6
    assert {row["element"] for row in rows} == {"W"}
    for row in rows:
        place = layout.coordinates["dione"][int(row["site"])]
        np.testing.assert_allclose(
            [float(row["dione axis 1"]), float(row["dione axis 2"])], place, rtol=1e-4, atol=1e-5
        )


def test_pictures_and_citation(shown: Shown) -> None:
    name, png = saved(shown, "save", "save-png")
    assert name.endswith(".png")
    assert png.startswith(b"\x89PNG")
    assert len(png) > 50_000
    name, svg = saved(shown, "save", "save-svg")
    assert name.endswith(".svg")
    assert b"</svg>" in svg
    shown.press("save", "save-cite")
    expect(shown["save"]).to_contain_text("Citation copied")
    copied = shown.page.evaluate("navigator.clipboard.readText()")
    assert "20 anchors (element-89)" in copied
    assert "s42256-026-01235-7" in copied


def test_a_link_brings_the_same_view_back(shown: Shown, visit: Open) -> None:
    shown.press("choose-colour-period", "element-Fe")
    shown.press("element-O", keys=["Shift"])
    shown.press("open-anchors", "choose-anchors-few")
    shown.selected(12)
    shown.says("sentence", "5 shared anchor atoms")
    shown.page.wait_for_function("location.search.includes('anchors=few')")
    shown.page.mouse.move(5, 5)
    seen = shown.settled(2.5)  # the consensus is coloured last
    shown.press("copy-link")
    expect(shown["copy-link"]).to_have_text("Copied")
    link = shown.page.evaluate("navigator.clipboard.readText()")
    again = visit("?" + link.split("?", 1)[1])
    again.selected(12)
    again.pressed("choose-colour-period")
    again.says("sentence", "5 shared anchor atoms")
    again.becomes(seen)
    again.page.reload()
    again.ready()
    again.selected(12)


def test_a_bad_link_says_what_was_not_followed(visit: Open) -> None:
    shown = visit("?v=1&colour=taste&models=ares,zeus&atom=99999")
    expect(shown["messages"]).to_contain_text("colour cannot be 'taste'")
    expect(shown["messages"]).to_contain_text("no model 'zeus'")
    expect(shown["messages"]).to_contain_text("no site '99999'")
    shown.pressed("choose-colour-group")
    shown.press("dismiss-link-0")
    expect(shown["messages"]).not_to_contain_text("taste")
