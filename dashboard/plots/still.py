"""A map as a small picture in text, for a page that has no scripts yet."""

from __future__ import annotations

import base64
import io

import numpy as np

from platonic_atlas.dashboard.plots.raster import Window, point_radius, raster
from platonic_atlas.engine.types import FloatArray

WIDTH = 360  # pixels: about what a map of eight takes in a window of 1440
USUAL = 346  # pixels, for which `point_radius` is made
COLOURS = 128


def still(places: FloatArray, rgb: FloatArray, extent: tuple[float, float, float, float]) -> str:
    """The address (`data:`) of a PNG of a map, transparent where no atom lies.

    places : (n, 2), NaN rows are not drawn ; rgb : (n, 3), 0 … 255 ; extent : x0, x1, y0, y1, at equal scale
    """
    from PIL import Image

    x0, x1, y0, y1 = extent
    height = max(2, round(WIDTH * (y1 - y0) / (x1 - x0)))
    window = Window((x0, x1), (y0, y1), WIDTH, height)
    drawn = raster(places, rgb, window, radius=point_radius(len(places), WIDTH / USUAL))
    rgba = np.ascontiguousarray(drawn.view(np.uint8).reshape(height, WIDTH, 4)[::-1])
    out = io.BytesIO()
    Image.fromarray(rgba).quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
