"""An atlas as read-only arrays, loaded once a process and shared by every session."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import numpy as np

from platonic_atlas.dashboard.atlas.crystals import Crystals
from platonic_atlas.dashboard.plots.labels import medoids
from platonic_atlas.engine.anchors.coverage import nearest_anchor_distance
from platonic_atlas.engine.compare.disagreement import disagreement
from platonic_atlas.engine.models.catalogue import catalogue
from platonic_atlas.engine.space.frames import (
    ModelSpace,
    Projection,
    consensus,
    model_space,
    own_frame,
    place,
    shared_frame,
)
from platonic_atlas.engine.space.neighbours import nearest_sites, neighbour_overlap, neighbour_table
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.store import Atlas, sites_digest
from platonic_atlas.engine.structures.surroundings import within
from platonic_atlas.engine.types import READOUT, Balance, BoolArray, FloatArray, IntArray, LayoutKey, Moments
from platonic_atlas.engine.verbs.layout import layout_name, shown_by_default

T = TypeVar("T")
_READERS = ThreadPoolExecutor(2, thread_name_prefix="reader")
LAYOUTS_KEPT = 12
NEAREST = 3  # atoms that the card of an atom lists for each model
OWN_REACH = (
    1.15  # of a map on axes of its own: 99.5 % of its sites lie within 1, and a few may lie a hundred times farther
)


@dataclass(frozen=True)
class ModelInfo:
    """What a map's title says of its model; `cutoff` [Å] and `most_neighbours` are None where they are not known."""

    name: str
    title: str
    trained_on: str
    traits: str
    licence: str
    control: bool
    cutoff: float | None = None
    most_neighbours: int | None = None

    @property
    def subtitle(self) -> str:
        return " · ".join(part for part in (self.trained_on, self.traits) if part)


@dataclass(frozen=True)
class Layout:
    """All maps of one key, in drawing units: the shared frame as it is, anything else scaled map by map.

    coordinates : model -> (n_sites, 2) float32; share : model -> share of variance or NaN; reasons : why a map is empty
    consensus : (n_sites, 2) or None, with `consensus_reason` saying why
    extent : x0, x1, y0, y1 of what is shown at first ; outside : model -> sites that lie beyond it
    """

    key: LayoutKey
    coordinates: dict[str, FloatArray]
    share: dict[str, float]
    reasons: dict[str, str]
    consensus: FloatArray | None
    consensus_reason: str
    extent: tuple[float, float, float, float]
    outside: dict[str, int]


class Cache:
    """The last few results by key; a missing one is computed once, however many sessions ask for it.

    Others are not kept waiting: only who asks for the same key waits for who computes it.
    """

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, threading.Lock()
        self._kept: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            future = self._kept.get(key)
            if mine := future is None:
                future = self._kept[key] = Future()
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
        if mine:
            self._make(key, future, make)
        return future.result()  # type: ignore[no-any-return]

    def _make(self, key: Hashable, future: Future[Any], make: Callable[[], Any]) -> None:
        try:
            future.set_result(make())
        except BaseException as error:
            self.forget(lambda held: held == key)  # the next who asks tries again
            future.set_exception(error)

    def held(self, key: Hashable) -> Any:
        """The result if it is there, else None."""
        with self._lock:
            future = self._kept.get(key)
        return future.result() if future is not None and future.done() and not future.exception() else None

    def forget(self, old: Callable[[Any], bool]) -> None:
        """Drop the results whose key is `old`."""
        with self._lock:
            for key in [key for key in self._kept if old(key)]:
                del self._kept[key]


