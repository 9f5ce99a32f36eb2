"""Where every map places its sites: one layout for a key and its anchors, shared by every session."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from platonic_atlas.dashboard.atlas.agreement import Cross
from platonic_atlas.dashboard.atlas.arrays import AtlasData, frozen
from platonic_atlas.dashboard.atlas.spaces import lacking, rows, space
from platonic_atlas.engine.choices import FrameName, LayoutMethod, Representation
from platonic_atlas.engine.space.axes import is_shared, layout_name, placed, projections
from platonic_atlas.engine.space.cross import CrossMoments
from platonic_atlas.engine.space.frames import Projection, consensus
from platonic_atlas.engine.store import sites_digest
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey

_READERS = ThreadPoolExecutor(2, thread_name_prefix="reader")
Extent = tuple[float, float, float, float]  # x0, x1, y0, y1
SEEN = (0.25, 99.75)  # percentiles of the sites that a map shows at first: a few may lie a hundred times farther
OWN_REACH = 1.15  # of a map on axes of its own, where these sites fill -1 … 1


@dataclass(frozen=True)
class Layout:
    """All maps of one key, in drawing units: the shared frame as it is, anything else scaled map by map.

    coordinates : model -> (n_sites, 2) float32; share : model -> share of variance or NaN; reasons : why a map is empty
    consensus : (n_sites, 2) or None, with `consensus_reason` saying why
    extent : x0, x1, y0, y1 of what is shown at first: 99.5 % of the sites of the trained models, in both directions
    """

    key: LayoutKey
    coordinates: dict[str, FloatArray]
    share: dict[str, float]
    reasons: dict[str, str]
    consensus: FloatArray | None
    consensus_reason: str
    extent: Extent


def layout(data: AtlasData, key: LayoutKey, sites: IntArray) -> Layout:
    """Coordinates of every map of `key` with the anchors `sites`; kept for the next session that asks."""
    return data.keep(("layout", key, sites.tobytes()), lambda: make_layout(data, key, sites))


def is_laid_out(data: AtlasData, key: LayoutKey, sites: IntArray) -> bool:
    """Whether `layout` need not compute anything."""
    return data.held(("layout", key, sites.tobytes())) is not None


def umap(data: AtlasData, key: LayoutKey, sites: IntArray) -> dict[str, FloatArray]:
    """Model -> (n_sites, 2) of the UMAP layouts there are for these anchors: stored ones, and those made since."""
    made: dict[str, FloatArray] = data.held(_made_umap(key, sites)) or {}
    stored = data.keep(("stored umap", _umap_key(key, sites), key.anchors), lambda: _stored_umap(data, key, sites))
    return {**stored, **made}


def _stored_umap(data: AtlasData, key: LayoutKey, sites: IntArray) -> dict[str, FloatArray]:
    atlas, name = data.atlas, umap_name(key)
    digest = sites_digest(sites)
    held = atlas.layouts().get(name, [])
    return {m: atlas.layout(name, m) for m in held if atlas.layout_attrs(name, m).get("anchors_digest") == digest}


def hold_umap(
    data: AtlasData, key: LayoutKey, sites: IntArray, places: Mapping[str, FloatArray], *, seconds: float
) -> None:
    """Keep UMAP layouts that were made for the anchors `sites` in so many seconds."""
    name = _made_umap(key, sites)
    new = {model: frozen(coordinates) for model, coordinates in places.items()}
    data.put(name, {**(data.held(name) or {}), **new}, seconds=seconds)
    data.forget(lambda held: isinstance(held, tuple) and held[0] == "layout" and held[1].method == "umap")


def make_layout(data: AtlasData, key: LayoutKey, sites: IntArray) -> Layout:
    """PCA in the frame of `key`, computed; UMAP as it is stored or was made."""
    if key.method == "umap":
        return _umap_layout(data, key, sites)
    models, reasons = list(key.models), dict[str, str]()
    if key.representation == "relative" and not len(sites):
        reasons |= {model: "there are no anchors; choose some on the page Anchors" for model in models}
        models = []
    list(_READERS.map(lambda model: space(data, model, key), models))  # side by side: it is reading and long sums
    ways, refused = _projections(data, key, models, sites)
    reasons |= refused
    reasons |= {model: projection.reason for model, projection in ways.items() if projection.reason}
    drawn = {model: way for model, way in ways.items() if not way.reason}
    places = {model: placed(key, space(data, model, key), way, data.numbers) for model, way in drawn.items()}
    share = {model: projection.share for model, projection in ways.items()}
    shared = is_shared(key)
    if not shared:
        places = {model: _to_unit(coordinates) for model, coordinates in places.items()}
    return _finish(data, key, places, share, reasons, shared)


def _projections(
    data: AtlasData, key: LayoutKey, models: Sequence[str], sites: IntArray
) -> tuple[dict[str, Projection], dict[str, str]]:
    """Each model's way onto the axes, and why a model has none."""
    spaces = {model: space(data, model, key) for model in models}

    def cross(shaping: Sequence[str]) -> CrossMoments:
        return data.made(Cross.of(key, tuple(shaping)))

    if key.representation == "raw":
        return projections(key, spaces, {}, [], cross), {}
    lacks = {model: lacking(data, model, key, sites) for model in models}
    reasons = {model: f"cannot embed {n} of the {len(sites)} anchors" for model, n in lacks.items() if n}
    found = {model: rows(data, model, key, sites) for model in models if not lacks[model]}
    return projections(key, spaces, found, data.trained(list(found)), cross), reasons


