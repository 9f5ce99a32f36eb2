"""The verb `layout`: 2-D coordinates of every model for an anchor set, stored with all their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import Balance, FrameName, LayoutMethod, Representation, chosen, seed_of
from platonic_atlas.engine.errors import NotInAtlas, UsageError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.space.axes import layout_name
from platonic_atlas.engine.studies.layouts import layout_places
from platonic_atlas.engine.studies.shown import trained_of
from platonic_atlas.engine.types import READOUT, LayoutKey

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def layout(
    atlas: Atlas,
    *,
    anchors: str | None = None,
    method: LayoutMethod | str | None = None,
    representation: Representation | str = Representation.RELATIVE,
    frame: FrameName | str | None = None,
    within_elements: bool = False,
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
    method : UMAP where None, PCA within elements. PCA is exact and cheap, so it is stored only for export; UMAP starts
        from each model's own place in the frame, so that all lie in one orientation
    representation : cosines to the anchors, or the raw features, which need no anchors and are drawn by PCA on each
        model's own axes
    frame : the agreement frame where None: the axes on which the shaping models agree most (SCIENCE section 2)
    within_elements : each site less the mean place of its element, on axes of what is left; PCA only, as UMAP starts
        anew from cosines that hold the elements
    centre : less the mean of all sites; raw features always are
    models : those laid out, all that have the layer where None
    shaping : the trained models that shape a frame of all, by default those shown first
    The same request again does nothing.

    Raises
    ------
    UsageError
        There is no such method, representation, frame or balance, or they do not go together; or the anchors bear the
        name of the raw features.
    NotInAtlas
        The atlas does not hold a model, the layer or the anchors.
    InputError
        The atlas has no anchors.
    """
    asked = _Asked(method=method, representation=representation, frame=frame, within_elements=within_elements,
                   anchors=anchors, models=models, shaping=shaping, balance=balance, centre=centre, layer=layer,
                   aligned=aligned)  # fmt: skip
    seed_of(seed)
    atlas.settle()
    key = asked.key(atlas)
    _require_held(atlas, key, shaping or ())
    _refuse_name_of_raw(atlas, key)
    request = _request(atlas, key, _trained(atlas, shaping, key), seed, aligned)
    name = layout_name(key)
    held = atlas.layouts().get(name, [])
    missing = [m for m in key.models if m not in held or not _same(atlas.layout_attrs(name, m), request)]
    if missing:
        _store(atlas, name, replace(key, models=tuple(missing)), request, progress)
    return name


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """The options of the verb that say what is laid out, as they were given."""

    method: str | None
    representation: str
    frame: str | None
    within_elements: bool
    anchors: str | None
    models: Sequence[str] | None
    shaping: Sequence[str] | None
    balance: str
    centre: bool
    layer: str
    aligned: bool

    def key(self, atlas: Atlas) -> LayoutKey:
        """What a layout depends on, checked; for raw features PCA on each model's own axes."""
        of = chosen(Representation, self.representation, "representation")
        raw = of is Representation.RAW
        pca = LayoutMethod.PCA if raw or self.within_elements else LayoutMethod.UMAP
        by = chosen(LayoutMethod, self.method or pca, "layout method")
        axes = chosen(FrameName, self.frame or (FrameName.OWN if raw else FrameName.AGREEMENT), "frame")
        weighs = chosen(Balance, self.balance, "balance")
        if raw:
            self._refuse_for_raw(by, axes)
        if self.within_elements and by is not LayoutMethod.PCA:
            raise UsageError(
                f"There is no {by} layout within elements.",
                "UMAP is made of the cosines to the anchors, which hold the element; PCA can leave it out.",
                "Leave --within-elements out, or say --method pca",
            )
        named = "" if raw else self.anchors or default_anchors(atlas)
        models = self.models or [model for model in atlas.models() if self.layer in atlas.layers(model)]
        return LayoutKey(
            by, of, axes, named, tuple(models), self.layer, weighs, self.centre or raw, self.within_elements
        )

    def _refuse_for_raw(self, method: LayoutMethod, frame: FrameName) -> None:
        if method is not LayoutMethod.PCA or frame is not FrameName.OWN:
            raise UsageError(
                f"Raw features have no {method} layout in the {frame} frame.",
                "Features of different models have no axes in common: each is drawn by PCA on its own.",
                "Leave --method and --frame out, or use --representation relative.",
            )
        given = {"anchors": self.anchors, "shaping models": self.shaping, "aligned maps": self.aligned,
                 "element means taken away": self.within_elements}  # fmt: skip
        if unused := [what for what, value in given.items() if value]:
            raise UsageError(
                f"Raw features are laid out without {' and '.join(unused)}.",
                "Each model is drawn by PCA on its own axes: nothing of other models or of anchors is in its map.",
                "Leave --anchors, --aligned and --within-elements out, or use --representation relative.",
            )


