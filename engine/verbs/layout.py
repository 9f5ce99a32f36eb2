"""The verb `layout`: 2-D coordinates of every model for an anchor set, stored with all their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import Balance, FrameName, LayoutMethod, Representation, chosen
from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, LayoutKey

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


def layout_name(key: LayoutKey) -> str:
    """The name of a layout: method and anchors (or raw), then whatever differs from the default."""
    raw = key.representation == Representation.RAW
    more = {
        "own": key.frame == FrameName.OWN and not raw,
        "by-atoms": key.balance == Balance.ATOMS,
        "uncentred": not key.centre and not raw,
        key.layer: key.layer != READOUT,
    }
    made_of = str(key.representation) if raw else key.anchors
    return "-".join([key.method, made_of, *(word for word, differs in more.items() if differs)])


def layout(
    atlas: Atlas,
    *,
    anchors: str | None = None,
    method: LayoutMethod | str | None = None,
    representation: Representation | str = Representation.RELATIVE,
    frame: FrameName | str | None = None,
    models: Sequence[str] | None = None,
    shaping: Sequence[str] | None = None,
    balance: Balance | str = Balance.ELEMENTS,
    centre: bool = True,
    layer: str = READOUT,
    seed: int = 0,
    aligned: bool = False,
    progress: Progress = silent,
) -> str:
    """Compute and store the layout of an anchor set for every model; returns its name.

    anchors : the default set where None (`platonic_atlas.engine.anchors.default`)
    method : UMAP where None. PCA is exact and cheap, so it is stored only for export; UMAP starts from each model's
        own shared-frame PCA, so that all lie in one orientation
    representation : cosines to the anchors, or the raw features, which need no anchors and are drawn by PCA on each
        model's own axes
    frame : shared where None
    models : those laid out, all that have the layer where None
    shaping : the trained models that shape the shared frame, by default those shown first
    The same request again does nothing.

    Raises
    ------
    UsageError
        There is no such method, representation, frame or balance, or they do not go together.
    InputError
        The atlas has no anchors.
    """
    chosen_models = list(models) if models else [model for model in atlas.models() if layer in atlas.layers(model)]
    key = _key(atlas, method, representation, frame, anchors, chosen_models, layer, balance, centre)
    name, raw = layout_name(key), key.representation == Representation.RAW
    shaping = [] if raw else _trained(atlas, shaping or shown_by_default(atlas), layer)
    request = {"method": key.method, "frame": key.frame, "balance": key.balance, "centre": centre, "layer": layer,
               "anchors": key.anchors, "anchors_digest": atlas.anchors_digest(key.anchors),
               "shaping": shaping, "seed": seed, "aligned": aligned,
               **({"representation": key.representation} if raw else {})}  # fmt: skip
    held = atlas.layouts().get(name, [])
    missing = [m for m in chosen_models if m not in held or not _same(atlas.layout_attrs(name, m), request)]
    if missing:
        sites = np.zeros(0, dtype=np.int64) if raw else atlas.anchors(key.anchors)
        places = layout_places(
            atlas, replace(key, models=tuple(missing)), sites, shaping, seed=seed, aligned=aligned, progress=progress
        )
        for model, coordinates in places.items():
            atlas.write_layout(name, model, coordinates, request)
    return name


def _key(
    atlas: Atlas,
    method: str | None,
    representation: str,
    frame: str | None,
    anchors: str | None,
    models: Sequence[str],
    layer: str,
    balance: str,
    centre: bool,
) -> LayoutKey:
    """What a layout depends on, checked; for raw features PCA on each model's own axes, whatever the anchors."""
    of = chosen(Representation, representation, "representation")
    raw = of is Representation.RAW
    by = chosen(LayoutMethod, method or (LayoutMethod.PCA if raw else LayoutMethod.UMAP), "layout method")
    axes = chosen(FrameName, frame or (FrameName.OWN if raw else FrameName.SHARED), "frame")
    if raw and (by is not LayoutMethod.PCA or axes is not FrameName.OWN):
        raise UsageError(
            f"Raw features have no {by} layout in the {axes} frame.",
            "Features of different models have no axes in common: each is drawn by PCA on its own.",
            "Leave --method and --frame out, or use --representation relative.",
        )
    weighs = chosen(Balance, balance, "balance")
    named = "" if raw else anchors or default_anchors(atlas)
    return LayoutKey(by, of, axes, named, tuple(models), layer=layer, balance=weighs, centre=centre)


def _trained(atlas: Atlas, models: Sequence[str], layer: str) -> list[str]:
    having = [model for model in models if layer in atlas.layers(model)]
    return [model for model in having if not atlas.model_attrs(model, layer).get("control")]


def _same(found: dict[str, Any], request: dict[str, Any]) -> bool:
    return all(found.get(key) == value for key, value in request.items())


def layout_places(
    atlas: Atlas | AtlasUrl | Path,
    key: LayoutKey,
    sites: IntArray,
    shaping: Sequence[str],
    *,
    seed: int = 0,
    aligned: bool = False,
    progress: Progress = silent,
) -> dict[str, FloatArray]:
    """Coordinates (n_sites, 2) of the models of a key with the anchors `sites`, stored nowhere.

    atlas : opened, or its path where the work is done in another process
    """
    from platonic_atlas.engine.store import Atlas, open_atlas

    if not isinstance(atlas, Atlas):
        atlas = open_atlas(atlas)
    spaces, rows, ways = frame_of(atlas, key, sites, shaping)
    return _places(key, spaces, rows, ways, seed=seed, aligned=aligned, progress=progress)


def frame_of(
    atlas: Atlas, key: LayoutKey, sites: IntArray, shaping: Sequence[str]
) -> tuple[dict[str, ModelSpace], dict[str, FloatArray], dict[str, Projection]]:
    """Spaces, anchor rows and projections of the models of a key and of those that shape its frame."""
    from platonic_atlas.engine.space.axes import projections, rows_of, space_of

    numbers = atlas.numbers()
    spaces, rows = {}, {}
    for model in dict.fromkeys([*key.models, *shaping]):
        moments = atlas.moments(model, key.layer, key.balance)
        spaces[model] = space_of(key, atlas.embedding(model, key.layer), moments, numbers)
        if key.representation == Representation.RELATIVE:
            rows[model] = rows_of(key, spaces[model], sites)
    return spaces, rows, projections(key, spaces, rows, shaping)


def _places(
    key: LayoutKey,
    spaces: dict[str, ModelSpace],
    rows: dict[str, FloatArray],
    ways: dict[str, Projection],
    *,
    seed: int,
    aligned: bool,
    progress: Progress,
) -> dict[str, FloatArray]:
    from platonic_atlas.engine.space.frames import consensus, place

    models = key.models
    pca = {model: place(spaces[model], ways[model]) for model in models}
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
