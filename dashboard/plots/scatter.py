"""A map for a notebook, as a HoloViews element."""

from __future__ import annotations

from collections.abc import Sequence

import holoviews as hv
import numpy as np

from platonic_atlas.dashboard.plots.labels import medoids, placed, ranked
from platonic_atlas.dashboard.plots.raster import Window, point_radius, raster
from platonic_atlas.engine import elements
from platonic_atlas.engine.types import FloatArray, IntArray

PIXELS = (500, 400)


def scatter(
    coordinates: FloatArray, colours: FloatArray, numbers: IntArray, *, title: str = "", labels: bool = True
) -> hv.Overlay:
    """Sites of one map as the page draws them, with element symbols at the medoids.

    coordinates : (n_sites, 2), NaN rows are not drawn ; colours : (n_sites, 3), 0 … 255, such as
        `platonic_atlas.dashboard.colourings.palettes.by_group(numbers, dark=False).rgb` ; numbers : (n_sites,) atomic numbers
    Shown in a notebook after `hv.extension("bokeh")`; `hv.save` writes it.
    """
    window = _window(coordinates)
    image = raster(coordinates, colours, window, radius=point_radius(len(coordinates)))
    rgba = image[::-1].view(np.uint8).reshape(*image.shape, 4)
    bounds = (window.x[0], window.y[0], window.x[1], window.y[1])
    layers = [
        hv.RGB(rgba, bounds=bounds),
        hv.Labels(_symbols(coordinates, numbers, window) if labels else [], ["x", "y"], "text"),
    ]
    return hv.Overlay(layers).relabel(title)


def _window(coordinates: FloatArray) -> Window:
    """All places at one scale, with a margin."""
    known = coordinates[np.isfinite(coordinates).all(axis=1)]
    low, high = (known.min(axis=0), known.max(axis=0)) if len(known) else (np.full(2, -1.0), np.full(2, 1.0))
    middle, scale = (low + high) / 2, 1.1 * float(((high - low) / PIXELS).max() or 1.0)
    half = scale * np.array(PIXELS) / 2
    (x0, y0), (x1, y1) = middle - half, middle + half
    return Window((float(x0), float(x1)), (float(y0), float(y1)), *PIXELS)


def _symbols(coordinates: FloatArray, numbers: IntArray, window: Window) -> list[tuple[float, float, str]]:
    where = medoids(coordinates, numbers)
    order: Sequence[int] = ranked(list(where), ())
    points = coordinates[[where[z] for z in order]].astype(float).reshape(-1, 2)
    texts = [str(elements.table().symbol[z]) for z in order]
    kept = placed(points, texts, window)
    return [(float(x), float(y), text) for (x, y), text, keep in zip(points, texts, kept, strict=True) if keep]
