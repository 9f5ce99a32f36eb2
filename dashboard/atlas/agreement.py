"""What trained models share in a view: cross moments, the axes that follow from them, how far each model agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.atlas.spaces import anchor_bytes, anchor_sites, lacking, relative_key, rows, space
from platonic_atlas.engine.choices import Balance, FrameName, LayoutMethod, Representation
from platonic_atlas.engine.space.anchor_blocks import Covariances
from platonic_atlas.engine.space.anchored import Anchored
from platonic_atlas.engine.space.cross import CrossMoments, cross_moments, halves_of
from platonic_atlas.engine.studies.cross import cross_of
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey


@dataclass(frozen=True)
class Cross(Request[CrossMoments]):
    """Cross moments of models side by side: of many sites a matter of seconds, whatever the anchors."""

    models: tuple[str, ...]
    layer: str
    balance: Balance
    centre: bool

    doing = "Summing what the models share"

    @classmethod
    def of(cls, key: LayoutKey, models: tuple[str, ...]) -> Cross:
        return cls(models, key.layer, key.balance, key.centre)

    def make(self, data: AtlasData) -> CrossMoments:
        key = relative_key(self.models, self.layer, self.balance, self.centre)
        spaces = {model: space(data, model, key) for model in self.models}
        elsewhere = [model for model in self.models if data.layer_of(model, self.layer) != self.layer]
        if elsewhere:  # shown at another of its layers, of which no sums are kept
            return cross_moments(spaces, data.numbers, halves_of(data.structure, data.atlas.n_structures))
        return cross_of(data.atlas, self.models, self.layer, self.balance, centre=self.centre, spaces=spaces)


def shaping(data: AtlasData, key: LayoutKey, sites: IntArray) -> tuple[str, ...]:
    """The trained models shown that embed the anchors: those that shape a frame of all."""
    return tuple(model for model in data.trained(key.models) if not lacking(data, model, key, sites))


def needed(data: AtlasData, key: LayoutKey, sites: IntArray) -> Cross | None:
    """The cross moments from which the axes of a key follow; None where they follow from less."""
    if key.method != LayoutMethod.PCA or key.representation != Representation.RELATIVE or not len(sites):
        return None
    shaped = shaping(data, key, sites) if key.frame == FrameName.AGREEMENT else ()
    return Cross.of(key, shaped) if shaped else None


@dataclass(frozen=True)
class Covaried(Request[Covariances]):
    """The covariances that follow from cross moments, for anchors of any choice."""

    cross: Cross
    within: bool

    doing = "Summing what the models share"

    def make(self, data: AtlasData) -> Covariances:
        return Covariances.of(data.made(self.cross), within=self.within)


@dataclass(frozen=True)
class Agreements(Request[Mapping[str, FloatArray]]):
    """Model -> (2,) how far it agrees with the trained models shown, along each axis (SCIENCE section 2); NaN where
    nothing is left of it, nothing where fewer than two trained models are shown.

    key : that of the maps ; anchors : the sites, as bytes of int32
    """

    key: LayoutKey
    anchors: bytes

    doing = "Measuring how far the models agree"

    @classmethod
    def of(cls, key: LayoutKey, sites: IntArray) -> Agreements:
        # whatever the maps are drawn in: it is measured on axes of agreement
        return cls(replace(key, frame=FrameName.AGREEMENT, method=LayoutMethod.PCA), anchor_bytes(sites))

    def make(self, data: AtlasData) -> Mapping[str, FloatArray]:
        key, sites = self.key, anchor_sites(self.anchors)
        trained = shaping(data, key, sites)
        if len(trained) < 2:
            return {}
        found = self._read(data, trained, trained)
        for other in key.models:
            if other not in trained and not lacking(data, other, key, sites):
                found[other] = self._read(data, (*trained, other), trained)[other]
        return found

    def _read(self, data: AtlasData, models: tuple[str, ...], trained: tuple[str, ...]) -> dict[str, FloatArray]:
        sites, others = anchor_sites(self.anchors), [model for model in models if model not in trained]
        spaces = {model: space(data, model, self.key) for model in models}
        of = {model: rows(data, model, self.key, sites) for model in models}
        covariances = data.made(Covaried(Cross.of(self.key, models), self.key.within_elements))
        return Anchored.of(covariances, of, spaces, trained).agreement(shaping=not others)


def agreed(found: FloatArray | None) -> tuple[float, float] | None:
    """The two numbers where there are any."""
    return None if found is None or not np.isfinite(found).all() else (float(found[0]), float(found[1]))
