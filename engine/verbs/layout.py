"""The verb `layout`: 2-D coordinates of every model for an anchor set, stored with all their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platonic_atlas.engine.choices import Balance, FrameName
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.space.frames import ModelSpace, Projection
    from platonic_atlas.engine.store import Atlas, AtlasUrl


MAPS = 7


def shown_by_default(atlas: Atlas, most: int = MAPS) -> list[str]:
    """The models of an atlas that are shown first: the catalogue's default ones in its order, then what else is
    trained, then controls."""
    from platonic_atlas.engine.models.catalogue import catalogue, default_models

    defaults, order = default_models(), {name: i for i, name in enumerate(catalogue())}

    def rank(name: str) -> tuple[bool, bool, int, str]:
        control = bool(atlas.model_attrs(name, atlas.layers(name)[0]).get("control"))
        return control, name not in defaults, order.get(name, len(order)), name

    return sorted(atlas.models(), key=rank)[:most]


def layout_name(
    method: str, anchors: str, *, frame: FrameName = FrameName.SHARED, balance: Balance = Balance.ELEMENTS, centre: bool = True,
    layer: str = READOUT,
) -> str:  # fmt: skip
    """The name of a layout: method and anchors, then whatever differs from the default."""
    more = {"own": frame == "own", "by-atoms": balance == "atoms", "uncentred": not centre, layer: layer != READOUT}
    return "-".join([method, anchors, *(word for word, differs in more.items() if differs)])


def layout(
    atlas: Atlas,
    *,
    anchors: str,
    method: str = "umap",
    frame: FrameName = FrameName.SHARED,
    models: Sequence[str] | None = None,
    shaping: Sequence[str] | None = None,
    balance: Balance = Balance.ELEMENTS,
    centre: bool = True,
    layer: str = READOUT,
    seed: int = 0,
    aligned: bool = False,
    progress: Progress = silent,
) -> str:
    """Compute and store the layout of an anchor set for every model; returns its name.

    models : those laid out, all that have the layer where None
    shaping : the trained models that shape the shared frame, by default those shown first
    PCA is exact and cheap, so it is stored only for export; UMAP starts from each model's own shared-frame PCA, so
    that all lie in one orientation. The same request again does nothing.
    """
    chosen = list(models) if models else [model for model in atlas.models() if layer in atlas.layers(model)]
    name = layout_name(method, anchors, frame=frame, balance=balance, centre=centre, layer=layer)
    shaping = _trained(atlas, shaping or shown_by_default(atlas), layer)
    settings: dict[str, Any] = {"frame": frame, "balance": balance, "centre": centre, "layer": layer}
    request = {"method": method, "anchors": anchors, "anchors_digest": atlas.anchors_digest(anchors), **settings,
               "shaping": shaping, "seed": seed, "aligned": aligned}  # fmt: skip
    held = atlas.layouts().get(name, [])
    missing = [m for m in chosen if m not in held or not _same(atlas.layout_attrs(name, m), request)]
    if missing:
        places = layout_places(atlas, atlas.anchors(anchors), missing, shaping, method=method, **settings,
                               seed=seed, aligned=aligned, progress=progress)  # fmt: skip
        for model, coordinates in places.items():
            atlas.write_layout(name, model, coordinates, request)
    return name


def _trained(atlas: Atlas, models: Sequence[str], layer: str) -> list[str]:
    having = [model for model in models if layer in atlas.layers(model)]
    return [model for model in having if not atlas.model_attrs(model, layer).get("control")]


def _same(found: dict[str, Any], request: dict[str, Any]) -> bool:
    return all(found.get(key) == value for key, value in request.items())


def layout_places(
    atlas: Atlas | AtlasUrl | Path,
    sites: IntArray,
    models: Sequence[str],
    shaping: Sequence[str],
    *,
    method: str = "umap",
    frame: FrameName = FrameName.SHARED,
    balance: Balance = Balance.ELEMENTS,
    centre: bool = True,
    layer: str = READOUT,
    seed: int = 0,
    aligned: bool = False,
    progress: Progress = silent,
) -> dict[str, FloatArray]:
    """Coordinates (n_sites, 2) of models with the anchors `sites`, stored nowhere.

    atlas : opened, or its path where the work is done in another process
    """
    from platonic_atlas.engine.store import Atlas, open_atlas

    if not isinstance(atlas, Atlas):
        atlas = open_atlas(atlas)
    needed = list(dict.fromkeys([*models, *shaping]))
    spaces, rows, projections = frame_of(
        atlas, needed, sites, shaping, frame=frame, balance=balance, centre=centre, layer=layer
    )
    return _places(method, spaces, rows, projections, models, seed=seed, aligned=aligned, progress=progress)


def frame_of(
    atlas: Atlas,
    models: Sequence[str],
    sites: IntArray,
    shaping: Sequence[str],
    *,
    frame: FrameName,
    balance: Balance,
    centre: bool,
    layer: str,
) -> tuple[dict[str, ModelSpace], dict[str, FloatArray], dict[str, Projection]]:
    """Spaces, anchor rows and projections of some models of an atlas, in the frame that `shaping` give."""
    from platonic_atlas.engine.space.frames import model_space, own_frame, shared_frame
    from platonic_atlas.engine.space.relative import anchor_rows

    numbers = atlas.numbers()
    spaces, rows = {}, {}
    for model in models:
        features, moments = atlas.embedding(model, layer), atlas.moments(model, layer, balance)
        spaces[model] = model_space(features, moments, numbers, centre=centre)
        rows[model] = anchor_rows(features, moments, sites, centre=centre)
    if frame == "own" or not shaping:
        return spaces, rows, {model: own_frame(spaces[model], rows[model]) for model in models}
    return spaces, rows, shared_frame(rows, spaces, shaping)


def _places(
    method: str,
    spaces: dict[str, ModelSpace],
    rows: dict[str, FloatArray],
    projections: dict[str, Projection],
    models: Sequence[str],
    *,
    seed: int,
    aligned: bool,
    progress: Progress,
) -> dict[str, FloatArray]:
    from platonic_atlas.engine.space.frames import consensus, place

    pca = {model: place(spaces[model], projections[model]) for model in models}
    if method == "pca":
        return pca
    if method != "umap":
        raise InputError(
            f"There is no layout method {method!r}.", "There are pca and umap.", "See: platonic layout --help"
        )
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
