"""The two maps of a stitch: the source, and the target with the source translated into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.components.stitch_view import (
    Line,
    StitchView,
    chosen_bytes,
    colour_bytes,
    place_bytes,
    site_bytes,
    view_data,
)
from platonic_atlas.dashboard.pages.stitching.choices import UNFITTED
from platonic_atlas.dashboard.selection.summary import site_words
from platonic_atlas.dashboard.session import Session
from platonic_atlas.engine.stitching.methods import DIRECT
from platonic_atlas.engine.stitching.picture import Picture
from platonic_atlas.engine.studies.stitches import stitch_picture
from platonic_atlas.engine.types import IntArray

LINES = 40
LONGEST = {
    False: "Atoms of structures that the fit never saw, farthest from their true place; in units of the target’s spread.",
    True: "Atoms of a fifth of the structures, farthest from their true place; in units of the target’s spread.",
}


@dataclass(frozen=True)
class Stitched(Request[tuple[Picture, IntArray]]):
    """The two maps of a stitch and the sites in them; `digest` of the anchors, for a name may come to mean others."""

    source: str
    target: str
    method: str
    anchors: str | None
    digest: str

    doing = "Translating"

    def make(self, data: AtlasData) -> tuple[Picture, IntArray]:
        return stitch_picture(
            data.atlas, source=self.source, target=self.target, method=self.method, anchors=self.anchors
        )


class StitchMaps:
    """Keeps what the panel draws in step with the view."""

    def __init__(self, session: Session, panel: StitchView) -> None:
        self.session, self.view, self.panel = session, session.view, panel
        self._drawn: object = None
        self._drawn_pair: tuple[str, str] | None = None
        self._hovered: dict[str, Any] | None = None

    def title(self, which: str) -> str:
        """Title of the "source" or the "target"."""
        name = getattr(self.view, f"stitch_{which}")
        return self.session.data.models[name].title if name in self.session.data.models else name

    def draw(self) -> None:
        """The maps, or that they are being translated.

        Raises
        ------
        PlatonicError
            This stitch cannot be made; see `platonic_atlas.engine.studies.stitches.stitch_picture`.
        """
        if (drawn := self._picture()) is not None:
            self._show(*drawn)
        else:
            same = self._drawn_pair == (self.view.stitch_source, self.view.stitch_target)
            self.draw_nothing("Translating …", keep=same)

    def _picture(self) -> tuple[Picture, IntArray] | None:
        view, data = self.view, self.session.data
        anchors = None if view.stitch_method in DIRECT else view.stitch_anchors
        digest = data.atlas.anchors_digest(anchors) if anchors else ""
        wanted = Stitched(view.stitch_source, view.stitch_target, view.stitch_method, anchors, digest)
        if error := self.session.later.error(wanted):
            raise error
        return self.session.later.value(data, wanted)

    def _show(self, drawn: Picture, sites: IntArray) -> None:
        view, panel = self.view, self.panel
        if self._drawn is not drawn:
            self._drawn, self._drawn_pair = drawn, (view.stitch_source, view.stitch_target)
            panel.param.update(
                places=place_bytes(drawn.source, drawn.translated, drawn.target), sites=site_bytes(sites)
            )
        panel.param.update(
            colours=colour_bytes(self.session.colouring().rgb[sites]), chosen=chosen_bytes(view.selected[sites])
        )
        longest = np.argsort(np.where(drawn.test, -drawn.length, np.inf))[: min(LINES, int(drawn.test.sum()))]
        lines = [
            Line(int(sites[i]), site_words(self.session.data, int(sites[i])), float(drawn.length[i])) for i in longest
        ]
        panel.data = view_data(
            source=self.title("source"), target=self.title("target"), lines=lines, atom=view.atom, words=self._words(),
            note=LONGEST[view.stitch_method in UNFITTED], hovered=self._hovered,
        )  # fmt: skip

    def hover(self, site: int | None) -> None:
        """Name the atom that the pointer rests on."""
        known = site is not None and 0 <= site < self.session.data.n_sites
        self._hovered = {"site": site, "words": site_words(self.session.data, site)} if known else None  # type: ignore[arg-type]
        self.panel.data = self.panel.data | {"hovered": self._hovered}

    def _words(self) -> str:
        source, target = self.title("source"), self.title("target")
        if self.view.stitch_method in (*DIRECT, "anchors"):
            return f"{source} translated, on the axes of {target}"
        return f"{source} beside {target} in the space of their cosines to the anchors"

    def draw_nothing(self, reason: str, *, keep: bool = False) -> None:
        """`keep` the dots that are drawn, beneath the reason: they are of the same two models."""
        if not keep:
            self._drawn = self._drawn_pair = None
            self.panel.param.update(places=b"", colours=b"", chosen=b"", sites=b"")
        self.panel.data = view_data(source=self.title("source"), target=self.title("target"), reason=reason)
