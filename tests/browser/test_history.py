"""Back and forward in the browser bring back the view that the address holds."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.shown import Shown
from tests.dashboard.conftest import PER_ELEMENT

REST = "since => performance.now() - since > 750"  # what follows sooner is the same step (assets/header/history.js)


def rest(page: Page) -> int:
    """Wait until the next change is a step of its own; how many steps there are."""
    page.wait_for_function(REST, arg=page.evaluate("performance.now()"))
    steps: int = page.evaluate("history.length")
    return steps


def address(shown: Shown, part: str) -> str:
    shown.page.wait_for_function("part => location.search.includes(part)", arg=part)
    query: str = shown.page.evaluate("location.search")
    return query


def test_back_and_forward_restore_the_view(visit: Open) -> None:
    shown = visit()
    page, first = shown.page, shown.settled()
    opened, steps = address(shown, "colour=group"), rest(page)
    shown.press("choose-colour-period")
    second, period = shown.changed(first, range(7)), address(shown, "colour=period")
    rest(page)
    shown.press("element-Na")
    shown.selected(PER_ELEMENT)
    rest(page)
    shown.press("page-anchors")
    address(shown, "page=anchors")
    assert page.evaluate("history.length") == steps + 3

    page.go_back()
    expect(shown["page-atlas"]).to_have_attribute("aria-current", "page")
    page.go_back()
    shown.selected(0)
    shown.becomes(second)
    assert page.evaluate("location.search") == period
    page.go_back()
    shown.becomes(first)
    assert page.evaluate("location.search") == opened
    page.go_forward()
    shown.becomes(second)
    page.go_forward()
    shown.selected(PER_ELEMENT)
    assert page.evaluate("history.length") == steps + 3  # nothing was pushed on the way


def test_going_back_leaves_the_theme_of_the_browser_and_what_was_chosen_for_each_view(visit: Open) -> None:
    shown = visit(dark=True)
    page, ground = shown.page, "document.documentElement.dataset.theme"
    rest(page)
    shown.press("dark")
    address(shown, "dark=0")
    rest(page)
    shown.press("choose-colour-period")
    address(shown, "colour=period")
    page.go_back()
    shown.pressed("choose-colour-group")
    assert page.evaluate(ground) == "light"
    page.go_back()
    page.wait_for_function(f"{ground} === 'dark'")


def test_what_is_dragged_is_one_step(visit: Open) -> None:
    shown = visit("?page=anchors")
    shown["anchor-strategy"].select_option("random")
    shown.says("sentence", "100 shared anchor atoms")
    steps = rest(shown.page)
    for number in ("5", "10", "20", "15"):
        shown["anchor-number-slider"].fill(number)
    shown.page.wait_for_function(REST, arg=shown.page.evaluate("performance.now()"))
    assert shown.page.evaluate("history.length") == steps + 1
