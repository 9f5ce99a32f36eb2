"""The dashboard as a visitor has it before the eyes: controls by name, maps by their pixels."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from playwright.sync_api import Locator, Page, expect

from benchmarks.browsing import CANVAS

MAPS = range(8)
CONSENSUS = 7
Key = Literal["Alt", "Control", "ControlOrMeta", "Meta", "Shift"]

# Of each map: a hash of its canvas and how many pixels are drawn. Canvases lie in shadow roots in shadow roots.
PIXELS = (
    """() => {"""
    + CANVAS
    + """
  return [...document.querySelectorAll('section[data-test^="map-"]')].map((cell) => {
    const canvas = within(cell);
    if (!canvas || !canvas.width || !canvas.height) return [0, 0];
    const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    let hash = 2166136261, drawn = 0;
    for (const pixel of pixels) { hash = Math.imul(hash ^ pixel, 16777619); if (pixel) drawn += 1; }
    return [hash >>> 0, drawn];
  });
}"""
)
GO = """address => {
  document.activeElement?.blur();
  history.pushState(null, '', address);
  dispatchEvent(new PopStateEvent('popstate'));
}"""
RANGES = """() => {
  const models = Bokeh.documents.flatMap((each) => [...each._all_models.values()]);
  const figure = models.find((each) => each.x_range && each.y_range && each.renderers);
  return [figure.x_range.start, figure.x_range.end, figure.y_range.start, figure.y_range.end];
}"""


class Shown:
    """A page of the dashboard, and what can be done with it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __getitem__(self, name: str) -> Locator:
        """The control or piece that is called so in `data-test`."""
        return self.page.locator(f'[data-test="{name}"]')

    def go(self, query: str = "") -> None:
        """Go to an address of this page as forward does: its view, without opening the page."""
        self.page.evaluate(GO, query or self.page.evaluate("location.pathname"))

    def press(self, *names: str, keys: Sequence[Key] = ()) -> None:
        for name in names:
            self[name].click(modifiers=list(keys))

    def pressed(self, name: str, value: str = "true") -> None:
        expect(self[name]).to_have_attribute("aria-pressed", value)

    def selected(self, number: int) -> None:
        """So many sites are selected."""
        words = f"{number} site{'' if number == 1 else 's'} selected" if number else "Nothing selected"
        expect(self["selection-title"]).to_contain_text(words)

    def says(self, name: str, text: str) -> None:
        expect(self[name]).to_contain_text(text)

    def map(self, cell: int) -> Locator:
        return self[f"map-{cell}"]

    def title(self, cell: int) -> Locator:
        return self.map(cell).locator(".title")

    # pixels

    def pixels(self) -> list[int]:
        """One number for what each map draws."""
        return [hashed for hashed, _ in self.page.evaluate(PIXELS)]

    def drawn(self) -> list[int]:
        """How many pixels each map draws."""
        return [drawn for _, drawn in self.page.evaluate(PIXELS)]

    def ready(self) -> None:
        """Wait for the first maps: until the page says that they are live, then for pixels (reading these in vain would
        keep the browser from drawing them)."""
        self.page.wait_for_selector("html[data-maps=live]", state="attached")

        def drawn() -> bool:
            pixels = self.drawn()
            return len(pixels) == 8 and pixels[0] > 300

        _until(drawn, "the first map never came")
        self.settled()

    def settled(self, quiet: float = 0.35) -> list[int]:
        """The pixels once they have not changed for a moment."""
        before, since, end = self.pixels(), time.monotonic(), time.monotonic() + 20
        while time.monotonic() - since < quiet:
            assert time.monotonic() < end, "the maps never came to rest"
            self.page.wait_for_timeout(60)
            now = self.pixels()
            if now != before:
                before, since = now, time.monotonic()
        return before

    def changed(self, before: Sequence[int], cells: Iterable[int] = MAPS) -> list[int]:
        """Wait until every one of the maps draws something else; returns what they draw then, at rest."""
        wanted = list(cells)

        def unchanged() -> list[int]:  # the maps are read once a look: it takes the browser as long as drawing them
            now = self.pixels()
            return [cell for cell in wanted if now[cell] == before[cell]]

        _until(lambda: not unchanged(), lambda: f"unchanged maps: {unchanged()}")
        return self.settled()

    def becomes(self, wanted: Sequence[int]) -> None:
        """Wait until the maps draw just what they drew then."""
        _until(lambda: self.pixels() == list(wanted),
               lambda: f"other pixels in maps {[c for c, (a, b) in enumerate(zip(self.pixels(), wanted, strict=True)) if a != b]}")  # fmt: skip

    def until(self, true: Any, complaint: str) -> None:
        _until(true, complaint)

    # the mouse

    def ranges(self) -> tuple[float, float, float, float]:
        x0, x1, y0, y1 = self.page.evaluate(RANGES)
        return x0, x1, y0, y1

    def at(self, cell: int, place: Sequence[float]) -> tuple[float, float]:
        """Where on the screen a map draws a place."""
        (x0, x1, y0, y1), box = self.ranges(), self.map(cell).bounding_box()
        assert box is not None
        across, up = (float(place[0]) - x0) / (x1 - x0), (float(place[1]) - y0) / (y1 - y0)
        width, height = box["width"] - 4, box["height"] - 4  # the borders of the cell and of the plot in it
        return box["x"] + 2 + across * width, box["y"] + 2 + (1 - up) * height

    def corners(self, cell: int) -> tuple[float, float, float, float]:
        """Left, right, top, bottom of a map on the screen, a little inside."""
        box = self.map(cell).bounding_box()
        assert box is not None
        return box["x"] + 3, box["x"] + box["width"] - 3, box["y"] + 3, box["y"] + box["height"] - 3

    def drag(self, path: Sequence[tuple[float, float]], key: Key | None = None) -> None:
        """Press, move along a path, release."""
        mouse, keyboard = self.page.mouse, self.page.keyboard
        mouse.move(*path[0])
        if key:
            keyboard.down(key)
        mouse.down()
        for x, y in path[1:]:
            mouse.move(x, y, steps=6)
        mouse.up()
        if key:
            keyboard.up(key)

    def around(self, left: float, right: float, top: float, bottom: float) -> list[tuple[float, float]]:
        return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top + 1)]


def _until(true: Any, complaint: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, complaint() if callable(complaint) else complaint
        time.sleep(0.05)


def split(values: np.ndarray) -> tuple[float, int]:  # type: ignore[type-arg]
    """A value in the widest gap of the middle half, and how many values lie below it."""
    ordered = np.sort(values[np.isfinite(values)])
    quarter = len(ordered) // 4
    at = quarter + int(np.argmax(np.diff(ordered[quarter:-quarter])))
    return float((ordered[at] + ordered[at + 1]) / 2), at + 1


def alone(places: np.ndarray) -> int:  # type: ignore[type-arg]
    """The site farthest from its nearest neighbour, so that a tap on it can mean no other."""
    known = np.flatnonzero(np.isfinite(places).all(axis=1))
    away = np.linalg.norm(places[known, None] - places[None, known], axis=2)
    np.fill_diagonal(away, np.inf)
    return int(known[np.argmax(away.min(axis=1))])
