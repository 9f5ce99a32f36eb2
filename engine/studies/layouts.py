"""Layouts of the models of an atlas: their spaces, the frame that some of them shape, and places in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from platonic_atlas.engine.choices import LayoutMethod, Representation
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey

if TYPE_CHECKING:
    from platonic_atlas.engine.space.cross import CrossMoments
    from platonic_atlas.engine.space.frames import ModelSpace, Projection
    from platonic_atlas.engine.store import Atlas


def layout_places(
    atlas: Atlas,
    key: LayoutKey,
    sites: IntArray,
    shaping: Sequence[str],
    *,
    seed: int = 0,
    aligned: bool = False,
    progress: Progress = silent,
) -> dict[str, FloatArray]:
    """Coordinates (n_sites, 2) of the models of a key with the anchors `sites`, stored nowhere."""
    spaces, rows, ways = frame_of(atlas, key, sites, shaping)
    return _places(key, spaces, rows, ways, atlas.numbers(), seed=seed, aligned=aligned, progress=progress)


def frame_of(
    atlas: Atlas, key: LayoutKey, sites: IntArray, shaping: Sequence[str]
) -> tuple[dict[str, ModelSpace], dict[str, FloatArray], dict[str, Projection]]:
    """Spaces, anchor rows and projections of the models of a key and of those that shape its frame."""
    from platonic_atlas.engine.space.axes import projections, rows_of, space_of
    from platonic_atlas.engine.studies.cross import cross_of

    numbers = atlas.numbers()

    def cross(models: Sequence[str]) -> CrossMoments:
        return cross_of(atlas, models, key.layer, key.balance, centre=key.centre, spaces=spaces)

    spaces, rows = {}, {}
    for model in dict.fromkeys([*key.models, *shaping]):
        moments = atlas.moments(model, key.layer, key.balance)
        spaces[model] = space_of(key, atlas.embedding(model, key.layer), moments, numbers)
        if key.representation == Representation.RELATIVE:
            rows[model] = rows_of(key, spaces[model], sites)
    return spaces, rows, projections(key, spaces, rows, shaping, cross)


def _places(
    key: LayoutKey,
    spaces: dict[str, ModelSpace],
    rows: dict[str, FloatArray],
    ways: dict[str, Projection],
    numbers: IntArray,
    *,
    seed: int,
    aligned: bool,
    progress: Progress,
) -> dict[str, FloatArray]:
    from platonic_atlas.engine.space.axes import placed
    from platonic_atlas.engine.space.frames import consensus

    models = key.models
    pca = {model: placed(key, spaces[model], ways[model], numbers) for model in models}
    if key.method == LayoutMethod.PCA:
        return pca
    from platonic_atlas.engine.space.layouts import aligned_umap_layouts, umap_layout

    if aligned:
        start = consensus(pca, models)
        features = {model: spaces[model].embedding for model in models}
        return aligned_umap_layouts(features, {m: spaces[m].moments for m in models}, rows, start, models, seed=seed)
    made = {}
    for position, model in enumerate(models):
        space, n = spaces[model], len(models)
        of_model = part(progress, position / n, (position + 1) / n, f"UMAP of {model}")
        of_model("", 0.0)
        made[model] = umap_layout(space.embedding, space.moments, rows[model], pca[model], seed=seed, progress=of_model)
    return made
