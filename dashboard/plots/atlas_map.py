"""One map of the page: two rasters, anchor marks, the atoms pointed at, element symbols.

A Bokeh plot put together by hand: drawn by HoloViews, the same eight plots took 2 to 5 s of every page request, so
HoloViews draws the maps of notebooks (`platonic_atlas.dashboard.plots.scatter`) and this module those of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    Glyph,
    GlyphRenderer,
    ImageRGBA,
    LassoSelectTool,
    PanTool,
    Plot,
    Range1d,
    Scatter,
    Text,
    WheelZoomTool,
)

from platonic_atlas.dashboard.plots.anchor_marks import AnchorMarks
from platonic_atlas.dashboard.plots.edge import Beyond
from platonic_atlas.engine.types import FloatArray

LAYERS = ("base", "highlight", "beyond", "anchors", "pointed", "symbols")


@dataclass(frozen=True)
class LiveMap:
    """The Bokeh plot of a map and the data sources by which it is changed in place."""

    figure: Plot
    renderers: dict[str, GlyphRenderer]

    def source(self, layer: str) -> ColumnDataSource:
        return self.renderers[layer].data_source

    def draw(self, layer: str, image: np.ndarray[Any, Any], x: tuple[float, float], y: tuple[float, float]) -> None:
        """Put an image (height, width) uint32, rows from the bottom, into one of the raster layers."""
        self.source(layer).data = {"image": [image], "x": [x[0]], "y": [y[0]], "dw": [x[1] - x[0]], "dh": [y[1] - y[0]]}

    def mark(self, layer: str, places: FloatArray) -> None:
        self.source(layer).data = {"x": places[:, 0].tolist(), "y": places[:, 1].tolist()}

    def mark_anchors(self, places: FloatArray, marks: AnchorMarks) -> None:
        """Mark the anchors at (n, 2), each as large and in such a colour as it has."""
        self.source("anchors").data = {
            "x": places[:, 0].tolist(), "y": places[:, 1].tolist(), "size": marks.sizes.tolist(),
            "colour": list(marks.colours), "alpha": marks.opacity.tolist(),
        }  # fmt: skip

    def point_out(self, marks: Beyond, rgb: FloatArray) -> None:
        """Mark what lies beyond the map. rgb : (n_sites, 3), 0 … 255"""
        colours = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in rgb[marks.sites].astype(int)]
        self.source("beyond").data = {
            "x": marks.points[:, 0].tolist(), "y": marks.points[:, 1].tolist(), "angle": marks.angles.tolist(),
            "colour": colours,
        }  # fmt: skip

    def write(self, places: FloatArray, texts: list[str]) -> None:
        self.source("symbols").data = {"x": places[:, 0].tolist(), "y": places[:, 1].tolist(), "text": texts}


def live_map(x_range: Range1d, y_range: Range1d) -> LiveMap:
    """An empty map on the given ranges, changed through its data sources alone."""
    drawn = Plot(
        x_range=x_range, y_range=y_range, sizing_mode="stretch_both", width=None, height=None, min_border=1,
        toolbar_location=None, outline_line_color=None, background_fill_color=None, border_fill_color=None,
        # With a border of 0 Bokeh does not clear the outermost pixels. WebGL draws no images but reads every map back from a (software) GPU at each paint
        output_backend="canvas", context_menu=None,
    )  # fmt: skip
    _tools(drawn)
    return LiveMap(drawn, {layer: _layer(drawn, glyph) for layer, glyph in _glyphs().items()})


def _glyphs() -> dict[str, Glyph]:
    """Layers from back to front."""
    image = {"image": "image", "x": "x", "y": "y", "dw": "dw", "dh": "dh"}
    return {
        "base": ImageRGBA(**image),
        "highlight": ImageRGBA(**image),
        "beyond": Scatter(x="x", y="y", marker="triangle", size=7, angle="angle", fill_color="colour", line_color=None),
        "anchors": Scatter(x="x", y="y", marker="diamond", size="size", fill_color="colour", fill_alpha="alpha", line_width=1.0),
        "symbols": Text(
            x="x", y="y", text="text", text_align="center", text_baseline="middle", text_font_style="bold", padding=1,
            border_radius=3,
        ),
        "pointed": Scatter(x="x", y="y", marker="circle", size=12, fill_color=None, line_width=2.2),
    }  # fmt: skip


def _layer(drawn: Plot, glyph: Glyph) -> GlyphRenderer:
    columns = {"x", "y", *({"image", "dw", "dh"} if isinstance(glyph, ImageRGBA) else ())}
    columns |= {"text"} if isinstance(glyph, Text) else set()
    marker = glyph.marker if isinstance(glyph, Scatter) else ""
    columns |= {"triangle": {"angle", "colour"}, "diamond": {"size", "colour", "alpha"}}.get(marker, set())
    # nothing is selected, hovered or muted in Bokeh's sense: without these glyphs there is less to make in the browser
    others = dict.fromkeys(("selection_glyph", "nonselection_glyph", "hover_glyph", "muted_glyph"))
    return drawn.add_glyph(ColumnDataSource({name: [] for name in columns}), glyph, **others)


def _tools(drawn: Plot) -> None:
    """No toolbar: the page around the map does its work."""
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
