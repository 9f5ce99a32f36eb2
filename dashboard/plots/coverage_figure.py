"""How well a set of anchors covers the data, for print: a histogram, and the periodic table by median distance."""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.plots.figure import PAPER, write_caption, written
from platonic_atlas.engine import elements
from platonic_atlas.engine.types import FloatArray

CELL = 0.3  # inches
BINS = 40


def coverage_figure(
    distance: FloatArray, colouring: Colouring, *, caption: str, dark: bool = False, format: str = "png"
) -> bytes:
    """Histogram of the distances to the nearest anchor beside the elements in the colours of the page.

    distance : (n_sites,) NaN where unknown
    """
    from matplotlib.figure import Figure

    paper, ink = PAPER[dark]
    drawn = Figure(figsize=(9.6, 4.3), dpi=200, facecolor=paper)
    _histogram(drawn.add_axes((0.055, 0.3, 0.26, 0.55)), distance, colouring, ink, paper)
    _table(drawn.add_axes((0.36, 0.17, 0.63, 0.75)), colouring, ink, paper)
    write_caption(drawn, caption, ink)
    return written(drawn, format, paper)


def _histogram(axes: Any, distance: FloatArray, colouring: Colouring, ink: str, paper: str) -> None:
    known = distance[np.isfinite(distance)]
    axes.set_facecolor(paper)
    axes.hist(known, bins=BINS, color="#0b6e99")
    axes.axvline(known.mean(), color=ink, linestyle="--", linewidth=0.8)
    axes.set_title(f"{colouring.title}\n{len(known):,} sites, mean {known.mean():.2f}, largest {known.max():.2f}",
                   fontsize=7, color=ink, loc="left")  # fmt: skip
    axes.set_ylabel("sites", fontsize=7, color=ink)
    axes.tick_params(colors=ink, labelsize=6)
    for spine in axes.spines.values():
        spine.set(color=ink, alpha=0.3, linewidth=0.6)


def _table(axes: Any, colouring: Colouring, ink: str, paper: str) -> None:
    from matplotlib.patches import Rectangle

    table = elements.table()
    for number, colour in colouring.by_element.items():
        row, column = int(table.row[number]), int(table.column[number])
        y = row + (0.4 if row > 7 else 0.0)
        axes.add_patch(Rectangle((column, y), 0.94, 0.94, facecolor=colour))
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        dark_text = 0.299 * red + 0.587 * green + 0.114 * blue > 140
        axes.text(column + 0.47, y + 0.5, str(table.symbol[number]), ha="center", va="center", fontsize=6.5,
                  fontweight="bold", color="#000000" if dark_text else "#ffffff")  # fmt: skip
    axes.set(xlim=(0.9, 19.1), ylim=(10.5, 0.9), aspect="equal")
    axes.set_axis_off()
    _scale(axes.inset_axes((0.2, 0.93, 0.36, 0.03)), colouring, ink)


def _scale(axes: Any, colouring: Colouring, ink: str) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    legend: dict[str, Any] = colouring.legend
    cmap = LinearSegmentedColormap.from_list("legend", legend["stops"])
    axes.imshow(np.linspace(0, 1, 128)[None], aspect="auto", cmap=cmap, extent=(0, 1, 0, 1))
    axes.set_axis_off()
    for x, name, side in ((-0.03, "low", "right"), (1.03, "high", "left")):
        axes.text(x, 0.5, f"{legend[name]:.2g}", fontsize=6.5, color=ink, ha=side, va="center")
    axes.text(0, 1.8, "mean of the element's sites", fontsize=6.5, color=ink)
