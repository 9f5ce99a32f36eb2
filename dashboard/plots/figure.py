"""The page's maps as one picture for print and slides: PNG or SVG, with legend and caption."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

import numpy as np

from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.plots.anchor_marks import PLAIN, anchor_marks
from platonic_atlas.dashboard.plots.edge import beyond
from platonic_atlas.dashboard.plots.labels import medoids, placed, ranked
from platonic_atlas.dashboard.plots.raster import Window, point_radius, raster
from platonic_atlas.engine import elements
from platonic_atlas.engine.types import FloatArray, IntArray

PIXELS = (660, 500)  # of one map among several: twice its size on the page
INCHES = (3.3, 2.75)  # of its cell at 200 dots an inch
MARK = 2.6 / PLAIN  # points of an anchor's mark for each pixel that it has on the page
TITLE = 0.12  # of the height of a map
FOOT = 1.0  # inches below the maps for legend and caption
COLUMNS = 4
PAPER = {False: ("#ffffff", "#14181f"), True: ("#1b1e23", "#f2f4f7")}  # dark -> paper and ink


@dataclass(frozen=True)
class Panel:
    """One map of a picture: places (n, 2) or None with the reason in `note`.

    anchors : its own, where they are not those of the picture ; weights : what their marks say (`anchor_marks`)
    """

    title: str
    subtitle: str
    note: str
    places: FloatArray | None
    colouring: Colouring
    anchors: IntArray | None = None
    weights: Mapping[int, float] = field(default_factory=dict)


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

    paper, ink = PAPER[dark]
    sheet = Sheet(len(panels))
    drawn = Figure(figsize=sheet.size, dpi=200, facecolor=paper)
    window = _window(extent, sheet.magnified)
    for position, panel in enumerate(panels):
        axes = drawn.add_axes(sheet.place(position))
        _map(axes, panel, window, numbers, anchors, selected, labels, dark, sheet.magnified)
    x = _legend(drawn, panels[0].colouring, ink, sheet, 0.16)
    if panels[-1].colouring.title != panels[0].colouring.title:
        _legend(drawn, panels[-1].colouring, ink, sheet, x + 0.3)
    write_caption(drawn, caption, ink)
    return written(drawn, format, paper)


def write_caption(drawn: Any, caption: str, ink: str) -> None:
    """The caption in lines as wide as the paper, at its foot."""
    lines = "\n".join(wrap(caption, round(19.5 * drawn.get_size_inches()[0])))
    drawn.text(0.012, 0.012, lines, color=ink, fontsize=6.5, va="bottom", linespacing=1.3)


def written(drawn: Any, format: str, paper: str) -> bytes:
    """A figure as the bytes of a PNG or SVG file."""
    out = io.BytesIO()
    drawn.savefig(
        out, format=format, facecolor=paper, metadata={"Creator": "Platonic Atlas"} if format == "svg" else None
    )
    return out.getvalue()


@dataclass(frozen=True)
class Sheet:
    """The paper: up to four maps in a row, or a single one at twice the size."""

    n_panels: int

    @property
    def magnified(self) -> int:
        return 2 if self.n_panels == 1 else 1

    @property
    def rows(self) -> int:
        return -(-self.n_panels // COLUMNS)

    @property
    def cell(self) -> tuple[float, float]:
        return INCHES[0] * self.magnified, INCHES[1] * self.magnified

    @property
    def size(self) -> tuple[float, float]:
        """Width and height [inches]."""
        width, height = self.cell
        return min(COLUMNS, self.n_panels) * width, self.rows * height + FOOT

    def place(self, position: int) -> tuple[float, float, float, float]:
        """Left, bottom, width, height of a map as shares of the paper."""
        (width, height), (across, up) = self.cell, self.size
        column, row = position % COLUMNS, position // COLUMNS
        left, bottom = column * width + 0.05, FOOT - 0.1 + (self.rows - 1 - row) * height
        return left / across, bottom / up, (width - 0.1) / across, (height - 0.1) / up


def _window(extent: tuple[float, float, float, float], magnified: int) -> Window:
    x0, x1, y0, y1 = extent
    width, height = (pixels * magnified for pixels in PIXELS)
    scale = max((x1 - x0) / width, (y1 - y0) / (height * 0.86))
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2 + scale * height * 0.05
    x = (middle_x - scale * width / 2, middle_x + scale * width / 2)
    y = (middle_y - scale * height / 2, middle_y + scale * height / 2)
    return Window(x, y, width, height)


def _map(
    axes: Any, panel: Panel, window: Window, numbers: IntArray, anchors: IntArray, selected: Any, labels: bool,
    dark: bool, magnified: int,
) -> None:  # fmt: skip
    paper, ink = PAPER[dark]
    axes.set(xlim=window.x, ylim=window.y, xticks=[], yticks=[], facecolor=paper)
    for spine in axes.spines.values():
        spine.set(color=ink, alpha=0.2, linewidth=0.6)
    _words(axes, panel, ink, magnified)
    if panel.places is None:
        return
    some = bool(selected.any())
    _image(axes, panel.places, panel.colouring.rgb, window, 0.16 if some else 1.0, magnified)
    if some:
        _image(axes, panel.places[selected], panel.colouring.rgb[selected], window, 1.0, magnified)
    _beyond(axes, panel, window, magnified)
    _anchors(axes, panel, anchors if panel.anchors is None else panel.anchors, ink, dark)
    if labels:
        _symbols(axes, panel.places, numbers, window, ink, paper)


def _anchors(axes: Any, panel: Panel, anchors: IntArray, ink: str, dark: bool) -> None:
    """The anchors of a map, as the page marks them."""
    from matplotlib.colors import to_rgba

    assert panel.places is not None
    marks = anchor_marks(np.array([panel.weights.get(int(site), 0.0) for site in anchors]), dark)
    filled = [to_rgba(colour, alpha) for colour, alpha in zip(marks.colours, marks.opacity, strict=True)]
    axes.scatter(*panel.places[anchors].T, s=(MARK * marks.sizes) ** 2, marker="D", facecolors=filled or "none",
                 edgecolors=to_rgba(ink, 0.6), linewidths=0.5, zorder=2.5)  # fmt: skip


def _words(axes: Any, panel: Panel, ink: str, magnified: int) -> None:
    """Title, what lies below it, and the note at the right, in points from the corners."""
    wide = 66 * magnified
    below = panel.subtitle if len(panel.subtitle) <= wide else f"{panel.subtitle[: wide - 1].rstrip(' ·,')}…"
    for text, corner, away, look in (
        (panel.title, (0, 1), (5, -5), {"fontsize": 8, "fontweight": "bold"}),
        (below, (0, 1), (5, -16), {"fontsize": 6, "alpha": 0.7}),
        (panel.note, (1, 1), (-5, -6), {"fontsize": 6, "alpha": 0.7, "ha": "right"}),
    ):
        axes.annotate(text, corner, away, "axes fraction", "offset points", color=ink, va="top", **look)


def _image(axes: Any, places: FloatArray, rgb: FloatArray, window: Window, alpha: float, magnified: int) -> None:
    image = raster(places, rgb, window, radius=2 * magnified * point_radius(len(places)))
    shown = image.view(np.uint8).reshape(*image.shape, 4)
    axes.imshow(shown, extent=(*window.x, *window.y), origin="lower", aspect="auto", alpha=alpha, interpolation="none")


def _beyond(axes: Any, panel: Panel, window: Window, magnified: int) -> None:
    """Sites outside of what is shown below the title, at the edge."""
    if panel.places is None:
        return
    (x0, x1), (y0, y1) = window.x, window.y
    marks = beyond(panel.places, (x0, x1, y0, y1 - TITLE * (y1 - y0)))
    for site, (x, y), angle in zip(marks.sites, marks.points, marks.angles, strict=True):
        colour = panel.colouring.rgb[site] / 255
        axes.plot(x, y, marker=(3, 0, float(np.degrees(angle))), ms=3.5 * magnified, mfc=colour, mec="none")


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


def _legend(drawn: Any, colouring: Colouring, ink: str, sheet: Sheet, x: float) -> float:
    """What the colours mean, in one line from `x` [inches]; returns where it ends."""
    across, up = sheet.size
    y = 0.66 / up
    title = drawn.text(x / across, y, colouring.title, color=ink, fontsize=7, fontweight="bold", va="center")
    x += 0.2 + _width(drawn, title)
    if colouring.legend["kind"] == "scale":
        return _ramp(drawn, colouring, ink, x, y, sheet)
    for label, colour in colouring.legend["entries"]:  # type: ignore[attr-defined]
        drawn.text(x / across, y, "●", color=colour, fontsize=8, va="center")
        words = drawn.text((x + 0.13) / across, y, label, color=ink, fontsize=6.5, va="center")
        x += 0.13 + _width(drawn, words) + 0.1
    return x


def _width(drawn: Any, text: Any) -> float:
    """Inches that a text takes."""
    return float(text.get_window_extent().width / drawn.dpi)


def _ramp(drawn: Any, colouring: Colouring, ink: str, x: float, y: float, sheet: Sheet) -> float:
    from matplotlib.colors import LinearSegmentedColormap

    (across, up), legend = sheet.size, colouring.legend
    low = drawn.text(x / across, y, f"{legend['low']:.3g}", color=ink, fontsize=6.5, va="center")
    x += _width(drawn, low) + 0.1
    axes = drawn.add_axes((x / across, y - 0.05 / up, 1.6 / across, 0.1 / up))
    cmap = LinearSegmentedColormap.from_list("legend", legend["stops"])  # type: ignore[arg-type]
    axes.imshow(np.linspace(0, 1, 128)[None], aspect="auto", cmap=cmap)
    axes.set_axis_off()
    high = f"{legend['high']:.3g} {legend['unit']}".strip()
    words = drawn.text((x + 1.7) / across, y, high, color=ink, fontsize=6.5, va="center")
    return x + 1.7 + _width(drawn, words)
