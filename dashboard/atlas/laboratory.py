"""What anchors do, measured on the models of a view and the controls of its atlas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from platonic_atlas.dashboard.atlas.agreement import Cross, shaping
from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.atlas.spaces import anchor_bytes, anchor_sites, rows, space
from platonic_atlas.engine.anchors.card import AnchorCard, anchor_cards, nearest_to
from platonic_atlas.engine.anchors.coverage import coverage
from platonic_atlas.engine.anchors.measures import AnchorMeasures, anchor_measures
from platonic_atlas.engine.choices import FrameName, LayoutMethod, Representation
from platonic_atlas.engine.space.anchor_blocks import Covariances
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.side_by_side import SideBySide
from platonic_atlas.engine.studies.agreement import together
from platonic_atlas.engine.types import IntArray, LayoutKey

FEWEST = 2  # trained models, without which nothing is agreed about; and anchors, for two axes


@dataclass(frozen=True)
class Beside(Request[tuple[Covariances, ...]]):
    """The covariances of the models of a key and all controls: once for a view, some seconds, for anchors of any choice.

    key : frame and anchors as they always are ; trained : those that shape
    """

    key: LayoutKey
    trained: tuple[str, ...]

    doing = "Reading models and controls"

    def spaces(self, data: AtlasData) -> dict[str, ModelSpace]:
        return {model: space(data, model, self.key) for model in self.key.models}

    def make(self, data: AtlasData) -> tuple[Covariances, ...]:
        return tuple(
            # of so many models they serve nothing but this: kept are the covariances
            Covariances.of(Cross.of(self.key, (*self.trained, *others)).make(data), within=self.key.within_elements)
            for others in together({m: each.moments for m, each in self.spaces(data).items()}, self.trained)
        )


@dataclass(frozen=True)
class Measures(Request[AnchorMeasures]):
    """Agreement, λ and redundancy of anchors; anchors : the sites, as bytes of int32."""

    beside: Beside
    anchors: bytes

    doing = "Measuring the anchors"

    def make(self, data: AtlasData) -> AnchorMeasures:
        models = SideBySide(self.beside.spaces(data), self.beside.trained, data.made(self.beside))
        found = anchor_measures(models, anchor_sites(self.anchors))
        return replace(found, rows={})  # nothing that a page shows follows from them


@dataclass(frozen=True)
class Cards(Request[tuple[AnchorCard, ...]]):
    """Why each of the anchors is one, in the space of one model of a key."""

    key: LayoutKey
    model: str
    anchors: bytes

    doing = "Looking at each anchor"

    def make(self, data: AtlasData) -> tuple[AnchorCard, ...]:
        sites, of = anchor_sites(self.anchors), space(data, self.model, self.key)
        found = rows(data, self.model, self.key, sites)
        counts = coverage(of.embedding, of.moments, found, centre=of.centre).counts(len(sites))
        return anchor_cards(data.atlas, sites, nearest_to(of, found, sites), counts)


def measures_of(data: AtlasData, key: LayoutKey, sites: IntArray) -> Measures | None:
    """What is measured of the anchors `sites` in a view; None where there is nothing to measure."""
    trained = shaping(data, key, sites) if len(sites) else ()
    if key.representation != Representation.RELATIVE or len(trained) < FEWEST or len(sites) < FEWEST:
        return None
    controls = [name for name in data.models if data.models[name].control and name not in key.models]
    others = [name for name in key.models if name not in trained]
    held = [model for model in (*trained, *others, *controls) if key.layer in data.layers(model)]
    beside = replace(key, method=LayoutMethod.PCA, frame=FrameName.AGREEMENT, anchors="", models=tuple(held))
    return Measures(Beside(beside, trained), anchor_bytes(np.asarray(sites)))
