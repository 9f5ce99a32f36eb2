"""Eight linked maps: what they draw, and how atoms move from one view to the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import panel as pn

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Extent, Layout
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.components.live_maps import POOL, LiveMaps, in_browser
from platonic_atlas.dashboard.plots.edge import lie_beyond
from platonic_atlas.dashboard.plots.raster import Window
from platonic_atlas.dashboard.state.choices import MAPS
from platonic_atlas.dashboard.state.view import View
from platonic_atlas.dashboard.work.together import together
from platonic_atlas.engine.types import FloatArray, IntArray

CONSENSUS = MAPS
MORPH = 0.8  # seconds of the way between raw and relative


@dataclass(frozen=True)
class _Moving:
    """Atoms on their way: the places of each cell before and after, since when, for which update."""

    ways: dict[int, tuple[FloatArray, FloatArray]]
    started: float
    run: int


class MapGrid(LiveMaps):
    """The maps of one session. Pictures come from `picture`, which is asked for layout and colours."""

    name = "map-0"

    def __init__(self, view: View, data: AtlasData, picture: Callable[[], tuple[Layout, Colouring, Colouring]]) -> None:
        self.picture, self._run = picture, 0
        self._moving: _Moving | None = None
        self._weights: Mapping[int, float] = {}
        super().__init__(view, data, MAPS + 1)

    # what they show

    @property
    def extent(self) -> Extent:
        return self.layout.extent

    def places(self, cell: int) -> FloatArray | None:
        """(n_sites, 2) coordinates of a cell, or None where nothing is drawn."""
        if cell == CONSENSUS:
            return self.layout.consensus
        models = self.view.models
        return self.layout.coordinates.get(models[cell]) if cell < len(models) else None

    def anchors(self, cell: int) -> IntArray:
        """The sites that are marked as anchors in a cell."""
        marked = self.view.marks and self.view.representation == "relative"
        return np.asarray(self.view.anchor_sites[: None if marked else 0])

    def colours(self, cell: int) -> tuple[FloatArray, IntArray]:
        """(n_sites, 3) colours of a cell, and (n_sites,) the classes that they stand for."""
        middle = self.middle_colouring
        return (middle.rgb, middle.classes) if cell == CONSENSUS else self.colouring.of(self.view.models[cell])

    def outside(self, cell: int) -> int:
        """How many sites of a map lie beyond what is seen of it at first."""
        places = self.places(cell)
        return 0 if places is None else int(np.count_nonzero(lie_beyond(places, self.home)))

    def weighed(self, cell: int) -> Mapping[int, float]:
        return self._weights

    # how they follow

    def weigh(self, weights: Mapping[int, float]) -> None:
        """Let the marks of anchors say what each of them does; nothing of those that are not among the weights."""
        if self.shown and weights != self._weights:
            self._weights = weights
            if not self.moving:  # else they are drawn when the atoms have arrived
                self._marks()

    def update(self) -> bool:
        """Layout or colours changed: ask for the picture and draw it, moving the atoms where that can be followed;
        False where nothing has changed."""
        before, drawn = self.layout, self._drawn
        self._take_picture()
        self._tell()
        if all(new is old for new, old in zip(self._drawn, drawn, strict=True)):
            return False
        self._run += 1
        if before.extent != self.layout.extent:
            self._home()
        self._moving = None
        if self._followable(before) and in_browser(document := pn.state.curdoc):
            self._start_moving(before, document)
        else:
            self.redraw()
        return True

    def _take_picture(self) -> None:
        self.layout, self.colouring, self.middle_colouring = self.picture()
        self._drawn = (self.layout, self.colouring, self.middle_colouring, self.view.pixel)

    def _followable(self, before: Layout) -> bool:
        """From raw to relative, and from one frame to another, the atoms are the same and their places were drawn: show
        them move."""
        old, new = before.key, self.layout.key
        here = replace(old, representation=new.representation, frame=new.frame, within_elements=new.within_elements)
        return old != new and here == new and new.method == "pca"

    def _start_moving(self, before: Layout, document: Any) -> None:
        """Show the atoms on their way from one layout to the next; each frame follows when the last was painted."""
        ways = {cell: way for cell in range(MAPS) if (way := self._way(before, cell)) is not None}
        for live in self.cells:
            self._unmark(live)
            live.renderers["highlight"].visible = False
            live.renderers["base"].glyph.global_alpha = 1.0
        self.cells[CONSENSUS].draw("base", np.zeros((2, 2), dtype=np.uint32), self.window.x, self.window.y)
        self._moving = _Moving(ways, time.perf_counter(), self._run)
        self.next_frame()
        # where the browser paints nothing (a tab behind others) the maps arrive all the same
        document.add_timeout_callback(partial(self._arrive, self._run), int(3000 * MORPH))

    @property
    def moving(self) -> bool:
        return self._moving is not None

    def next_frame(self) -> None:
        """Draw where the atoms are by now; a slow browser sees fewer frames instead of late ones."""
        moving = self._moving
        if moving is None or moving.run != self._run:
            return
        share = (time.perf_counter() - moving.started) / MORPH
        if share >= 1:
            self._arrive(moving.run)
            return
        eased, window = share * share * (3 - 2 * share), self.window
        for cell, image in self._between(moving.ways, eased, window).items():
            self.cells[cell].draw("base", image, window.x, window.y)

    def _arrive(self, run: int) -> None:
        if self._moving is not None and run == self._run:
            self._moving = None
            with together():
                self.redraw()

    def _between(self, ways: dict[int, tuple[FloatArray, FloatArray]], share: float, window: Window) -> dict[int, Any]:
        """Images of the maps at a share of their ways."""

        def image(cell: int) -> Any:
            start, end = ways[cell]
            return self._raster(cell, window, None, (1 - share) * start + share * end)

        return dict(zip(ways, POOL.map(image, ways), strict=True))

    def _way(self, before: Layout, cell: int) -> tuple[FloatArray, FloatArray] | None:
        after = self.places(cell)
        start = before.coordinates.get(self.view.models[cell]) if cell < len(self.view.models) else None
        return None if after is None or start is None else (_moved(start, before.extent, self.layout.extent), after)


def _moved(places: FloatArray, seen: Extent, now: Extent) -> FloatArray:
    """Places of one range as they lie in another, so that nothing jumps when what is shown changes."""
    centres = np.array([[a + b for a, b in (ends[:2], ends[2:])] for ends in (seen, now)]) / 2
    reach = [max(ends[1] - ends[0], ends[3] - ends[2]) for ends in (seen, now)]
    return np.asarray((places - centres[0]) * (reach[1] / reach[0]) + centres[1], dtype=np.float32)
