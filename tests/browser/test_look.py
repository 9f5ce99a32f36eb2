"""Pictures of both pages to be looked at, and what can be said of them without eyes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, Open
from tests.browser.shown import Shown

SIZES = [(1440, 900), (1024, 768)]

# Controls that reach out of the window or lie on another control, in any shadow root
CROWDED = """() => {
  const controls = [];
  const walk = (node) => node.querySelectorAll('*').forEach((each) => {
    if (each.matches('button, input, select') && each.checkVisibility() && !each.closest('[role=listbox], .table, .set-list')) controls.push(each);
    if (each.shadowRoot) walk(each.shadowRoot);
  });
  walk(document);
  const boxes = controls.map((each) => [each.dataset.test || each.textContent, each.getBoundingClientRect()]);
  const outside = boxes.filter(([, box]) => box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1);
  const crossing = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  const pairs = boxes.flatMap(([name, box], i) => boxes.slice(i + 1).filter(([, other]) => crossing(box, other)).map(([other]) => `${name} on ${other}`));
  return [...outside.map(([name]) => `${name} outside`), ...pairs];
}"""

# Words that do not fit where they stand, and do not say so by an ellipsis or a scroll bar
CLIPPED = """() => {
  const found = [];
  const walk = (node) => node.querySelectorAll('*').forEach((each) => {
    if (each.shadowRoot) walk(each.shadowRoot);
    const words = [...each.childNodes].filter((part) => part.nodeType === 3).map((part) => part.textContent.trim()).join('');
    if (!words || !each.checkVisibility({ visibilityProperty: true })) return;
    const style = getComputedStyle(each);
    const cut = ['hidden', 'clip'].includes(style.overflowX) && style.textOverflow !== 'ellipsis';
    if (cut && each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1) found.push(words);
  });
  walk(document);
  return found;
}"""
# Top and bottom of the parts of a page that are seen, in their order
PARTS = """() => ['header', 'bar', 'maps', 'sentence', 'dock'].map((name) => [name, document.querySelector(`.pa-${name}`)])
  .filter(([, part]) => part.getClientRects().length)
  .map(([name, part]) => { const box = part.getBoundingClientRect(); return [name, box.top, box.bottom]; })"""
HEADER, BAR, DOCK, MAP = 44, 40, 240, (330, 250)  # px, as the design says


@pytest.fixture(scope="module")
def artefacts() -> Path:
    folder = ROOT / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("size", SIZES, ids=["1440x900", "1024x768"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pictures(visit: Open, artefacts: Path, size: tuple[int, int], dark: bool) -> None:
    shown = visit(size=size, dark=dark)
    stem = f"{'dark' if dark else 'light'}-{size[0]}x{size[1]}"
    expect(shown["dark"]).to_have_text("Light" if dark else "Dark")
    if shown["periodic-table"].is_hidden():  # a small window gives the maps all the room at first
        picture(shown, artefacts / f"atlas-folded-{stem}.png")
        shown.press("fold")
    shown.press("group-17")
    shown["element-O"].click(modifiers=["Shift"])
    expect(shown["selection-title"]).to_contain_text("24 sites selected")
    picture(shown, artefacts / f"atlas-{stem}.png")
    shown.press("page-anchors")
    expect(shown["anchor-panel"]).to_be_visible()
    picture(shown, artefacts / f"anchors-{stem}.png")


def picture(shown: Shown, path: Path) -> None:
    shown.page.mouse.move(2, 2)
    shown.settled()
    shown.page.screenshot(path=path)
    assert min(shown.drawn()) > 150
    assert shown.page.evaluate(CROWDED) == []
    assert shown.page.evaluate(CLIPPED) == []
    parts(shown)
    assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def parts(shown: Shown) -> dict[str, float]:
    """Height of each part of the page [px]; one lies below the other and all within the window."""
    found = shown.page.evaluate(PARTS)
    for (name, _, bottom), (below, top, _) in pairwise(found):
        assert bottom <= top + 1, f"{name} reaches into {below}"
    assert found[0][1] >= 0
    assert found[-1][2] <= shown.page.evaluate("innerHeight") + 1
    return {name: bottom - top for name, top, bottom in found}


def test_the_parts_have_the_heights_of_the_design(shown: Shown) -> None:
    heights = parts(shown)
    assert heights["header"] == pytest.approx(HEADER, abs=1)
    assert heights["bar"] == pytest.approx(BAR, abs=1)
    assert heights["dock"] == pytest.approx(DOCK + 10, abs=1)  # and the edge below it
    box = shown.map(0).bounding_box()
    assert box
    assert box["width"] >= MAP[0]
    assert box["height"] >= MAP[1]


def test_menus_and_the_stage(shown: Shown, artefacts: Path) -> None:
    for name in ("open-options", "open-models", "more-colour"):
        shown.press(name)
        shown.page.screenshot(path=artefacts / f"menu-{name}.png")
        panel = shown.page.locator("[popover]:popover-open")
        box = panel.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1440
        assert box["y"] + box["height"] <= 900
        shown.page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
    shown.press("stage")
    expect(shown["choice-bar"]).to_be_hidden()
    shown.settled()
    shown.page.screenshot(path=artefacts / "stage.png")
    assert set(parts(shown)) == {"header", "maps", "sentence"}
    assert shown.page.evaluate(CLIPPED) == []
    assert min(shown.drawn()) > 150
