"""Numbers for each site that are computed when somebody asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.atlas.spaces import anchor_bytes, anchor_sites, relative_key, rows, space
from platonic_atlas.engine.anchors.coverage import nearest_anchor_distance
from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.compare.measures import find_measure
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.neighbours import nearest_sites, neighbour_table
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey

NEAREST = 3  # atoms that the card of an atom lists for each model


@dataclass(frozen=True)
class Shown:
    """A model as measures see it, in a key's space; what it is asked for is kept for every session."""

    data: AtlasData
    name: str
    key: LayoutKey
    anchors: bytes

    @property
    def space(self) -> ModelSpace:
        return space(self.data, self.name, self.key)

    @property
    def rows(self) -> FloatArray:
        return rows(self.data, self.name, self.key, anchor_sites(self.anchors))

    @property
    def neighbours(self) -> IntArray:
        """Where elements are balanced, whatever the key says."""
        make = partial(
            neighbour_table,
            self.data.embedding(self.name, self.key.layer),
            self.data.moments(self.name, self.key.layer),
        )
        return self.data.keep(("neighbours", self.name, self.data.layer_of(self.name, self.key.layer)), make)


@dataclass(frozen=True)
class Measured(Request[FloatArray]):
    """(n_sites,) a measure of models, each by its name; anchors : the sites, as bytes of int32."""

    measure: str
    models: tuple[str, ...]
    layer: str
    balance: Balance = Balance.ELEMENTS
    centre: bool = True
    anchors: bytes = b""

    doing = "Comparing the models"

    def make(self, data: AtlasData) -> FloatArray:
        key = relative_key(self.models, self.layer, self.balance, self.centre)
        return find_measure(self.measure).of({name: Shown(data, name, key, self.anchors) for name in self.models})


@dataclass(frozen=True)
class Disagreement(Request[FloatArray]):
    """(n_sites,) spread of each site's place over the trained models shown; anchors : the sites, as bytes of int32."""

    models: tuple[str, ...]
    layer: str
    balance: Balance
    centre: bool
    anchors: bytes

    doing = "Computing the disagreement"

    @classmethod
    def of(cls, key: LayoutKey, sites: IntArray) -> Disagreement:
        return cls(key.models, key.layer, key.balance, key.centre, anchor_bytes(sites))

    def make(self, data: AtlasData) -> FloatArray:
        trained = tuple(data.trained(self.models))
        return Measured("disagreement", trained, self.layer, self.balance, self.centre, self.anchors).make(data)


@dataclass(frozen=True)
class NearestAnchor(Request[FloatArray]):
    """(n_sites,) distance of each site to its nearest anchor in one model."""

    model: str
    layer: str
    balance: Balance
    anchors: bytes

    doing = "Measuring the distance to the nearest anchor"

    @classmethod
    def of(cls, model: str, key: LayoutKey, sites: IntArray) -> NearestAnchor:
        return cls(model, key.layer, key.balance, anchor_bytes(sites))

    def make(self, data: AtlasData) -> FloatArray:
        moments, features = data.moments(self.model, self.layer, self.balance), data.embedding(self.model, self.layer)
        return nearest_anchor_distance(features, moments, anchor_rows(features, moments, anchor_sites(self.anchors)))


@dataclass(frozen=True)
class Overlap(Request[FloatArray]):
    """(n_sites,) share of the ten nearest sites that two models both name."""

    first: str
    second: str
    layer: str

    doing = "Counting shared neighbours"

    def make(self, data: AtlasData) -> FloatArray:
        return Measured("neighbour-overlap", (self.first, self.second), self.layer).make(data)


@dataclass(frozen=True)
class NearestSites(Request[dict[str, IntArray]]):
    """Model -> the few sites most like `site`; nothing for a model that does not embed it."""

    models: tuple[str, ...]
    layer: str
    site: int

    doing = "Looking for the nearest atoms"

    def make(self, data: AtlasData) -> dict[str, IntArray]:
        found = {}
        for model in self.models:
            moments = data.moments(model, self.layer)
            if np.isfinite(moments.rho[self.site]):
                found[model] = nearest_sites(data.embedding(model, self.layer), moments, self.site, NEAREST)[0]
        return found