def _umap_layout(data: AtlasData, key: LayoutKey, sites: IntArray) -> Layout:
    held = umap(data, key, sites)
    places = {model: _to_unit(held[model]) for model in key.models if model in held}
    reasons = {model: "no UMAP of these anchors yet" for model in key.models if model not in held}
    return _finish(data, key, places, {model: float("nan") for model in places}, reasons, False)


def umap_name(key: LayoutKey) -> str:
    """The name under which the UMAP of a key is stored: it starts from the agreement frame, whichever is shown."""
    return layout_name(stored_umap(key))


def stored_umap(key: LayoutKey) -> LayoutKey:
    """The key under which the UMAP of a key is stored."""
    return replace(key, method=LayoutMethod.UMAP, representation=Representation.RELATIVE, frame=FrameName.AGREEMENT,
                   within_elements=False)  # fmt: skip


def _made_umap(key: LayoutKey, sites: IntArray) -> Hashable:
    return "made umap", _umap_key(key, sites)


def _umap_key(key: LayoutKey, sites: IntArray) -> Hashable:
    return key.balance, key.centre, key.layer, sites.tobytes()


def _finish(
    data: AtlasData,
    key: LayoutKey,
    places: dict[str, FloatArray],
    share: dict[str, float],
    reasons: dict[str, str],
    shared: bool,
) -> Layout:
    trained = data.trained([model for model in places if not reasons.get(model)])
    middle, why = None, ""
    if not shared:
        why = "The maps have no common axes here, so there is no mean place. Choose relative, PCA, and a frame of all models."
    elif len(trained) < 2:
        why = "A consensus needs at least two trained models."
    else:
        middle = consensus(places, trained)
    seen = [places[model] for model in trained] or list(places.values())
    extent = _extent(seen) if shared else (-OWN_REACH, OWN_REACH, -OWN_REACH, OWN_REACH)
    return Layout(key, places, share, reasons, middle, why, extent)


def _extent(places: Sequence[FloatArray]) -> Extent:
    """x0, x1, y0, y1 around nearly all places of several maps, with a margin so that no dot is cut."""
    known = np.concatenate([each[np.isfinite(each).all(axis=1)] for each in places]) if places else np.zeros((0, 2))
    if not len(known):
        return (-1.0, 1.0, -1.0, 1.0)
    low, high = np.percentile(known, SEEN, axis=0)
    margin = 0.05 * np.maximum(high - low, 1e-9)
    (x0, y0), (x1, y1) = low - margin, high + margin
    return float(x0), float(x1), float(y0), float(y1)


def _to_unit(places: FloatArray) -> FloatArray:
    """Moved and scaled so that the middle 99.5 % of a map's sites fill -1 … 1; own axes have no common unit."""
    known = np.isfinite(places).all(axis=1)
    if not known.any():
        return places
    low, high = np.percentile(places[known], SEEN, axis=0)
    reach = float((high - low).max() / 2) or 1.0
    return ((places - (low + high) / 2) / reach).astype(np.float32)
