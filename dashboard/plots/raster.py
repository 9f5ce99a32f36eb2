"""Points to pixels: Datashader rasters coloured by the mean colour of the atoms in each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import datashader as ds
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platonic_atlas.engine.types import FloatArray, IntArray

Image = NDArray[np.uint32]


@dataclass(frozen=True)
class Window:
    """The part of a map that is drawn: data ranges and pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int
    height: int

    @property
    def empty(self) -> bool:
        return self.width < 2 or self.height < 2 or self.x[0] >= self.x[1] or self.y[0] >= self.y[1]


def point_radius(n_points: int, scale: float = 1.0) -> float:
    """Radius of a dot [pixels]: smaller where there are many, never less than three pixels across."""
    sizes = ((2_000, 2.3), (6_000, 1.9), (30_000, 1.5))
    return scale * next((radius for most, radius in sizes if n_points <= most), 1.2)


def raster(
    coordinates: FloatArray,
    colours: FloatArray,
    window: Window,
    *,
    radius: float = 1.2,
    majority: IntArray | None = None,
) -> Image:
    """Draw atoms as an RGBA image, rows from the bottom up.

    coordinates : (n, 2) float32, NaN rows are not drawn
    colours : (n, 3) float32, 0 … 255
    majority : (n,) class of each atom: a pixel then takes the colour of its commonest class, not the mean
    Returns (height, width) uint32, transparent where no atom lies. The mean of the colours in a pixel equals
    Datashader's categorical shading and costs a tenth of it.
    """
    if window.empty or not len(coordinates):
        return np.zeros((max(window.height, 1), max(window.width, 1)), dtype=np.uint32)
    x_range, y_range = ((float(low), float(high)) for low, high in (window.x, window.y))
    canvas = ds.Canvas(window.width, window.height, x_range, y_range)
    if majority is not None:
        colours = _majority_colours(canvas, coordinates, colours, majority)
    columns = zip("xyrgb", (*coordinates.T, *colours.T), strict=True)
    # contiguous and of one type: Datashader compiles anew, for a second or more, for any other
    frame = pd.DataFrame({name: np.ascontiguousarray(column, dtype=np.float32) for name, column in columns}, copy=False)
    # sums and a count: half the time of Datashader's means, each of which counts again
    summary = ds.summary(r=ds.sum("r"), g=ds.sum("g"), b=ds.sum("b"), n=ds.count())
    pixels = canvas.points(frame, "x", "y", summary)
    return _spread(_rgba(pixels), radius)


def _rgba(pixels: object) -> Image:
    count = np.asarray(pixels["n"].values)  # type: ignore[index]
    filled = count > 0
    rgba = np.zeros((*filled.shape, 4), dtype=np.uint8)
    for channel, name in enumerate("rgb"):
        rgba[..., channel][filled] = np.asarray(pixels[name].values)[filled] / count[filled]  # type: ignore[index]
    rgba[..., 3][filled] = 255
    return rgba.view(np.uint32)[..., 0]


def warm() -> None:
    """Compile the kernels before the first visitor waits for them."""
    places, colours = np.zeros((2, 2), dtype=np.float32), np.zeros((2, 3), dtype=np.float32)
    raster(places, colours, Window((-1, 1), (-1, 1), 4, 4))


def _spread(image: Image, radius: float) -> Image:
    """Grow every filled pixel to a disc with a soft edge, near pixels first, never over another dot's.

    Datashader's own `spread` compiles for seven seconds at the first call of a process; this needs no compiler.
    """
    reach = int(np.ceil(radius))
    height, width = image.shape
    spread = np.pad(image, reach)
    filled = image != 0
    for row, column, cover in _disc(radius):
        dots = image if cover == 1 else (image & np.uint32(0x00FFFFFF)) | np.uint32(round(255 * cover) << 24)
        target = spread[reach + row : reach + row + height, reach + column : reach + column + width]
        np.copyto(target, dots, where=(target == 0) & filled)
    return np.ascontiguousarray(spread[reach:-reach, reach:-reach]) if reach else image


@lru_cache(maxsize=64)
def _disc(radius: float) -> list[tuple[int, int, float]]:
    """Row and column offsets of a disc but its middle, and how much of the pixel it covers; the nearest first."""
    reach = range(-int(np.ceil(radius)), int(np.ceil(radius)) + 1)
    away = [(float(np.hypot(i, j)), i, j) for i in reach for j in reach if i or j]
    covered = [(i, j, min(1.0, radius + 0.5 - distance)) for distance, i, j in sorted(away)]
    return [(i, j, cover) for i, j, cover in covered if cover > 0.08]


def _majority_colours(canvas: ds.Canvas, coordinates: FloatArray, colours: FloatArray, classes: IntArray) -> FloatArray:
    """Give each atom the colour of the commonest class of its pixel."""
    (x0, x1), (y0, y1) = canvas.x_range, canvas.y_range
    inside = np.isfinite(coordinates).all(axis=1)
    column = np.floor((coordinates[inside, 0] - x0) / (x1 - x0) * canvas.plot_width).astype(np.int64)
    row = np.floor((coordinates[inside, 1] - y0) / (y1 - y0) * canvas.plot_height).astype(np.int64)
    found, codes = np.unique(classes[inside], return_inverse=True)
    pixel = row * canvas.plot_width + column
    pairs, counts = np.unique(pixel * len(found) + codes, return_counts=True)
    order = np.lexsort((counts, pairs // len(found)))
    last_of_pixel = np.append(np.diff(pairs[order] // len(found)) > 0, True)
    winners = pairs[order][last_of_pixel]
    position = np.searchsorted(winners // len(found), pixel)
    sample = np.zeros(len(found), dtype=np.int64)
    sample[codes] = np.flatnonzero(inside)
    result = colours.copy()
    result[np.flatnonzero(inside)] = colours[sample[winners[position] % len(found)]]
    return result