def _require_held(atlas: Atlas, key: LayoutKey, shaping: Sequence[str]) -> None:
    """Models that have the layer, and the anchors, are in the atlas; raises NotInAtlas otherwise."""
    for model in (*key.models, *shaping):
        atlas.present(model, key.layer)
    if key.anchors:
        atlas.anchors(key.anchors)
    if not key.models:
        layers = sorted({layer for model in atlas.models() for layer in atlas.layers(model)})
        raise NotInAtlas(
            f"No model of {atlas.path.name} has a layer {key.layer!r}.",
            f"Its layers: {', '.join(layers) or 'none, for nothing is embedded yet'}.",
            f"Name one of these with --layer, or embed it: platonic embed {atlas.path} --model NAME --layer {key.layer}",
        )


def _refuse_name_of_raw(atlas: Atlas, key: LayoutKey) -> None:
    """A set called `raw`, which a file from elsewhere may hold, would give a layout the name of that of raw features."""
    if not key.anchors.startswith(Representation.RAW):
        return
    layers = {layer for model in atlas.models() for layer in atlas.layers(model)}
    raw = replace(key, method=LayoutMethod.PCA, representation=Representation.RAW)
    taken = {layout_name(replace(raw, balance=balance, layer=layer)) for balance in Balance for layer in layers}
    if layout_name(key) in taken:
        raise UsageError(
            f"The layout of the anchors {key.anchors!r} would be called {layout_name(key)!r}, as that of raw features.",
            "Layouts bear the name of their anchors.",
            f"Choose the same anchors under another name: platonic anchors {atlas.path} --name NAME",
        )


def _trained(atlas: Atlas, models: Sequence[str] | None, key: LayoutKey) -> list[str]:
    """The models that shape the frame of a key, those shown first where none is named; of raw features none does."""
    if key.representation == Representation.RAW:
        return []
    return trained_of(atlas, key.layer, models)


def _request(atlas: Atlas, key: LayoutKey, shaping: list[str], seed: int, aligned: bool) -> dict[str, Any]:
    """What is stored with a layout: one of the same request is not made again."""
    more: dict[str, Any] = {"representation": key.representation} if key.representation == Representation.RAW else {}
    if key.within_elements:
        more["within_elements"] = True
    return {"method": key.method, "frame": key.frame, "balance": key.balance, "centre": key.centre, "layer": key.layer,
            "anchors": key.anchors, "anchors_digest": atlas.anchors_digest(key.anchors),
            "shaping": shaping, "seed": seed, "aligned": aligned, **more}  # fmt: skip


def _same(found: dict[str, Any], request: dict[str, Any]) -> bool:
    return all(found.get(key) == value for key, value in request.items())


def _store(atlas: Atlas, name: str, key: LayoutKey, request: dict[str, Any], progress: Progress) -> None:
    sites = atlas.anchors(key.anchors) if key.anchors else np.zeros(0, dtype=np.int64)
    shaping, seed, aligned = (request[what] for what in ("shaping", "seed", "aligned"))
    places = layout_places(atlas, key, sites, shaping, seed=seed, aligned=aligned, progress=progress)
    for model, coordinates in places.items():
        atlas.write_layout(name, model, coordinates, request)
