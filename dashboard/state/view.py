"""What a session sees: choices, selection, anchors. Parameters only, no widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import param

from platonic_atlas.dashboard.state.choices import TABLE, Choice
from platonic_atlas.engine.choices import Balance, FrameName, LayoutMethod, Representation
from platonic_atlas.engine.types import BoolArray, IntArray, LayoutKey

UNDO_STEPS = 50
BY_HAND = "by hand"


class View(param.Parameterized):
    """One session's view of an atlas: a parameter for each row of the table of choices, which components watch."""

    if TYPE_CHECKING:
        selected: BoolArray
        anchor_sites: IntArray

        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...

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


def layout_key(view: Any) -> LayoutKey:
    """What places the atoms in a view, or in anything that has its choices as attributes."""
    return LayoutKey(
        method=LayoutMethod(view.layout),
        representation=Representation(view.representation),
        frame=FrameName(view.frame if view.representation == "relative" else FrameName.OWN),
        anchors=view.anchors,
        models=tuple(view.models),
        layer=view.layer,
        balance=Balance(view.balance),
        centre=view.centre,
        within_elements=view.within == "elements" and view.representation == "relative" and view.layout == "pca",
    )


def declare(row: Choice) -> None:
    """Take a choice into the table, and its parameter into every view; a page does so for choices of its own."""
    if row.name not in View.param:
        View.param.add_parameter(row.name, param.Parameter(default=row.default, instantiate=True, doc=row.doc))
    TABLE[row.name] = row


for _row in tuple(TABLE.values()):
    declare(_row)
