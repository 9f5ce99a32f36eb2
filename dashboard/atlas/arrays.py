"""An atlas as read-only arrays, loaded once a process and shared by every session."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from platonic_atlas.dashboard.atlas.cache import Cache, Shelf
from platonic_atlas.dashboard.atlas.crystals import Crystals
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.models.catalogue import catalogue
from platonic_atlas.engine.store import Atlas
from platonic_atlas.engine.structures.surroundings import within
from platonic_atlas.engine.studies.shown import shown_by_default
from platonic_atlas.engine.types import READOUT, BoolArray, FloatArray, IntArray, Moments

T = TypeVar("T")


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
        self._own, self._made = Cache([Shelf(0.0, math.inf)]), Cache()

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
        return list(self.own("default models", lambda: shown_by_default(self.atlas)))

    def trained(self, models: Sequence[str]) -> list[str]:
        return [name for name in models if not self.models[name].control]

    def layer_of(self, model: str, layer: str) -> str:
        """The layer at which a model is shown: the one asked for, or the first it has, as the paper compares layers
        of different depth."""
        held = self.layers(model)
        return layer if layer in held else READOUT if READOUT in held else held[0]

    def embedding(self, model: str, layer: str) -> FloatArray:
        at = self.layer_of(model, layer)
        return self.own(("embedding", model, at), lambda: frozen(self.atlas.embedding(model, at)))

    def present(self, model: str, layer: str) -> BoolArray:
        at = self.layer_of(model, layer)
        return self.own(("present", model, at), lambda: frozen(self.atlas.present(model, at)))

    def label_names(self) -> list[str]:
        return self.own("label names", self.atlas.label_names)

    def label(self, name: str) -> np.ndarray[Any, Any]:
        return self.own(("label", name), lambda: self.atlas.label(name))

    def layers(self, model: str) -> list[str]:
        return self.own(("layers", model), lambda: self.atlas.layers(model))

    @property
    def crystals(self) -> Crystals:
        return self.own("crystals", lambda: Crystals.of(self.atlas))

    def classes(self, what: str) -> tuple[np.ndarray[Any, Any], IntArray, IntArray]:
        """Elements or prototypes of the sites: the values there are, (n_sites,) which of them, how many of each."""
        return self.own(("classes", what), lambda: self._classes(what))

    def _classes(self, what: str) -> tuple[np.ndarray[Any, Any], IntArray, IntArray]:
        if what == "element":
            names, codes = np.unique(self.numbers, return_inverse=True)
        else:
            names, of_structure = np.unique(self.prototypes, return_inverse=True)
            codes = of_structure[self.structure]
        return names, codes, np.bincount(codes, minlength=len(names))

    def own(self, key: Hashable, make: Callable[[], T]) -> T:
        """What the atlas itself holds: read once, and kept for as long as the atlas is open."""
        return self._own.get(key, make)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of `make`, which is called at once if it is not there; kept for every session, within the bounds
        of `Cache`."""
        return self._made.get(key, make)

    def put(self, key: Hashable, value: object, *, seconds: float) -> None:
        """Keep what took `seconds` to make elsewhere."""
        self._made.put(key, value, seconds=seconds)

    def made(self, request: Request[T]) -> T:
        """The answer to a request, kept for every session."""
        return self._made.get(request, lambda: request.make(self))

    def moments(self, model: str, layer: str, balance: Balance = Balance.ELEMENTS) -> Moments:
        """Moments by what is balanced: anchors are chosen, and the nearest found, where elements are."""
        at = self.layer_of(model, layer)
        return self.own(("moments", model, at, balance), lambda: self.atlas.moments(model, at, balance))

    def eligible(self) -> BoolArray:
        """(n_sites,) sites that every model of the atlas embeds: those that can be anchors."""
        return self.own("eligible", lambda: frozen(self._eligible()))

    def _eligible(self) -> BoolArray:
        pairs = [(model, layer) for model in self.models for layer in self.atlas.layers(model)]
        return np.logical_and.reduce([np.ones(self.n_sites, dtype=bool), *(self.present(*pair) for pair in pairs)])

    def site_energy(self, model: str) -> FloatArray | None:
        """(n_sites,) [eV] or None."""
        return self.own(("energy", model), lambda: self.atlas.site_energy(model))

    def read_for_atoms(self, models: Sequence[str]) -> None:
        """Import and read what the first atom that is tapped would wait for."""
        within(self.crystals.atoms(0), 0, 1.0)
        for name in self.label_names():
            self.label(name)
        for model in models:
            self.site_energy(model)

    def held(self, key: Hashable) -> Any:
        """A result if it was computed already, else None; of a request, or of the key that it was kept under."""
        return self._made.held(key)

    def forget(self, old: Callable[[Any], bool]) -> None:
        """Drop the results whose key is `old`."""
        self._made.forget(old)

    def missing(self, model: str, layer: str) -> int:
        """Sites that the model does not embed."""
        return int(np.count_nonzero(~self.present(model, layer)))


def frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array, read-only: many sessions see it."""
    array.setflags(write=False)
    return array
