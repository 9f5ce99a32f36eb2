"""Where models disagree about a site (SCIENCE section 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from platonic_atlas.engine.compare.measure import Compared, Measure
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.relative import row_chunks, unit_rows
from platonic_atlas.engine.types import FloatArray

DISAGREEMENT_ROWS = 2048


def disagreement(
    spaces: Mapping[str, ModelSpace],
    rows: Mapping[str, FloatArray],
    shaping: Sequence[str],
    *,
    progress: Progress = silent,
) -> FloatArray:
    """Spread of each site's place over the trained models, (n,) float32; NaN where fewer than two embed it.

    √(mean over models of |y_m - ȳ|²) with y_m = A_m (ê_m - mean_m)/√t_m in R^K and t_m = tr(A_m C_m A_mᵀ):
    over all K cosines, not only the two that are drawn. Models with t = 0 say nothing and are left out.

    rows : model -> (K, d) anchor rows; progress : called after each block of sites; what it raises ends the run
    """
    maps = _common_maps(spaces, rows, shaping)
    if len(maps) < 2:
        raise InputError(
            f"Disagreement needs at least two trained models that spread, {len(maps)} given.",
            "Expected two or more trained models with anchor rows.",
            "Show at least two trained models.",
        )
    n_sites = len(spaces[shaping[0]].embedding)
    spread = np.empty(n_sites, dtype=np.float32)
    for chunk in row_chunks(n_sites, DISAGREEMENT_ROWS):
        places = np.stack([_place(spaces[model], mapping, chunk) for model, mapping in maps.items()])
        spread[chunk] = _spread(places)
        progress("disagreement", chunk.stop, n_sites)
    return spread


def _common_maps(
    spaces: Mapping[str, ModelSpace], rows: Mapping[str, FloatArray], shaping: Sequence[str]
) -> dict[str, FloatArray]:
    """A_m/√t_m (K, d) of each model; where K exceeds Σ d, turned into the Σ d directions that are used."""
    maps: dict[str, FloatArray] = {}
    for model in shaping:
        total = float(np.sum((rows[model] @ spaces[model].factor) ** 2))
        if total > 0:
            maps[model] = rows[model] / np.sqrt(total)
    widths = [mapping.shape[1] for mapping in maps.values()]
    if maps and len(rows[shaping[0]]) > sum(widths):
        # a rotation of R^K changes no distance, and the R of QR holds all columns in Σ d dimensions
        turned = np.split(np.linalg.qr(np.hstack(list(maps.values())), mode="r"), np.cumsum(widths)[:-1], axis=1)
        maps = dict(zip(maps, turned, strict=True))
    return maps


def _place(space: ModelSpace, mapping: FloatArray, chunk: slice) -> FloatArray:
    """y of a chunk, (rows, K) float32: centred before the product, so that a narrow cone loses nothing."""
    x = unit_rows(space.embedding[chunk], space.moments, space.rho[chunk], centre=space.centre) - space.mean
    return x.astype(np.float32) @ mapping.T.astype(np.float32)


def _spread(places: FloatArray) -> FloatArray:
    """Root mean square distance from the mean over the models (first axis) that have the site."""
    known = np.isfinite(places).all(axis=2)
    count = known.sum(axis=0)
    places[~known] = 0.0
    centre = places.sum(axis=0) / np.maximum(count, 1)[:, None]
    places -= centre
    places[~known] = 0.0
    mean_square = np.einsum("mik,mik->i", places, places) / np.maximum(count, 1)
    return np.where(count >= 2, np.sqrt(mean_square), np.nan)


def _of_all(models: Mapping[str, Compared]) -> FloatArray:
    spaces = {name: model.space for name, model in models.items()}
    return disagreement(spaces, {name: model.rows for name, model in models.items()}, list(models))


DISAGREEMENT = Measure(
    name="disagreement",
    of=_of_all,
    definition="Root mean square distance of a site's places from their mean over the models, in the cosines to all anchors.",
    range=(0.0, float("inf")),
    likeness=-1,
    source="SCIENCE section 2",
)
