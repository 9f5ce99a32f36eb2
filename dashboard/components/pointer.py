"""The mouse on a map: lasso, box, tap and hover, with Shift and Alt."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, CustomJS, Label
from param.parameterized import batch_call_watchers

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.components.linked_maps import TITLE, LinkedMaps
from platonic_atlas.dashboard.components.outline import inside
from platonic_atlas.dashboard.state.view import View
from platonic_atlas.dashboard.theme import theme
from platonic_atlas.dashboard.work.together import together
from platonic_atlas.engine import elements

LONGEST_IDENTIFIER = 32
CHARACTER, LINE, PADDING = 6.6, 15.0, 5.0  # pixels that a label takes; widths of a proportional type are estimated
REACH = 9  # pixels from the pointer to the nearest atom
LONGEST = 2_000_000  # characters of a message: a lasso drawn for minutes

# Bokeh's geometry event does not say which keys are held; the header notes them at each move of pointer and keys.
SELECTED = """
if (!cb_obj.final) return;
const held = window.platonicHeld || {};
const shape = cb_obj.geometry;
const plain = {};
for (const key of Object.keys(shape)) plain[key] = shape[key].length === undefined || typeof shape[key] === 'string'
  ? shape[key] : Array.from(shape[key]);
relay.data = {message: [JSON.stringify({kind: 'shape', cell, shape: plain, shift: !!held.shift, alt: !!held.alt})]};
"""
TAPPED = """
const held = window.platonicHeld || {};
relay.data = {message: [JSON.stringify({kind: 'tap', cell, x: cb_obj.x, y: cb_obj.y,
  shift: !!(held.shift || cb_obj.modifiers?.shift), alt: !!(held.alt || cb_obj.modifiers?.alt)})]};
