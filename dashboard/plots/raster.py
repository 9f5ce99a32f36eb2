"""Points to pixels: Datashader rasters coloured by the mean colour of the atoms in each pixel."""

from __future__ import annotations

from dataclasses import dataclass

import datashader as ds
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.types import FloatArray, IntArray

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


def point_radius(n_points: int, scale: float = 1.0) -> int:
    """Pixels to spread a point by, so that it is never smaller than three pixels across."""
    return max(1, round((2.0 if n_points <= 6_000 else 1.4) * scale))


def raster(
    coordinates: FloatArray, colours: FloatArray, window: Window, *, radius: int = 1, majority: IntArray | None = None
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
    canvas = ds.Canvas(window.width, window.height, window.x, window.y)
    if majority is not None:
        colours = _majority_colours(canvas, coordinates, colours, majority)
    frame = pd.DataFrame(
        {"x": coordinates[:, 0], "y": coordinates[:, 1], "r": colours[:, 0], "g": colours[:, 1], "b": colours[:, 2]},
        copy=False,
    )
    summary = ds.summary(r=ds.mean("r"), g=ds.mean("g"), b=ds.mean("b"), n=ds.count())
    pixels = canvas.points(frame, "x", "y", summary)
    return _spread(_rgba(pixels), radius)


def _rgba(pixels: object) -> Image:
    filled = np.asarray(pixels["n"].values) > 0  # type: ignore[index]
    rgba = np.zeros((*filled.shape, 4), dtype=np.uint8)
    for channel, name in enumerate("rgb"):
        rgba[..., channel][filled] = np.asarray(pixels[name].values)[filled]  # type: ignore[index]
    rgba[..., 3][filled] = 255
    return rgba.view(np.uint32)[..., 0]


def _spread(image: Image, radius: int) -> Image:
    """Grow every filled pixel to a disc, near pixels first, never over another filled pixel.

    Datashader's own `spread` compiles for seven seconds at the first call of a process; this needs no compiler.
    """
    height, width = image.shape
    spread = np.pad(image, radius)
    for row, column in _disc(radius):
        target = spread[radius + row : radius + row + height, radius + column : radius + column + width]
        np.copyto(target, image, where=(target == 0) & (image != 0))
    return np.ascontiguousarray(spread[radius:-radius, radius:-radius]) if radius else image


def _disc(radius: int) -> list[tuple[int, int]]:
    """Offsets within a disc but its middle, the nearest first."""
    reach = range(-radius, radius + 1)
    offsets = [(i, j) for i in reach for j in reach if 0 < i * i + j * j <= (radius + 0.3) ** 2]
    return sorted(offsets, key=lambda offset: offset[0] ** 2 + offset[1] ** 2)


def _majority_colours(
    canvas: ds.Canvas, coordinates: FloatArray, colours: FloatArray, classes: IntArray
) -> FloatArray:
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
