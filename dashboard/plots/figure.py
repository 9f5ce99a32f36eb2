"""The page's maps as one picture for print and slides: PNG or SVG, with legend and caption."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.colours import Colouring
from dashboard.plots.labels import medoids, placed, ranked
from dashboard.plots.raster import Window, point_radius, raster
from engine import elements
from engine.types import FloatArray, IntArray

PIXELS = (660, 500)  # of one map: twice its size on the page


@dataclass(frozen=True)
class Panel:
    """One map of a picture: places (n, 2) or None with the reason in `note`."""

    title: str
    subtitle: str
    note: str
    places: FloatArray | None
    colouring: Colouring


def figure(
    panels: Sequence[Panel],
    extent: tuple[float, float, float, float],
    numbers: IntArray,
    *,
    caption: str,
    anchors: IntArray,
    selected: Any,
    labels: bool = True,
    dark: bool = False,
    format: str = "png",
) -> bytes:
    """Draw maps four in a row with a legend for the first one's colours and a caption; returns the file."""
    from matplotlib.figure import Figure

    paper, ink = ("#1b1e23", "#f2f4f7") if dark else ("#ffffff", "#14181f")
    rows = -(-len(panels) // 4)
    drawn = Figure(figsize=(4 * 3.3, rows * 2.75 + 1.0), dpi=200, facecolor=paper)
    window = _window(extent)
    for position, panel in enumerate(panels):
        axes = drawn.add_axes(_place(position, rows))
        _map(axes, panel, window, numbers, anchors, selected, labels, ink, paper)
    _legend(drawn, panels[0].colouring, ink, rows)
    drawn.text(0.012, 0.012, caption, color=ink, fontsize=6.5, va="bottom", wrap=True)
    out = io.BytesIO()
    drawn.savefig(
        out, format=format, facecolor=paper, metadata={"Creator": "Platonic Atlas"} if format == "svg" else None
    )
    return out.getvalue()


def _place(position: int, rows: int) -> tuple[float, float, float, float]:
    column, row = position % 4, position // 4
    height, foot = rows * 2.75 + 1.0, 0.85
    return (0.008 + column * 0.248, (foot + (rows - 1 - row) * 2.75) / height, 0.24, 2.6 / height)


def _window(extent: tuple[float, float, float, float]) -> Window:
    x0, x1, y0, y1 = extent
    width, height = PIXELS
    scale = max((x1 - x0) / width, (y1 - y0) / (height * 0.86))
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2 + scale * height * 0.05
    x = (middle_x - scale * width / 2, middle_x + scale * width / 2)
    y = (middle_y - scale * height / 2, middle_y + scale * height / 2)
    return Window(x, y, width, height)


def _map(
    axes: Any, panel: Panel, window: Window, numbers: IntArray, anchors: IntArray, selected: Any, labels: bool,
    ink: str, paper: str,
) -> None:  # fmt: skip
    axes.set(xlim=window.x, ylim=window.y, xticks=[], yticks=[], facecolor=paper)
    for spine in axes.spines.values():
        spine.set(color=ink, alpha=0.2, linewidth=0.6)
    text = {"transform": axes.transAxes, "color": ink, "va": "top"}
    axes.text(0.02, 0.98, panel.title, fontsize=8, fontweight="bold", **text)
    axes.text(0.02, 0.915, panel.subtitle, fontsize=6, alpha=0.7, **text)
    axes.text(0.98, 0.975, panel.note, fontsize=6, alpha=0.7, ha="right", **text)
    if panel.places is None:
        return
    some = bool(selected.any())
    _image(axes, panel.places, panel.colouring.rgb, window, 0.16 if some else 1.0)
    if some:
        _image(axes, panel.places[selected], panel.colouring.rgb[selected], window, 1.0)
    marks = panel.places[anchors]
    axes.plot(marks[:, 0], marks[:, 1], "D", mfc="none", mec=ink, ms=2.6, mew=0.5, alpha=0.6)
    if labels:
        _symbols(axes, panel.places, numbers, window, ink, paper)


def _image(axes: Any, places: FloatArray, rgb: FloatArray, window: Window, alpha: float) -> None:
    image = raster(places, rgb, window, radius=2 * point_radius(len(places)))
    shown = image.view(np.uint8).reshape(*image.shape, 4)
    axes.imshow(shown, extent=(*window.x, *window.y), origin="lower", aspect="auto", alpha=alpha, interpolation="none")


def _symbols(axes: Any, places: FloatArray, numbers: IntArray, window: Window, ink: str, paper: str) -> None:
    from matplotlib.patheffects import withStroke

    where = medoids(places, numbers)
    order = ranked(list(where), ())
    points = places[[where[z] for z in order]].astype(float)
    texts = [str(elements.table().symbol[z]) for z in order]
    for (x, y), text, keep in zip(points, texts, placed(points, texts, window, size=24), strict=True):
        if keep:
            halo = [withStroke(linewidth=1.8, foreground=paper)]
            axes.text(
                x, y, text, fontsize=6.5, fontweight="bold", color=ink, ha="center", va="center", path_effects=halo
            )


def _legend(drawn: Any, colouring: Colouring, ink: str, rows: int) -> None:
    height = rows * 2.75 + 1.0
    y = 0.52 / height
    drawn.text(0.012, y, colouring.title, color=ink, fontsize=7, fontweight="bold", va="center")
    if colouring.legend["kind"] == "scale":
        _ramp(drawn, colouring, ink, y, height)
        return
    x = 0.1
    for label, colour in colouring.legend["entries"]:  # type: ignore[attr-defined]
        drawn.text(x, y, "●", color=colour, fontsize=8, va="center")
        drawn.text(x + 0.011, y, label, color=ink, fontsize=6.5, va="center")
        x += 0.022 + 0.0045 * len(label)


def _ramp(drawn: Any, colouring: Colouring, ink: str, y: float, height: float) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    legend = colouring.legend
    axes = drawn.add_axes((0.22, y - 0.05 / height, 0.2, 0.1 / height))
    cmap = LinearSegmentedColormap.from_list("legend", legend["stops"])  # type: ignore[arg-type]
    axes.imshow(np.linspace(0, 1, 128)[None], aspect="auto", cmap=cmap)
    axes.set_axis_off()
    drawn.text(0.215, y, f"{legend['low']:.3g}", color=ink, fontsize=6.5, ha="right", va="center")
    drawn.text(0.425, y, f"{legend['high']:.3g} {legend['unit']}".strip(), color=ink, fontsize=6.5, va="center")
