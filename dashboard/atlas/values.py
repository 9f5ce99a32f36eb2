"""Numbers for each site that are computed when somebody asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import rows, space
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.engine.anchors.coverage import nearest_anchor_distance
from platonic_atlas.engine.choices import Balance, FrameName, LayoutMethod, Representation
from platonic_atlas.engine.compare.disagreement import disagreement
from platonic_atlas.engine.compare.overlap import neighbour_overlap
from platonic_atlas.engine.space.neighbours import nearest_sites, neighbour_table
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey

NEAREST = 3  # atoms that the card of an atom lists for each model


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
        trained, sites = data.trained(self.models), anchor_sites(self.anchors)
        key = LayoutKey(
            LayoutMethod.PCA, Representation.RELATIVE, FrameName.SHARED, "", self.models,
            layer=self.layer, balance=self.balance, centre=self.centre,
        )  # fmt: skip
        spaces = {model: space(data, model, key) for model in trained}
        return disagreement(spaces, {model: rows(data, model, key, sites) for model in trained}, trained)


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
        return neighbour_overlap(*(_neighbours(data, model, self.layer) for model in (self.first, self.second)))


def _neighbours(data: AtlasData, model: str, layer: str) -> IntArray:
    make = partial(neighbour_table, data.embedding(model, layer), data.moments(model, layer))
    return data.keep(("neighbours", model, data.layer_of(model, layer)), make)


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


def anchor_bytes(sites: IntArray) -> bytes:
    """Sites as part of a record; see `anchor_sites`."""
    return np.ascontiguousarray(sites, dtype=np.int32).tobytes()


def anchor_sites(anchors: bytes) -> IntArray:
    return np.frombuffer(anchors, dtype=np.int32)