"""
MOVED = """
if (window.platonicHeld?.down) return; // a shape is being drawn: nothing else is to be painted meanwhile
const now = performance.now();
window.platonicMoved = window.platonicMoved || 0;
if (now - window.platonicMoved < 45) return;
window.platonicMoved = now;
relay.data = {message: [JSON.stringify({kind: 'move', cell, x: cb_obj.x, y: cb_obj.y})]};
"""
# Two frames later the maps that came with this message have been painted
PAINTED = """
requestAnimationFrame(() => requestAnimationFrame(() => {
  relay.data = {message: [JSON.stringify({kind: 'painted', at: performance.now()})]};
}));
"""
LEFT = "relay.data = {message: [JSON.stringify({kind: 'leave', cell})]};"


class Pointer:
    """Turns what the mouse does on the maps of one session into selections and taps."""

    def __init__(self, view: View, data: AtlasData, maps: LinkedMaps) -> None:
        self.view, self.data, self.maps = view, data, maps
        self.relay = ColumnDataSource(data={"message": [""]})
        self.relay.on_change("data", self._heard)
        self.hovered: int | None = None
        self.tapped: Callable[[int | None], bool] = lambda site: False  # whether the page takes a tap for itself
        first = maps.cells[0].source("base")
        first.js_on_change("data", CustomJS(args={"relay": self.relay}, code=PAINTED))
        self.notes: list[Label] = []
        for cell, live in enumerate(maps.cells):
            for event, code in (
                ("selectiongeometry", SELECTED),
                ("tap", TAPPED),
                ("mousemove", MOVED),
                ("mouseleave", LEFT),
            ):
                live.figure.js_on_event(event, CustomJS(args={"relay": self.relay, "cell": cell}, code=code))
            note = Label(x=0, y=0, text="", visible=False, text_font="system-ui, sans-serif", text_font_size="12px")
            note.update(padding=5, border_radius=4, text_line_height=1.25)
            live.figure.add_layout(note)
            self.notes.append(note)

    def _heard(self, attr: str, old: Any, new: dict[str, Any]) -> None:
        acts = {"shape": self._shape, "tap": self._tap, "move": self._move, "leave": self._leave,
                "painted": lambda _: self.maps.next_frame()}  # fmt: skip
        message = self._message(new["message"][0])
        if act := acts.get(message.get("kind", "")):
            with together():
                act(message)

    def _message(self, text: str) -> dict[str, Any]:
        """What the browser says, where it is of a map and no longer than a shape that a hand draws; else nothing."""
        message = json.loads(text) if text and len(text) <= LONGEST else {}
        return message if message.get("cell", 0) in range(len(self.maps.cells)) else {}

    def _mode(self, message: dict[str, Any]) -> str:
        return "subtract" if message.get("alt") else "add" if message.get("shift") else "replace"

    def _shape(self, message: dict[str, Any]) -> None:
        places = self.maps.places(message["cell"])
        if places is not None:
            self.view.select(inside(places, message["shape"]), self._mode(message))

    def _tap(self, message: dict[str, Any]) -> None:
        site = self.nearest(message)
        if self.tapped(site):
            return
        if site is None:
            self.view.clear()
            return
        chosen = np.zeros(self.data.n_sites, dtype=bool)
        chosen[site] = True
        with batch_call_watchers(self.view):  # who watches both is called once
            self.view.atom = site
            self.view.select(chosen, self._mode(message))

    def nearest(self, message: dict[str, Any]) -> int | None:
        """The drawn atom nearest to the pointer, within reach."""
        places = self.maps.places(message["cell"])
        if places is None:
            return None
        scale = (self.maps.x.end - self.maps.x.start) / max(self.maps.size[0], 1)
        away = (places[:, 0] - message["x"]) ** 2 + (places[:, 1] - message["y"]) ** 2
        if not np.isfinite(away).any():
            return None
        site = int(np.nanargmin(away))
        return site if away[site] <= (REACH * scale) ** 2 else None

    def _move(self, message: dict[str, Any]) -> None:
        site = self.nearest(message)
        if site == self.hovered:
            return
        self.hovered = site
        self.maps.point_at(site)
        self._hide()
        if site is not None:
            self._say(message["cell"], site)

    def _leave(self, _message: dict[str, Any]) -> None:
        if self.hovered is not None:
            self.hovered = None
            self._hide()
            self.maps.point_at(None)

    def _hide(self) -> None:
        for note in self.notes:
            if note.visible:
                note.visible = False

    def _say(self, cell: int, site: int) -> None:
        places, shades = self.maps.places(cell), theme(self.view.dark)
        if places is None:
            return
        maps, text = self.maps, self.describe(site)
        x, y = (float(value) for value in places[site])
        width, height = maps.size
        across = (x - maps.x.start) / (maps.x.end - maps.x.start) * width
        up = (y - maps.y.start) / (maps.y.end - maps.y.start) * height
        left, above = beside(across, up, text, (width, height))
        self.notes[cell].update(
            x=x, y=y, text=text, visible=True, text_align="left", text_baseline="bottom" if above else "top",
            x_offset=left - across, y_offset=12 if above else -12, text_color=shades.surface,
            background_fill_color=shades.ink, background_fill_alpha=0.92,
        )  # fmt: skip

    def describe(self, site: int) -> str:
        """Element, formula, prototype, identifier and number of a site, in two or three lines."""
        data, table = self.data, elements.table()
        number, crystal = int(data.numbers[site]), int(data.structure[site])
        prototype = str(data.prototypes[crystal])
        first = f"{table.symbol[number]}, {str(table.name[number]).lower()}, in {data.formulas[crystal]}"
        return "\n".join([first, *([prototype] if prototype else []), f"{_cut(str(data.ids[crystal]))}, site {site:,}"])


def _cut(identifier: str) -> str:
    """An identifier that fits into a tooltip; of a long one the end tells more, as of a path."""
    return identifier if len(identifier) <= LONGEST_IDENTIFIER else f"…{identifier[1 - LONGEST_IDENTIFIER :]}"


def beside(across: float, up: float, text: str, size: tuple[int, int]) -> tuple[float, bool]:
    """Where the label of an atom starts from the left of a map, and whether it stands above: never cut by the edge.

    across, up : the atom [pixels] from the left and from below ; size : width and height of the map
    """
    lines = text.split("\n")
    width, height = CHARACTER * max(map(len, lines)) + 2 * PADDING, LINE * len(lines) + 2 * PADDING
    left = across + 10 if across + 10 + width <= size[0] else across - 10 - width
    return min(max(left, PADDING), max(PADDING, size[0] - width)), up + 12 + height <= size[1] - TITLE
