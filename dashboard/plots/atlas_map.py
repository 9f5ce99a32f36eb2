"""One map as a HoloViews element: two rasters, anchor marks, the atoms pointed at, element symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    GlyphRenderer,
    ImageRGBA,
    LassoSelectTool,
    PanTool,
    Range1d,
    Scatter,
    Text,
    WheelZoomTool,
)
from bokeh.plotting import figure

from engine.types import FloatArray

CLEAR = np.zeros((2, 2, 4), dtype=np.uint8)
LAYERS = ("base", "highlight", "anchors", "pointed", "symbols")


def atlas_map(
    extent: tuple[float, float, float, float],
    *,
    base: np.ndarray[Any, Any] = CLEAR,
    highlight: np.ndarray[Any, Any] = CLEAR,
    anchors: FloatArray | None = None,
    pointed: FloatArray | None = None,
    symbols: list[tuple[float, float, str]] | None = None,
) -> hv.Overlay:
    """Layers of one map, from back to front.

    extent : x0, x1, y0, y1 of the images ; base, highlight : (height, width, 4) uint8, rows from the top
    anchors, pointed : (n, 2) places of the marks ; symbols : x, y, text
    """
    x0, x1, y0, y1 = extent
    images = [hv.RGB(image, bounds=(x0, y0, x1, y1)) for image in (base, highlight)]
    none = np.zeros((0, 2))
    marks = [hv.Points(none if places is None else places) for places in (anchors, pointed)]
    return hv.Overlay([*images, *marks, hv.Labels(symbols or [], ["x", "y"], "text")])


@dataclass(frozen=True)
class LiveMap:
    """The Bokeh figure of a map and the data sources by which it is changed in place."""

    figure: figure
    renderers: dict[str, GlyphRenderer]

    def source(self, layer: str) -> ColumnDataSource:
        return self.renderers[layer].data_source  # type: ignore[return-value]

    def draw(self, layer: str, image: np.ndarray[Any, Any], x: tuple[float, float], y: tuple[float, float]) -> None:
        """Put an image (height, width) uint32, rows from the bottom, into one of the raster layers."""
        self.source(layer).data = {"image": [image], "x": [x[0]], "y": [y[0]], "dw": [x[1] - x[0]], "dh": [y[1] - y[0]]}

    def mark(self, layer: str, places: FloatArray) -> None:
        self.source(layer).data = {"x": places[:, 0].tolist(), "y": places[:, 1].tolist()}

    def write(self, places: FloatArray, texts: list[str]) -> None:
        self.source("symbols").data = {"x": places[:, 0].tolist(), "y": places[:, 1].tolist(), "text": texts}


def live_map(x_range: Range1d, y_range: Range1d) -> LiveMap:
    """An empty map on the given ranges, drawn by HoloViews once and then changed through its sources."""
    element = atlas_map((x_range.start, x_range.end, y_range.start, y_range.end))
    drawn: figure = hv.render(element, backend="bokeh")
    images = [r for r in drawn.renderers if isinstance(r.glyph, ImageRGBA)]
    points = [r for r in drawn.renderers if isinstance(r.glyph, Scatter)]
    text = next(r for r in drawn.renderers if isinstance(r.glyph, Text))
    renderers = dict(zip(LAYERS, [*images, *points, text], strict=True))
    for renderer in renderers.values():
        renderer.data_source = ColumnDataSource()
        renderer.selection_glyph = renderer.nonselection_glyph = renderer.hover_glyph = renderer.muted_glyph = None
    _glyphs(renderers)
    _bare(drawn, x_range, y_range)
    return LiveMap(drawn, renderers)


def _glyphs(renderers: dict[str, GlyphRenderer]) -> None:
    for layer in ("base", "highlight"):
        renderers[layer].glyph = ImageRGBA(image="image", x="x", y="y", dw="dw", dh="dh")
        renderers[layer].data_source.data = {"image": [], "x": [], "y": [], "dw": [], "dh": []}
    renderers["anchors"].glyph = Scatter(x="x", y="y", marker="diamond", size=6, fill_color=None, line_width=1.0)
    renderers["pointed"].glyph = Scatter(x="x", y="y", marker="circle", size=12, fill_color=None, line_width=2.2)
    renderers["symbols"].glyph = Text(
        x="x",
        y="y",
        text="text",
        text_align="center",
        text_baseline="middle",
        text_font_style="bold",
        padding=1,
        border_radius=3,
    )
    for layer in ("anchors", "pointed"):
        renderers[layer].data_source.data = {"x": [], "y": []}
    renderers["symbols"].data_source.data = {"x": [], "y": [], "text": []}


def _bare(drawn: figure, x_range: Range1d, y_range: Range1d) -> None:
    """No axes, no toolbar, no border: the page around the map does their work."""
    drawn.x_range, drawn.y_range = x_range, y_range
    drawn.sizing_mode = "stretch_both"
    # HoloViews asks for WebGL, which draws no images but reads every map back from a (software) GPU at each paint
    drawn.output_backend = "canvas"
    drawn.width = drawn.height = None  # type: ignore[assignment]
    drawn.min_border = 0
    drawn.toolbar_location = None
    drawn.title.visible = False  # type: ignore[union-attr]
    drawn.xaxis.visible = drawn.yaxis.visible = False
    drawn.xgrid.visible = drawn.ygrid.visible = False
    drawn.outline_line_color = None
    drawn.background_fill_color = drawn.border_fill_color = None
    wheel = WheelZoomTool(zoom_on_axis=False)
    tools = [LassoSelectTool(renderers=[]), BoxSelectTool(renderers=[]), PanTool(), wheel]
    drawn.toolbar.tools = tools
    drawn.toolbar.active_scroll = wheel
    drawn.toolbar.active_drag = tools[0]


def paint(live: LiveMap, *, ink: str, surface: str, accent: str, size: float) -> None:
    """Colours and type size of the marks, for light, dark and the stage."""
    anchors, pointed = live.renderers["anchors"].glyph, live.renderers["pointed"].glyph
    anchors.update(line_color=ink, line_alpha=0.6)
    pointed.update(line_color=accent)
    live.renderers["symbols"].glyph.update(
        text_color=ink,
        background_fill_color=surface,
        background_fill_alpha=0.72,
        text_font_size=f"{size}px",
        text_font={"value": "system-ui, sans-serif"},
    )
