"""The view as it was at one moment: what pictures, captions and citations are made from while the session moves on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Extent, Layout
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.colourings.scheme import Seen
from platonic_atlas.dashboard.session import Session
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray, LayoutKey


@dataclass(frozen=True)
class Snapshot:
    """Everything that a picture depends on. Arrays are those of the session, which replaces and never changes them.

    key, anchor_sites, layout : what the maps show ; colouring, middle : colours of the maps and of the consensus
    selected : (n_sites,) ; seen : what colours follow from ; extent : x0, x1, y0, y1 of the part of the maps that is looked at, None for all of it
    anchors : the name of the anchors in words ; coverage_model : in which distances to anchors are measured
    weights : anchor -> what its mark says of it
    agreements : model -> (2,) how far it agrees with the trained ones, where the maps say so
    """

    data: AtlasData
    key: LayoutKey
    anchor_sites: IntArray
    anchors: str
    layout: Layout
    seen: Seen
    colour: str
    colouring: Colouring
    middle: Colouring
    selected: BoolArray
    marks: bool
    labels: bool
    dark: bool
    coverage_model: str
    extent: Extent | None = None
    agreements: Mapping[str, FloatArray] = field(default_factory=dict)
    weights: Mapping[int, float] = field(default_factory=dict)

    @property
    def covered(self) -> bool:
        """Whether there are anchors that cover something."""
        return self.key.representation == "relative" and len(self.anchor_sites) > 0

    @property
    def n_selected(self) -> int:
        return int(self.selected.sum())


def take(session: Session, extent: Extent | None = None, weights: Mapping[int, float] | None = None) -> Snapshot:
    """The session's view as it is now; weights : what the page lets the marks of anchors say."""
    view = session.view
    layout, colouring, middle = session.picture()
    return Snapshot(
        data=session.data, key=layout.key, anchor_sites=view.anchor_sites, anchors=view.anchors, layout=layout,
        seen=session.seen(), colour=view.colour, colouring=colouring, middle=middle, selected=view.selected, marks=view.marks,
        labels=view.labels, dark=bool(view.dark), coverage_model=session.coverage_model() if view.models else "", extent=extent,
        agreements=session.agreements(), weights=weights or {},
    )  # fmt: skip
