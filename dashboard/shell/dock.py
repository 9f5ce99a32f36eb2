"""The dock: periodic table, what is selected, and one atom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from platonic_atlas.dashboard.components.periodic_table import PeriodicTable, table_data
from platonic_atlas.dashboard.components.selection_panel import (
    AtomCard,
    Bar,
    NearestRow,
    SelectionPanel,
    selection_data,
)
from platonic_atlas.dashboard.pages.base import TableColours
from platonic_atlas.dashboard.selection import inside, summary
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.state.choices import TABLE
from platonic_atlas.engine import elements
from platonic_atlas.engine.structures.symmetry import space_group_symbol


class Dock:
    """Keeps the periodic table and the selection panel in step with the view."""

    def __init__(self, session: Session, table_colours: Callable[[], TableColours | None] = lambda: None) -> None:
        """table_colours : colours and words of the page that is seen, where they are not those of the maps"""
        self.session, self.view, self._table_colours = session, session.view, table_colours
        self.table, self.panel = PeriodicTable(), SelectionPanel()
        self.open, self.inside, self.hovered = False, False, ""
        present, counts = np.unique(session.data.numbers, return_counts=True)
        self.counts = {int(z): int(n) for z, n in zip(present, counts, strict=True)}
        self.table.param.watch(lambda event: self._table_heard(event.new), "intent")
        self.panel.param.watch(lambda event: self._panel_heard(event.new), "intent")

    def refresh(self) -> None:
        self.refresh_table()
        self.refresh_panel()

    def refresh_table(self) -> None:
        own = self._table_colours()
        colouring = own.colouring if own else self.session.colouring()
        chosen = self._selected_elements()
        self.table.data = table_data(
            title=colouring.title, colours=colouring.by_element, counts=self.counts, legend=colouring.legend,
            selected=[z for z, all_of_it in chosen.items() if all_of_it], partly=list(chosen),
            values=own.words if own else None,
        )  # fmt: skip

    def _selected_elements(self) -> dict[int, bool]:
        """Elements with selected sites -> whether all of them are."""
        if not self.view.n_selected:
            return {}
        counts = np.bincount(self.session.data.numbers[self.view.selected])
        return {int(z): int(counts[z]) == self.counts[int(z)] for z in np.flatnonzero(counts)}

    def refresh_panel(self) -> None:
        view, session = self.view, self.session
        colours = session.colouring().by_element
        symbol = elements.table().symbol
        by_element = [Bar(str(symbol[z]), n, of, colours.get(z, "")) for z, n, of in summary.counts(session, "element")]
        by_prototype = [Bar(str(name or "unnamed"), n, of) for name, n, of in summary.counts(session, "prototype")]
        self.panel.data = selection_data(
            n_selected=view.n_selected, n_crystals=summary.n_crystals(session), n_sites=session.data.n_sites,
            by_element=by_element, by_prototype=by_prototype, can_undo=view.can_undo, drag=view.drag,
            atom=self._card(), rows=summary.rows(session) if self.open else None,
            inside=self._inside() if self.inside else None, suggestions=[] if view.n_selected else inside.suggestions(session),
            suggested_by=session.scheme.suggests or "disagree most",
        )  # fmt: skip

    def _inside(self) -> dict[str, Any]:
        session = self.session
        return {"crystals": inside.examples(session), "rows": inside.contrast_rows(session.data, session.view.selected)}

    def _nearest(self, site: int) -> list[NearestRow] | None:
        """The atoms most like a site in each model shown, and how many of the other models name them too."""
        found, data = self.session.nearest(site), self.session.data
        if found is None:
            return None
        named = np.bincount(np.concatenate([[0], *found.values()]).astype(int), minlength=data.n_sites)
        named[0] -= 1
        words = {site: summary.site_words(data, site) for sites in found.values() for site in sites.tolist()}
        return [
            NearestRow(data.models[model].title, [(site, words[site], int(named[site]) - 1) for site in sites.tolist()])
            for model, sites in found.items()
        ]

    def _card(self) -> AtomCard | None:
        site = self.view.atom
        if site is None:
            return None
        found = summary.describe(self.session.data, site)
        energies = [(row["model"], row["energy"]) for row in summary.site_energies(self.session, site)]
        return AtomCard(
            site=site, symbol=found["element"], name=found["name"], formula=found["formula"],
            prototype=found["prototype"], spacegroup=_space_group(found["spacegroup"]),
            coordination=found.get("coordination", ""), energies=energies,
            disagreement=summary.disagreement_percentile(self.session, site), nearest=self._nearest(site),
            id=found["id"],
        )  # fmt: skip

    def _table_heard(self, intent: dict[str, Any]) -> None:
        if intent.get("kind") != "elements":
            return
        by_symbol = elements.numbers_by_symbol()
        wanted = [by_symbol[s] for s in intent.get("symbols", []) if s in by_symbol]
        mode = intent.get("mode", "replace")
        if self.view.colour == "element":
            before = [] if mode == "replace" else [z for z in self.view.elements if z not in wanted]
            self.view.elements = [*before, *([] if mode == "subtract" else wanted)][:8]
        self.view.select(np.isin(self.session.data.numbers, wanted), mode)

    def _panel_heard(self, intent: dict[str, Any]) -> None:
        kind = intent.get("kind")
        if kind == "undo":
            self.view.undo()
        elif kind == "clear":
            self.view.clear()
        elif kind == "drag" and TABLE["drag"].admits(intent["value"], self.session):
            self.view.drag = intent["value"]
        elif kind == "row" and 0 <= int(intent["site"]) < self.session.data.n_sites:
            self.view.atom = int(intent["site"])
        elif kind == "inside":
            self.inside = bool(intent["open"])
            self.refresh_panel()
        elif kind == "suggestion":
            self._take(str(intent["label"]), str(intent["value"]))
        elif kind == "table":
            self.open = bool(intent["open"])
            self.refresh_panel()

    def _take(self, label: str, value: str) -> None:
        """Select a class of atoms that was suggested."""
        labels = inside.labels(self.session.data)
        if label in labels:
            self.view.select(labels[label] == value)


def _space_group(number: int) -> str:
    return f"{space_group_symbol(number)} ({number})" if number else ""
