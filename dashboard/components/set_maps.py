"""The map of one model twice, side by side: in the frame of the anchors in use, and in that of another set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import panel as pn

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Extent, Layout
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.components.live_maps import LiveMaps
from platonic_atlas.dashboard.state.view import View
from platonic_atlas.dashboard.theme import asset
from platonic_atlas.engine.types import FloatArray, IntArray

CELL = """
:host { position: relative; overflow: hidden; background: var(--surface); border: 1px solid var(--line); border-radius: 6px; }
"""
ABOVE = ":host { position: absolute; inset: 0 0 auto 0; z-index: 2; } .title { font-family: var(--font); }"
NOTHING: Extent = (-1.0, 1.0, -1.0, 1.0)


@dataclass(frozen=True)
class SetMap:
    """A map.

    sites : of its anchors ; layout : where all sites lie, None while that is computed ; title : as HTML
    weights : anchor -> what its mark says, nothing where they are marked alike
    """

    sites: IntArray
    layout: Layout | None
    title: str
    weights: Mapping[int, float]


@dataclass(frozen=True)
class SetPair:
    """Both maps of a model, in the same colours."""

    model: str
    maps: tuple[SetMap, SetMap]
    colouring: Colouring

    @property
    def extent(self) -> Extent:
        """What is shown of them at first."""
        return self.around([each.layout for each in self.maps if each.layout])

    @staticmethod
    def around(layouts: Sequence[Layout]) -> Extent:
        """All that either would show by itself, for the places of both frames have the same unit."""
        ends = np.array([each.extent for each in layouts] or [NOTHING])
        low, high = ends.min(axis=0), ends.max(axis=0)
        return float(low[0]), float(high[1]), float(low[2]), float(high[3])


class SetMaps(LiveMaps):
    """Two maps on the same axes; `ask` says what they draw. Made when somebody compares: a page opens without it."""

    name = "set-map-0"

    def __init__(self, view: View, data: AtlasData, ask: Callable[[], SetPair]) -> None:
        self._ask = ask
        looks = [asset("map_title.css"), ABOVE]
        self.titles = [pn.pane.HTML("", sizing_mode="stretch_width", margin=0, stylesheets=looks) for _ in range(2)]
        super().__init__(view, data, 2)
        self.room = pn.Row(
            *(pn.Column(*both, sizing_mode="stretch_both", margin=0, stylesheets=[CELL])
              for both in zip(self.titles, self.panes, strict=True)),
            sizing_mode="stretch_both", margin=0, styles={"gap": "var(--gap)"},
        )  # fmt: skip
        self.pointer.tapped = self._ring
        self._write()

    def update(self) -> None:
        """Draw what the sets, the model or the colours have become."""
        before = self.pair.extent
        self._take_picture()
        if before != self.pair.extent:
            self._home()
        self.redraw()
        self._write()

    def _take_picture(self) -> None:
        self.pair = self._ask()

    def _write(self) -> None:
        for pane, each in zip(self.titles, self.pair.maps, strict=True):
            pane.object = each.title

    def _ring(self, site: int | None) -> bool:
        """A tap rings an atom, of which the dock says why it is an anchor; the set in use stays as it is."""
        if site is not None:
            self.view.atom = site
        return True

    # what the maps draw

    @property
    def extent(self) -> Extent:
        return self.pair.extent

    def places(self, cell: int) -> FloatArray | None:
        layout = self.pair.maps[cell].layout
        return None if layout is None else layout.coordinates.get(self.pair.model)

    def anchors(self, cell: int) -> IntArray:
        return self.pair.maps[cell].sites[: None if self.view.marks else 0]

    def weighed(self, cell: int) -> Mapping[int, float]:
        return self.pair.maps[cell].weights

    def colours(self, cell: int) -> tuple[FloatArray, IntArray]:
        return self.pair.colouring.of(self.pair.model)
