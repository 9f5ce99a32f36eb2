"""Maps of one size on the same axes: what they draw, their marks, the mouse on them, and when they are drawn again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, TypeGuard

import numpy as np
import panel as pn
from bokeh.core.property.descriptors import UnsetValueError
from bokeh.document import Document
from bokeh.models import Plot, Range1d

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Extent
from platonic_atlas.dashboard.components.linked_maps import TITLE
from platonic_atlas.dashboard.components.pointer import Pointer
from platonic_atlas.dashboard.plots.anchor_marks import anchor_marks
from platonic_atlas.dashboard.plots.atlas_map import LiveMap, live_map, paint
from platonic_atlas.dashboard.plots.edge import Beyond, beyond
from platonic_atlas.dashboard.plots.labels import medoids, placed, ranked
from platonic_atlas.dashboard.plots.raster import Window, point_radius, raster
from platonic_atlas.dashboard.state.view import View
from platonic_atlas.dashboard.theme import theme
from platonic_atlas.dashboard.work.together import together
from platonic_atlas.engine import elements
from platonic_atlas.engine.types import FloatArray, IntArray

SIZED = "sized"  # first tag of the first map once it is drawn in its own size, the second its theme (opening.js)
FADED = 0.16
NOWHERE = Beyond(np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros(0))
# What a browser says of its size is not taken at its word: eight maps of 20,000 pixels a side took 14 GB
MOST_SIDE = 8_192  # pixels
MOST_PIXELS = 4_000_000  # of a map, as on a screen of 8K: a larger one is drawn coarser
MOST_OWN_MEDOIDS = (
    20_000  # selected sites: the symbols of more stand where those of all do, or a lasso would wait for them
)
# Two cores draw eight maps: NumPy lets the interpreter go for most of it.
POOL = ThreadPoolExecutor(2, thread_name_prefix="raster")


class LiveMaps(ABC):
    """Maps that a subclass has places and colours for. It takes up what they show in `_take_picture`, before they are made.

    name : how the page finds the first of them
    """

    name: ClassVar[str]

    def __init__(self, view: View, data: AtlasData, n_cells: int) -> None:
        self.view, self.data = view, data
        self.x, self.y = Range1d(-1, 1), Range1d(-1, 1)
        self.cells: list[LiveMap] = [live_map(self.x, self.y) for _ in range(n_cells)]
        self.cells[0].figure.name = self.name
        self.panes = [pn.pane.Bokeh(cell.figure, sizing_mode="stretch_both") for cell in self.cells]
        self.size, self.ratio = (330, 230), 1.0
        self._take_picture()
        self.pointer = Pointer(view, data, self)
        self._pending = False
        self.homed: Callable[[], None] = lambda: None  # what lies beyond the maps may have changed
        self.shown = True  # where another page hides the maps, nothing is drawn; who shows them again asks for it
        self._homing = False
        self._home()
        self._watch()
        if not in_browser(pn.state.curdoc):  # else once the browser has told the size: until then it shows pictures
            self.redraw()

    # what a subclass says

    @property
    @abstractmethod
    def extent(self) -> Extent:
        """x0, x1, y0, y1 of what is shown at first."""

    @abstractmethod
    def places(self, cell: int) -> FloatArray | None:
        """(n_sites, 2) coordinates of a cell, or None where nothing is drawn."""

    @abstractmethod
    def colours(self, cell: int) -> tuple[FloatArray, IntArray]:
        """(n_sites, 3) colours of a cell, and (n_sites,) the classes that they stand for."""

    @abstractmethod
    def anchors(self, cell: int) -> IntArray:
        """The sites that are marked as anchors in a cell."""

    @abstractmethod
    def weighed(self, cell: int) -> Mapping[int, float]:
        """Anchor -> what its mark says in a cell, by its area and colour; nothing where they are marked alike."""

    @abstractmethod
    def _take_picture(self) -> None:
        """Ask what the maps show."""

    @property
    def moving(self) -> bool:
        """Whether atoms are on their way: the next frame is drawn without being asked for."""
        return False

    def next_frame(self) -> None:  # noqa: B027  (maps that never move have none)
        """Draw where the atoms are by now."""

    def _watch(self) -> None:
        first = self.cells[0].figure
        for name in ("inner_width", "inner_height"):
            first.on_change(name, lambda attr, old, new: self._later(self._resized))
        for axis in (self.x, self.y):
            for end in ("start", "end"):
                axis.on_change(end, lambda attr, old, new: None if self._homing else self._later(self._ranged))
        self._follow(["selected"], self._highlighted)
        self._follow(["marks", "labels", "stage", "dark"], self._marks)
        self._follow(["atom"], lambda: self.point_at(None))
        self.view.param.watch(lambda *_: self._drag(), ["drag"])

    def _follow(self, choices: list[str], draw: Callable[[], None]) -> None:
        self.view.param.watch(lambda *_: draw() if self.shown else None, choices)

    # where things are drawn

    @property
    def window(self) -> Window:
        finer = min(self.ratio, (MOST_PIXELS / (self.size[0] * self.size[1])) ** 0.5)
        width, height = (max(1, round(pixels * finer)) for pixels in self.size)
        x, y = ((float(axis.start), float(axis.end)) for axis in (self.x, self.y))
        return Window(x, y, width, height)

    def _home(self) -> None:
        """Show everything, at equal scale on both axes."""
        x0, x1, y0, y1 = self.extent
        width, height = self.size
        below_title = max(height - TITLE, height // 2)
        scale = max((x1 - x0) / width, (y1 - y0) / below_title)
        middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
        bottom = middle_y - scale * below_title / 2
        self._homing = True  # who calls this draws; the ranges need not ask for it
        self.x.update(start=middle_x - scale * width / 2, end=middle_x + scale * width / 2)
        self.y.update(start=bottom, end=bottom + scale * height)
        self._homing = False
        self.home = self._below_titles()

    def _below_titles(self) -> Extent:
        """x0, x1, y0, y1 of what is seen of the maps."""
        x0, x1, y0, y1 = (float(end) for end in (self.x.start, self.x.end, self.y.start, self.y.end))
        return x0, x1, y0, y0 + (y1 - y0) * max(self.size[1] - TITLE, self.size[1] // 2) / self.size[1]

    def seen(self) -> Extent | None:
        """x0, x1, y0, y1 below the titles where the maps are zoomed or moved, None where all is shown."""
        at = self._below_titles()
        return None if np.allclose(at, self.home, rtol=1e-6, atol=1e-9) else at

    def reset(self) -> None:
        self._home()
        self.redraw()

    def _resized(self) -> None:
        first = self.cells[0].figure
        size = _told(first, "inner_width"), _told(first, "inner_height")
        if min(size) > 20 and (size != self.size or not first.tags):
            self.size = size
            self.reset()
            self._tell(sized=True)
            self.homed()

    def _tell(self, *, sized: bool = False) -> None:
        """Say how the maps are drawn, once they are in their own size: until then the page shows pictures of them."""
        figure = self.cells[0].figure
        if sized or figure.tags:
            figure.tags = [SIZED, "dark" if self.view.dark else "light"]

    def _ranged(self) -> None:
        if not self.moving:  # else the next frame is drawn in the new range
            self.redraw()

    def _later(self, act: Callable[[], None]) -> None:
        """Once, a moment after the last of several changes that come together."""
        if self._pending:
            return
        self._pending = True

        def now() -> None:
            self._pending = False
            with together():
                act()

        document = pn.state.curdoc
        if not in_browser(document):
            now()
        else:
            document.add_timeout_callback(now, 40)

    # drawing

    def redraw(self) -> None:
        """All layers of all maps."""
        window = self.window
        images = POOL.map(lambda cell: self._raster(cell, window, None), range(len(self.cells)))
        for cell, image in enumerate(images):
            self.cells[cell].draw("base", image, window.x, window.y)
        self.draw_highlights()
        self._marks()

    def _highlighted(self) -> None:
        self.draw_highlights()
        if self.view.labels:  # the symbols of what is selected
            size = self._symbol_size()
            for cell, live in enumerate(self.cells):
                if (places := self.places(cell)) is not None:
                    self._symbols(live, places, size)

    def draw_highlights(self) -> None:
        """Only what is selected, over faded maps; a new selection draws nothing else again."""
        window, some = self.window, self.view.n_selected > 0
        chosen = np.flatnonzero(self.view.selected)
        images = POOL.map(lambda cell: self._raster(cell, window, chosen) if some else None, range(len(self.cells)))
        for cell, image in enumerate(images):
            live = self.cells[cell]
            live.renderers["base"].glyph.global_alpha = FADED if some else 1.0
            if image is not None:
                live.draw("highlight", image, window.x, window.y)
            live.renderers["highlight"].visible = image is not None

    def _raster(self, cell: int, window: Window, chosen: Any, places: FloatArray | None = None) -> Any:
        places = self.places(cell) if places is None else places
        if places is None:
            return np.zeros((2, 2), dtype=np.uint32)
        rgb, every = self.colours(cell)
        classes = every if self.view.pixel == "majority" else None
        if chosen is not None:
            places, rgb = places[chosen], rgb[chosen]
            classes = None if classes is None else classes[chosen]
        radius = point_radius(len(places), self.ratio * (1.5 if self.view.stage else 1.0))
        return raster(places, rgb, window, radius=radius, majority=classes)

    # marks above the rasters

    def _marks(self) -> None:
        shades = theme(self.view.dark)
        size, at_home = self._symbol_size(), self.seen() is None
        for cell, live in enumerate(self.cells):
            paint(live, ink=shades.ink, surface=shades.surface, accent=shades.accent, size=size)
            places = self.places(cell)
            if places is None:
                self._unmark(live)
                continue
            live.point_out(beyond(places, self.home) if at_home else NOWHERE, self.colours(cell)[0])
            self._mark_anchors(cell, places)
            atom = [] if self.view.atom is None else [self.view.atom]
            live.mark("pointed", _known(places[np.asarray(atom, dtype=int)]))
            self._symbols(live, places, size)

    def _mark_anchors(self, cell: int, places: FloatArray) -> None:
        """The anchors that lie on a map; where they are weighed, the one that weighs most above the others."""
        sites, weighed = self.anchors(cell), self.weighed(cell)
        sites = sites[np.isfinite(places[sites]).all(axis=1)]
        weights = np.array([weighed.get(int(site), 0.0) for site in sites])
        order = np.argsort(np.abs(weights), kind="stable")
        self.cells[cell].mark_anchors(places[sites[order]], anchor_marks(weights[order], bool(self.view.dark)))

    def _symbol_size(self) -> float:
        return 17 if self.view.stage else 11.5

    def _unmark(self, live: LiveMap) -> None:
        live.mark("pointed", np.zeros((0, 2)))
        live.mark_anchors(np.zeros((0, 2)), anchor_marks(np.zeros(0), bool(self.view.dark)))
        live.point_out(NOWHERE, np.zeros((0, 3)))
        live.write(np.zeros((0, 2)), [])

    def _symbols(self, live: LiveMap, places: FloatArray, size: float) -> None:
        if not self.view.labels:
            live.write(np.zeros((0, 2)), [])
            return
        where, chosen = self._medoids(places)
        order = ranked(chosen if chosen else list(where), self.view.elements)
        order = [element for element in order if element in where]
        texts = [str(elements.table().symbol[element]) for element in order]
        points = places[[where[element] for element in order]].astype(float) if order else np.zeros((0, 2))
        window = Window(self.window.x, self.window.y, *self.size)
        keep = placed(points, texts, window, size=size)
        live.write(points[keep], [text for text, kept in zip(texts, keep, strict=True) if kept])

    def _medoids(self, places: FloatArray) -> tuple[dict[int, int], list[int]]:
        """Where each element's symbol stands, and the elements of the selection, whose symbols stand by what is selected."""
        sites = np.flatnonzero(self.view.selected)
        chosen = np.flatnonzero(np.bincount(self.data.numbers[sites])).tolist()
        if not len(sites) or len(sites) > MOST_OWN_MEDOIDS:
            held = self.data.keep(("medoids", id(places)), lambda: (places, medoids(places, self.data.numbers)))
            return held[1], chosen
        return {z: int(sites[i]) for z, i in medoids(places[sites], self.data.numbers[sites]).items()}, chosen

    def point_at(self, site: int | None) -> None:
        """Ring one atom in every map (the one under the pointer, else the tapped one)."""
        site = self.view.atom if site is None else site
        for cell, live in enumerate(self.cells):
            places = self.places(cell)
            if places is not None:
                live.mark("pointed", _known(places[[site]]) if site is not None else np.zeros((0, 2)))

    def _drag(self) -> None:
        position = {"lasso": 0, "box": 1, "pan": 2}[self.view.drag]
        for live in self.cells:
            live.figure.toolbar.active_drag = live.figure.toolbar.tools[position]


def _told(figure: Plot, side: str) -> int:
    """Pixels of a side as the browser tells it, 0 before it has."""
    try:
        return min(int(getattr(figure, side)), MOST_SIDE)
    except UnsetValueError:
        return 0


def in_browser(document: Document | None) -> TypeGuard[Document]:
    return document is not None and document.session_context is not None


def _known(places: FloatArray) -> FloatArray:
    return places[np.isfinite(places).all(axis=1)]
