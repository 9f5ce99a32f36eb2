"""What a session sees: choices, selection, anchors. Parameters only, no widgets."""

from __future__ import annotations

from typing import Any

import numpy as np
import param

from platonic_atlas.engine.types import BoolArray, IntArray

MAPS = 7
UNDO_STEPS = 50
BY_HAND = "by hand"


class View(param.Parameterized):
    """One session's view of an atlas; every change is a parameter change that components watch."""

    page: param.Selector[Any] = param.Selector(default="atlas", objects=["atlas", "anchors", "stitching"])
    colour = param.String(default="group")
    elements = param.List(default=[], item_type=int, doc="atomic numbers chosen to be coloured by element, in order")
    representation: param.Selector[Any] = param.Selector(default="relative", objects=["relative", "raw"])
    frame: param.Selector[Any] = param.Selector(default="shared", objects=["shared", "own"])
    layout: param.Selector[Any] = param.Selector(default="pca", objects=["pca", "umap"])
    balance: param.Selector[Any] = param.Selector(default="elements", objects=["elements", "atoms"])
    centre = param.Boolean(default=True)
    layer = param.String(default="readout")
    models = param.List(default=[], item_type=str)
    anchors = param.String(default="")
    anchor_sites = param.Array(default=np.zeros(0, dtype=np.int32), doc="the sites of the anchors in use")
    marks = param.Boolean(default=True, doc="anchors drawn as marks")
    labels = param.Boolean(default=True, doc="element symbols at the medoids")
    pixel: param.Selector[Any] = param.Selector(default="mean", objects=["mean", "majority"])
    consensus: param.Selector[Any] = param.Selector(default="disagreement", objects=["disagreement", "colour"])
    selected = param.Array(default=np.zeros(0, dtype=bool))
    atom = param.Integer(default=None, allow_None=True, doc="the site that was tapped")
    drag: param.Selector[Any] = param.Selector(default="lasso", objects=["lasso", "box", "pan"])
    overlap_first = param.String(default="", doc="a model whose neighbours are compared; empty for the first shown")
    overlap_second = param.String(default="", doc="with those of another")
    stitch_source = param.String(default="", doc="the model that is translated")
    stitch_target = param.String(default="", doc="the model into whose space")
    stitch_method = param.String(default="ridge")
    stitch_anchors = param.String(default="")
    stage = param.Boolean(default=False)
    dark = param.Boolean(default=None, allow_None=True)
    dark_chosen = param.Boolean(default=False, doc="by the visitor, not by the browser's setting")

    def __init__(self, n_sites: int, **choices: Any) -> None:
        super().__init__(**choices)
        self.n_sites = n_sites
        self._past: list[BoolArray] = []
        if len(self.selected) != n_sites:
            self.selected = np.zeros(n_sites, dtype=bool)

    @property
    def n_selected(self) -> int:
        return int(np.count_nonzero(self.selected))

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    def select(self, chosen: BoolArray, mode: str = "replace") -> None:
        """Combine `chosen` (n_sites,) with the selection: replace, add or subtract."""
        combined = {"replace": chosen, "add": self.selected | chosen, "subtract": self.selected & ~chosen}[mode]
        if np.array_equal(combined, self.selected):
            return
        self._past = [*self._past[-UNDO_STEPS + 1 :], self.selected]
        self.selected = combined

    def clear(self) -> None:
        self.select(np.zeros(self.n_sites, dtype=bool))

    def undo(self) -> None:
        if self._past:
            before = self._past.pop()
            self.selected = before

    def use_anchors(self, name: str, sites: IntArray) -> None:
        """Take other anchors; the name is the set's, or what made it."""
        self.param.update(anchors=name, anchor_sites=np.asarray(sites, dtype=np.int32))

    def toggle_anchor(self, site: int) -> None:
        """Add a site to the anchors, or take it away."""
        sites = self.anchor_sites
        kept = sites[sites != site]
        self.use_anchors(BY_HAND, kept if len(kept) < len(sites) else np.append(sites, site))
