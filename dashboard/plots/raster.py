"""Points to pixels: rasters coloured by the mean colour of the atoms in each pixel.

Datashader counts the atoms of large maps. Its import and the compiling of its kernels are 5 s of processor time, which
the start of a server on a small atlas need not wait for: there NumPy counts, bit for bit the same (a test compares).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

Image = NDArray[np.uint32]
COUNTED_HERE = 50_000  # atoms of a map up to which none waits for Datashader


@dataclass(frozen=True)
class Window:
    """The part of a map that is drawn: data ranges and pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int
    height: int

    @property
    def empty(self) -> bool:
        if self.width < 2 or self.height < 2 or not np.isfinite([*self.x, *self.y]).all():
            return True
        return self.x[0] >= self.x[1] or self.y[0] >= self.y[1]


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
    pixel = _pixels(coordinates, window)
    if majority is not None:
        colours = _majority_colours(pixel, colours, majority)
    count, sums = (_by_datashader if len(coordinates) > COUNTED_HERE else _by_numpy)(
        coordinates, pixel, colours, window
    )
    return _spread(_means(count, sums, window), radius)


def _pixels(coordinates: FloatArray, window: Window) -> IntArray:
    """(n,) the pixel in which each atom lies, row by row from the bottom; for those not seen, one beyond the last."""
    columns, across = _bins(coordinates[:, 0], window.x, window.width)
    rows, along = _bins(coordinates[:, 1], window.y, window.height)
    return np.where(across & along, rows * window.width + columns, window.width * window.height)


def _bins(places: FloatArray, ends: tuple[float, float], n_bins: int) -> tuple[IntArray, BoolArray]:
    """(n,) which of the bins between the ends each place falls into, the upper end into the last; (n,) whether in any."""
    low, high = map(float, ends)
    scale = n_bins / (high - low)
    inside = (places >= low) & (places <= high)
    at = np.where(inside, places, low).astype(np.float64) * scale - low * scale
    return np.minimum(at.astype(np.int64), n_bins - 1), inside


Sums = tuple[IntArray, list[FloatArray]]  # (n_pixels,) atoms of each pixel, and the sums of their red, green and blue


def _by_numpy(coordinates: FloatArray, pixel: IntArray, colours: FloatArray, window: Window) -> Sums:
    n_pixels = window.width * window.height
    count = np.bincount(pixel, minlength=n_pixels + 1)[:n_pixels]
    sums: list[FloatArray] = []
    for colour in colours.T:
        total: FloatArray = np.bincount(pixel, weights=colour, minlength=n_pixels + 1).astype(np.float64, copy=False)
        sums.append(total[:n_pixels])
    return count, sums


def _by_datashader(coordinates: FloatArray, pixel: IntArray, colours: FloatArray, window: Window) -> Sums:
    import datashader as ds
    import pandas as pd

    x_range, y_range = ((float(low), float(high)) for low, high in (window.x, window.y))
    canvas = ds.Canvas(window.width, window.height, x_range, y_range)
    columns = zip("xyrgb", (*coordinates.T, *colours.T), strict=True)
    # contiguous and of one type: Datashader compiles anew, for a second or more, for any other
    frame = pd.DataFrame({name: np.ascontiguousarray(column, dtype=np.float32) for name, column in columns}, copy=False)
    # sums and a count: half the time of Datashader's means, each of which counts again
    summary = ds.summary(r=ds.sum("r"), g=ds.sum("g"), b=ds.sum("b"), n=ds.count())
    found = canvas.points(frame, "x", "y", summary)
    return np.asarray(found["n"].values).ravel(), [np.asarray(found[name].values).ravel() for name in "rgb"]


def warm(n_atoms: int) -> None:
    """Compile what maps of so many atoms need before the first visitor waits for it."""
    if n_atoms > COUNTED_HERE:
        places, colours = np.zeros((2, 2), dtype=np.float32), np.zeros((2, 3), dtype=np.float32)
        _by_datashader(places, np.zeros(2, dtype=np.int64), colours, Window((-1, 1), (-1, 1), 4, 4))


def _means(count: IntArray, sums: list[FloatArray], window: Window) -> Image:
    filled = np.flatnonzero(count)
    rgba = np.zeros((len(count), 4), dtype=np.uint8)
    for channel, total in enumerate(sums):
        rgba[filled, channel] = total[filled] / count[filled]
    rgba[filled, 3] = 255
    return rgba.view(np.uint32).reshape(window.height, window.width)


def _spread(image: Image, radius: float) -> Image:
    """Grow every filled pixel to a disc with a soft edge, near pixels first, never over another dot's."""
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


def _majority_colours(pixel: IntArray, colours: FloatArray, classes: IntArray) -> FloatArray:
    """Give each atom the colour of the commonest class of its pixel."""
    found, codes = np.unique(classes, return_inverse=True)
    pairs, counts = np.unique(pixel * len(found) + codes, return_counts=True)
    order = np.lexsort((counts, pairs // len(found)))
    last_of_pixel = np.append(np.diff(pairs[order] // len(found)) > 0, True)
    winners = pairs[order][last_of_pixel]
    sample = np.zeros(len(found), dtype=np.int64)
    sample[codes] = np.arange(len(codes))
    position = np.searchsorted(winners // len(found), pixel)
    return colours[sample[winners[position] % len(found)]]
