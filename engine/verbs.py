"""Verbs that derive something from an atlas and store it there, with all its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import AnchorError, InputError
from engine.progress import Tell
from engine.types import READOUT, Balance, BoolArray, FloatArray, FrameName, IntArray

if TYPE_CHECKING:
    from engine.frames import ModelSpace, Projection
    from engine.store import Atlas


def choose_anchors(
    atlas: Atlas,
    *,
    name: str,
    strategy: str,
    n: int | None = None,
    reference: str | None = None,
    seed: int = 0,
    file: Path | None = None,
    layer: str = READOUT,
) -> IntArray:
    """Choose anchors among the sites that every model of the atlas embeds, and store them as `name`.

    strategy : direct | farthest | kmeans | element | random | file ; reference : the model in whose space they are
    chosen (default: the first trained one)

    Raises
    ------
    AnchorError
        The strategy cannot give so many, or a file names atoms that are not there.
    """
    from engine.anchors import choose_anchors as choose
    from engine.anchors import parse_anchor_file

    reference = reference or first_trained(atlas)
    chosen = choose(
        strategy,
        embedding=atlas.embedding(reference, layer),
        moments=atlas.moments(reference, layer, "elements"),
        atomic_numbers=atlas.numbers(),
        eligible=embedded_by_all(atlas),
        n=n,
        seed=seed,
        atoms=None if file is None else parse_anchor_file(_text(file)),
        input_site=atlas.input_site(),
    )
    attrs = {**chosen.parameters, "strategy": strategy, "reference": reference, "seed": seed, "layer": layer}
    atlas.write_anchors(name, chosen.sites, attrs)
    return chosen.sites


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorError(
            f"{path} cannot be read ({error}).",
            "An anchor file is text: positions of atoms in the input, counted from 0.",
            "Check the file given with --file.",
        ) from error


def first_trained(atlas: Atlas) -> str:
    """The model that anchors are chosen in unless another is named."""
    trained = [name for name in atlas.models() if not atlas.model_attrs(name, atlas.layers(name)[0]).get("control")]
    if not trained:
        raise AnchorError(
            f"{atlas.path.name} holds no trained model.",
            "Anchors are chosen in the space of a trained model.",
            f"Embed one first: platonic embed {atlas.path} --model sevennet-0",
        )
    return next((name for name in ("sevennet-0",) if name in trained), trained[0])


def embedded_by_all(atlas: Atlas) -> BoolArray:
    """(n_sites,) True where every model of the atlas has features."""
    eligible = np.ones(atlas.n_sites, dtype=bool)
    for model in atlas.models():
        for layer in atlas.layers(model):
            eligible &= atlas.present(model, layer)
    return eligible


def layout(
    atlas: Atlas,
    *,
    anchors: str,
    method: str = "umap",
    frame: FrameName = "shared",
    models: Sequence[str] | None = None,
    balance: Balance = "elements",
    centre: bool = True,
    layer: str = READOUT,
    seed: int = 0,
    aligned: bool = False,
    progress: Tell | None = None,
) -> str:
    """Compute and store the layout of an anchor set for every model; returns its name.

    PCA is exact and cheap, so it is stored only for export; UMAP starts from each model's own shared-frame PCA, so
    that all lie in one orientation. The same request again does nothing.
    """
    chosen = list(models) if models else atlas.models()
    name = f"{method}-{anchors}"
    request = {"method": method, "frame": frame, "anchors": anchors, "balance": balance, "centre": centre,
               "layer": layer, "seed": seed, "aligned": aligned, "models": chosen, "anchors_digest": atlas.anchors_digest(anchors)}  # fmt: skip
    held = atlas.layouts().get(name, [])
    missing = [m for m in chosen if m not in held or not _same(atlas.layout_attrs(name, m), request)]
    if not missing:
        return name
    spaces, rows, projections = frame_of(
        atlas, chosen, anchors, frame=frame, balance=balance, centre=centre, layer=layer
    )
    places = _places(method, spaces, rows, projections, missing, seed=seed, aligned=aligned, progress=progress)
    for model, coordinates in places.items():
        atlas.write_layout(name, model, coordinates, request)
    return name


def _same(found: dict[str, Any], request: dict[str, Any]) -> bool:
    return all(found.get(key) == value for key, value in request.items())


def frame_of(
    atlas: Atlas, models: Sequence[str], anchors: str, *, frame: FrameName, balance: Balance, centre: bool, layer: str
) -> tuple[dict[str, ModelSpace], dict[str, FloatArray], dict[str, Projection]]:
    """Spaces, anchor rows and projections of some models of an atlas."""
    from engine.frames import model_space, own_frame, shared_frame
    from engine.relative import anchor_rows

    numbers = atlas.numbers()
    spaces, rows = {}, {}
    for model in models:
        features, moments = atlas.embedding(model, layer), atlas.moments(model, layer, balance)
        spaces[model] = model_space(features, moments, numbers, centre=centre)
        rows[model] = anchor_rows(features, moments, atlas.anchors(anchors), centre=centre)
    trained = [model for model in models if not atlas.model_attrs(model, layer).get("control")]
    if frame == "own" or not trained:
        return spaces, rows, {model: own_frame(spaces[model], rows[model]) for model in models}
    return spaces, rows, shared_frame(rows, spaces, trained)


def _places(
    method: str,
    spaces: dict[str, ModelSpace],
    rows: dict[str, FloatArray],
    projections: dict[str, Projection],
    models: Sequence[str],
    *,
    seed: int,
    aligned: bool,
    progress: Tell | None,
) -> dict[str, FloatArray]:
    from engine.frames import consensus, place

    pca = {model: place(spaces[model], projections[model]) for model in models}
    if method == "pca":
        return pca
    if method != "umap":
        raise InputError(
            f"There is no layout method {method!r}.", "There are pca and umap.", "See: platonic layout --help"
        )
    from engine.layouts import aligned_umap_layouts, umap_layout

    if aligned:
        start = consensus(pca, models)
        features = {model: spaces[model].embedding for model in models}
        return aligned_umap_layouts(features, {m: spaces[m].moments for m in models}, rows, start, models, seed=seed)
    made = {}
    for position, model in enumerate(models):
        if progress:
            progress(f"UMAP of {model}", position, len(models))
        space = spaces[model]
        made[model] = umap_layout(space.embedding, space.moments, rows[model], pca[model], seed=seed)
    return made
