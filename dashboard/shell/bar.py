"""The bar of choices: what the page offers in this view, the models, the search; and what each choice does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.search import find, matching
from platonic_atlas.dashboard.components.choice_bar import (
    Choice,
    ChoiceBar,
    ModelChoice,
    Option,
    Suggestion,
    bar_data,
)
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.umap_request import UmapRequest
from platonic_atlas.dashboard.state.choices import MAPS, TABLE, Kind
from platonic_atlas.dashboard.state.view import BY_HAND

PAIR = ("overlap_first", "overlap_second")


def colour_choice(session: Session) -> Choice:
    """The colourings of the atlas: the first ones at hand, the others under "More"."""
    known = session.colourings().values()
    first, more = (
        [Option(each.name, each.title) for each in known if each.first is wanted] for wanted in (True, False)
    )
    return Choice("colour", "Colour", session.view.colour, options=first, more=more)


class Bar:
    """Keeps the bar and the view in step; `groups` are those of the page, `models` whether it lets one choose them."""

    def __init__(
        self, session: Session, umap: UmapRequest, groups: Callable[[], Sequence[Choice]], models: Callable[[], bool]
    ) -> None:
        self.session, self.view, self.umap, self._groups, self._models_offered = (
            session,
            session.view,
            umap,
            groups,
            models,
        )
        self.bar = ChoiceBar()
        self.found: list[Suggestion] = []
        self.text = self.message = ""
        self.bar.param.watch(lambda event: self._heard(event.new), "intent")

    def refresh(self) -> None:
        self.bar.data = bar_data(
            self._groups(), self._models(), self.view.models, suggestions=self.found, search=self.text,
            message=self.message,
        )  # fmt: skip

    def _models(self) -> list[ModelChoice]:
        infos = self.session.data.models.values() if self._models_offered() else ()
        return [ModelChoice(m.name, m.title, m.trained_on, m.licence, m.traits, m.control) for m in infos]

    def _heard(self, intent: dict[str, Any]) -> None:
        act = {"choose": self._choose, "models": self._show_models, "search": self._search}.get(intent.get("kind", ""))
        if act:
            act(intent)

    def _choose(self, intent: dict[str, Any]) -> None:
        name, value = str(intent["id"]), intent["value"]
        if name == "anchors":
            if value != BY_HAND:
                self.session.choose_set(value)
        elif name == "layout" and value == "umap":
            self.umap.ask()
        elif name in TABLE:
            self._take(name, value)
        if self.view.layout == "umap" and self.umap.missing():
            self.view.layout = "pca"

    def _take(self, name: str, value: Any) -> None:
        """What the table allows, and what follows from it."""
        row = TABLE[name]
        chosen = bool(value) if row.kind is Kind.SWITCH else value
        if row.allowed is not None and row.admits(chosen, self.session):
            both = dict(zip(PAIR, self.session.pair() or (), strict=False)) if name in PAIR else {}
            self.view.param.update(**{**both, name: chosen, **self._implied(name, chosen)})

    def _implied(self, name: str, chosen: Any) -> dict[str, object]:
        """What changes with a choice, and back with the one that it replaces."""
        row, before = TABLE[name], getattr(self.view, name)
        back = row.implies.get(before, {}) if before != chosen else {}
        undone = {other: TABLE[other].default for other, value in back.items() if getattr(self.view, other) == value}
        new = row.implies.get(chosen, {})
        return undone | {other: value for other, value in new.items() if TABLE[other].admits(value, self.session)}

    def _show_models(self, intent: dict[str, Any]) -> None:
        known = [name for name in dict.fromkeys(intent["value"]) if name in self.session.data.models]
        if known:
            self.view.models = known[:MAPS]

    def _search(self, intent: dict[str, Any]) -> None:
        self.text, data = str(intent.get("text", ""))[:80], self.session.data
        self.found = [Suggestion(v, label, note) for v, label, note in matching(data, self.text)]
        self.message = ""
        if intent.get("commit"):
            sites = find(data, self.text)
            chosen = np.zeros(data.n_sites, dtype=bool)
            chosen[sites] = True
            self.message = f"{len(sites):,} atoms" if len(sites) else f"Nothing here is called {self.text!r}"
            if len(sites):
                self.view.select(chosen, intent.get("mode", "replace"))
            self.found = []
        self.refresh()