@dataclass
class AtlasData:
    """Arrays of one atlas; nothing here belongs to a session.

    keeps : what visitors make (named anchors, layouts) is written to disk: only where the server is theirs alone
    """

    atlas: Atlas
    keeps: bool = False
    numbers: IntArray = field(init=False)
    structure: IntArray = field(init=False)
    models: dict[str, ModelInfo] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = self.atlas.numbers()
        self.structure = self.atlas.site_structure()
        self.formulas = self.atlas.structure_field("formula")
        self.ids = self.atlas.structure_field("id")
        self.prototypes = self.atlas.structure_field("prototype")
        self.representative = self.atlas.representative()
        self.spacegroups = self.atlas.structure_field("spacegroup")
        self.models = {name: self._info(name) for name in self.atlas.models()}
        self._embeddings, self._spaces = Cache(64), Cache(64)
        self._layouts, self._values, self._labels = Cache(LAYOUTS_KEPT), Cache(256), Cache(64)
        self._umaps = Cache(LAYOUTS_KEPT)

    @property
    def n_sites(self) -> int:
        return len(self.numbers)

    def _info(self, name: str) -> ModelInfo:
        """As the catalogue describes the model now, else as the atlas does."""
        attrs = self.atlas.model_attrs(name, self.atlas.layers(name)[0])
        known = catalogue().get(name)
        known = known if known and known.family == attrs.get("family") else None
        described = vars(known) if known else attrs
        words = {key: str(described.get(key) or "") for key in ("title", "trained_on", "traits", "licence")}
        return ModelInfo(
            name,
            **{**words, "title": words["title"] or name},
            control=bool(attrs.get("control")),
            cutoff=known.cutoff if known else None,
            most_neighbours=known.most_neighbours if known else None,
        )

    def default_models(self) -> list[str]:
        """The seven that are shown first."""
        return list(self.keep("default models", lambda: shown_by_default(self.atlas)))

    def trained(self, models: Sequence[str]) -> list[str]:
        return [name for name in models if not self.models[name].control]

    def layer_of(self, model: str, layer: str) -> str:
        """The layer at which a model is shown: the one asked for, or the first it has, as the paper compares layers
        of different depth."""
        held = self.layers(model)
        return layer if layer in held else READOUT if READOUT in held else held[0]

    def embedding(self, model: str, layer: str) -> FloatArray:
        at = self.layer_of(model, layer)
        return self._embeddings.get((model, at), lambda: _frozen(self.atlas.embedding(model, at)))

    def present(self, model: str, layer: str) -> BoolArray:
        at = self.layer_of(model, layer)
        return self._values.get(("present", model, at), lambda: _frozen(self.atlas.present(model, at)))

    def label(self, name: str) -> np.ndarray[Any, Any]:
        return self._labels.get(name, lambda: self.atlas.label(name))

    def layers(self, model: str) -> list[str]:
        return self.keep(("layers", model), lambda: self.atlas.layers(model))

    @property
    def crystals(self) -> Crystals:
        return self.keep("crystals", lambda: Crystals.of(self.atlas))

    def classes(self, what: str) -> tuple[np.ndarray[Any, Any], IntArray, IntArray]:
        """Elements or prototypes of the sites: the values there are, (n_sites,) which of them, how many of each."""
        return self.keep(("classes", what), lambda: self._classes(what))

    def _classes(self, what: str) -> tuple[np.ndarray[Any, Any], IntArray, IntArray]:
        if what == "element":
            names, codes = np.unique(self.numbers, return_inverse=True)
        else:
            names, of_structure = np.unique(self.prototypes, return_inverse=True)
            codes = of_structure[self.structure]
        return names, codes, np.bincount(codes, minlength=len(names))

    def space(self, model: str, key: LayoutKey) -> ModelSpace:
        wanted = (model, key.layer, key.representation, key.balance, key.centre or key.representation == "raw")
        return self._spaces.get(wanted, lambda: self._space(model, key))

    def _space(self, model: str, key: LayoutKey) -> ModelSpace:
        moments = self.moments(model, key.layer, key.balance)
        features = self.embedding(model, key.layer)
        return model_space(features, moments, self.numbers, representation=key.representation, centre=key.centre)

    def layout(self, key: LayoutKey, sites: IntArray) -> Layout:
        """Coordinates of every map of `key` with the anchors `sites`; kept for the next session that asks."""
        return self._layouts.get((key, sites.tobytes()), lambda: make_layout(self, key, sites))

    def umap(self, key: LayoutKey, sites: IntArray) -> dict[str, FloatArray]:
        """Model -> (n_sites, 2) of the UMAP layouts there are for these anchors: stored ones, and those made since."""
        made: dict[str, FloatArray] = self._umaps.get(_umap_key(key, sites), dict)
        stored = self.keep(("stored umap", _umap_key(key, sites), key.anchors), lambda: self._stored_umap(key, sites))
        return {**stored, **made}

    def _stored_umap(self, key: LayoutKey, sites: IntArray) -> dict[str, FloatArray]:
        atlas, name = self.atlas, umap_name(key)
        digest = sites_digest(sites)
        held = atlas.layouts().get(name, [])
        return {m: atlas.layout(name, m) for m in held if atlas.layout_attrs(name, m).get("anchors_digest") == digest}

    def hold_umap(self, key: LayoutKey, sites: IntArray, places: Mapping[str, FloatArray]) -> None:
        """Keep UMAP layouts that were made for the anchors `sites`."""
        made: dict[str, FloatArray] = self._umaps.get(_umap_key(key, sites), dict)
        made.update({model: _frozen(coordinates) for model, coordinates in places.items()})
        self._layouts.forget(lambda held: held[0].method == "umap")

    def disagreement(self, key: LayoutKey, sites: IntArray) -> FloatArray:
        """(n_sites,) spread of each site's place over the trained models shown."""
        return self._values.get(disagreement_key(key, sites), lambda: self._disagreement(key, sites))

    def _disagreement(self, key: LayoutKey, sites: IntArray) -> FloatArray:
        trained = self.trained(key.models)
        spaces = {model: self.space(model, key) for model in trained}
        rows = {model: self.rows(model, key, sites) for model in trained}
        return disagreement(spaces, rows, trained)

    def rows(self, model: str, key: LayoutKey, sites: IntArray) -> FloatArray:
        space = self.space(model, key)
        return anchor_rows(space.embedding, space.moments, sites, centre=key.centre)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of `make`, kept for every session."""
        return self._values.get(key, make)

    def moments(self, model: str, layer: str, balance: Balance = "elements") -> Moments:
        """Moments by what is balanced: anchors are chosen, and the nearest found, where elements are."""
        at = self.layer_of(model, layer)
        return self.keep(("moments", model, at, balance), lambda: self.atlas.moments(model, at, balance))

    def eligible(self) -> BoolArray:
        """(n_sites,) sites that every model of the atlas embeds: those that can be anchors."""
        return self._values.get("eligible", lambda: _frozen(self._eligible()))

    def _eligible(self) -> BoolArray:
        pairs = [(model, layer) for model in self.models for layer in self.atlas.layers(model)]
        return np.logical_and.reduce([np.ones(self.n_sites, dtype=bool), *(self.present(*pair) for pair in pairs)])

    def site_energy(self, model: str) -> FloatArray | None:
        """(n_sites,) [eV] or None."""
        return self._values.get(("energy", model), lambda: self.atlas.site_energy(model))

    def read_for_atoms(self, models: Sequence[str]) -> None:
        """Import and read what the first atom that is tapped would wait for."""
        within(self.crystals.atoms(0), 0, 1.0)
        for name in self.atlas.label_names():
            self.label(name)
        for model in models:
            self.site_energy(model)

    def nearest_anchor(self, model: str, key: LayoutKey, sites: IntArray) -> FloatArray:
        """(n_sites,) distance of each site to its nearest anchor in one model."""
        return self._values.get(nearest_key(model, key, sites), lambda: self._nearest_anchor(model, key, sites))

    def overlap(self, first: str, second: str, layer: str) -> FloatArray:
        """(n_sites,) share of the ten nearest sites that two models both name."""
        tables = [self._neighbours(model, layer) for model in (first, second)]
        return self.keep(("overlap", first, second, layer), lambda: neighbour_overlap(*tables))

    def _neighbours(self, model: str, layer: str) -> IntArray:
        make = partial(neighbour_table, self.embedding(model, layer), self.moments(model, layer))
        return self.keep(("neighbours", model, layer), make)

    def nearest_sites(self, models: Sequence[str], layer: str, site: int) -> dict[str, IntArray]:
        """Model -> the few sites most like `site`; nothing for a model that does not embed it."""
        return self.keep(("nearest sites", tuple(models), layer, site), lambda: {
            model: nearest_sites(self.embedding(model, layer), self.moments(model, layer), site, NEAREST)[0]
            for model in models if np.isfinite(self.moments(model, layer).rho[site])
        })  # fmt: skip

    def held(self, key: Hashable) -> Any:
        """A value if it was computed already, else None."""
        return self._values.held(key)

    def _nearest_anchor(self, model: str, key: LayoutKey, sites: IntArray) -> FloatArray:
        moments = self.moments(model, key.layer, key.balance)
        features = self.embedding(model, key.layer)
        return nearest_anchor_distance(features, moments, anchor_rows(features, moments, sites))

    def medoids(self, places: FloatArray) -> dict[int, int]:
        """Element -> its medoid on a map; kept for as long as the map is."""
        return self._values.get(("medoids", id(places)), lambda: (places, medoids(places, self.numbers)))[1]

    def missing(self, model: str, layer: str) -> int:
        """Sites that the model does not embed."""
        return int(np.count_nonzero(~self.present(model, layer)))


def disagreement_key(key: LayoutKey, sites: IntArray) -> Hashable:
    return "disagreement", key.models, key.layer, key.balance, key.centre, sites.tobytes()


def nearest_key(model: str, key: LayoutKey, sites: IntArray) -> Hashable:
    return "nearest", model, key.layer, key.balance, sites.tobytes()


def make_layout(data: AtlasData, key: LayoutKey, sites: IntArray) -> Layout:
    """PCA in the frame of `key`, computed; UMAP as it is stored or was made."""
    if key.method == "umap":
        return _umap_layout(data, key, sites)
    models, reasons = list(key.models), dict[str, str]()
    if key.representation == "relative" and not len(sites):
        reasons |= {model: "there are no anchors; choose some on the page Anchors" for model in models}
        models = []
    list(_READERS.map(lambda model: data.space(model, key), models))  # side by side: it is reading and long sums
    projections, refused = _projections(data, key, models, sites)
    reasons |= refused
    places = {model: place(data.space(model, key), projection) for model, projection in projections.items()}
    reasons |= {model: projection.reason for model, projection in projections.items() if projection.reason}
    share = {model: projection.share for model, projection in projections.items()}
    shared = key.representation == "relative" and key.frame == "shared"
    if not shared:
        places = {model: _to_unit(coordinates) for model, coordinates in places.items()}
    return _finish(data, key, places, share, reasons, shared)


def _projections(
    data: AtlasData, key: LayoutKey, models: Sequence[str], sites: IntArray
) -> tuple[dict[str, Projection], dict[str, str]]:
    if key.representation == "raw":
        return {model: own_frame(data.space(model, key)) for model in models}, {}
    lacking = {model: int(np.count_nonzero(~data.present(model, key.layer)[sites])) for model in models}
    reasons = {model: f"cannot embed {n} of the {len(sites)} anchors" for model, n in lacking.items() if n}
    rows = {model: data.rows(model, key, sites) for model in models if not lacking[model]}
    shaping = data.trained(list(rows))
    if key.frame == "own" or not shaping or not rows:
        return {model: own_frame(data.space(model, key), rows[model]) for model in rows}, reasons
    return shared_frame(rows, {model: data.space(model, key) for model in rows}, shaping), reasons


def _umap_layout(data: AtlasData, key: LayoutKey, sites: IntArray) -> Layout:
    held = data.umap(key, sites)
    places = {model: _to_unit(held[model]) for model in key.models if model in held}
    reasons = {model: "no UMAP of these anchors yet" for model in key.models if model not in held}
    return _finish(data, key, places, {model: float("nan") for model in places}, reasons, False)


def umap_name(key: LayoutKey) -> str:
    """The name under which the UMAP of a key is stored."""
    return layout_name("umap", key.anchors, balance=key.balance, centre=key.centre, layer=key.layer)


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
        why = "The maps have no common axes here, so there is no mean place. Choose relative, shared, PCA."
    elif len(trained) < 2:
        why = "A consensus needs at least two trained models."
    else:
        middle = consensus(places, trained)
    extent = _extent([*places.values()]) if shared else (-OWN_REACH, OWN_REACH, -OWN_REACH, OWN_REACH)
    outside = {model: _beyond(coordinates, extent) for model, coordinates in places.items()}
    return Layout(key, places, share, reasons, middle, why, extent, outside)


def _beyond(places: FloatArray, extent: tuple[float, float, float, float]) -> int:
    x0, x1, y0, y1 = extent
    x, y = places[np.isfinite(places).all(axis=1)].T
    return int(np.count_nonzero((x < x0) | (x > x1) | (y < y0) | (y > y1)))


def _extent(places: Sequence[FloatArray]) -> tuple[float, float, float, float]:
    """x0, x1, y0, y1 around all places, with a margin so that no dot is cut."""
    if not places:
        return (-1.0, 1.0, -1.0, 1.0)
    low = np.min([np.nanmin(p, axis=0) if np.isfinite(p).any() else (-1, -1) for p in places], axis=0)
    high = np.max([np.nanmax(p, axis=0) if np.isfinite(p).any() else (1, 1) for p in places], axis=0)
    margin = 0.05 * np.maximum(high - low, 1e-9)
    (x0, y0), (x1, y1) = low - margin, high + margin
    return float(x0), float(x1), float(y0), float(y1)


def _to_unit(places: FloatArray) -> FloatArray:
    """Moved and scaled so that the middle 99.5 % of a map's sites fill -1 … 1; own axes have no common unit."""
    known = np.isfinite(places).all(axis=1)
    if not known.any():
        return places
    low, high = np.percentile(places[known], [0.25, 99.75], axis=0)
    reach = float((high - low).max() / 2) or 1.0
    return ((places - (low + high) / 2) / reach).astype(np.float32)


def _frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    array.setflags(write=False)
    return array
