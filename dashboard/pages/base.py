"""What the shell asks of a page, and which pages there are.

A new page is a file with a subclass of `Page` and a line in `PAGES`; choices of its own are rows that it lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol

from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.components.choice_bar import Choice as BarChoice
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.snapshot import Snapshot
from platonic_atlas.dashboard.state.choices import Choice
from platonic_atlas.dashboard.state.view import declare

# Name in the address -> where its class lives; the order is that of the header. Classes are loaded by `page_kinds`.
PAGES: dict[str, str] = {
    "atlas": "platonic_atlas.dashboard.pages.atlas:Atlas",
    "anchors": "platonic_atlas.dashboard.pages.anchors.page:Anchors",
    "stitching": "platonic_atlas.dashboard.pages.stitching.page:Stitching",
}


class Desk(Protocol):
    """What a page may ask of the shell around it."""

    @property
    def selection(self) -> Any:
        """What is selected and which atom was tapped, as a panel for the dock."""

    @property
    def umap_missing(self) -> bool:
        """Whether UMAP would have to be computed for the maps that are shown."""

    def refresh(self) -> None:
        """Words, bar and dock anew: something that only the page knows has changed."""


@dataclass(frozen=True)
class TableColours:
    """Colours of the periodic table other than those of the maps, and words about each element (by atomic number)."""

    colouring: Colouring
    words: Mapping[int, str] | None = None


class Page:
    """One visitor's page. What it does not say is as on a page that shows the maps and nothing else.

    name, title : in the address and in the header
    choices : rows for the table of choices that are this page's own
    main : what stands in the place of the eight maps, None while they do ; room : where that is drawn, None where the
    page never has such a thing
    dock : what stands beside the periodic table
    """

    name: ClassVar[str]
    title: ClassVar[str]
    choices: ClassVar[tuple[Choice, ...]] = ()

    def __init__(self, session: Session, desk: Desk) -> None:
        self.session, self.view, self.desk = session, session.view, desk

    @property
    def main(self) -> Any | None:
        return None

    @property
    def room(self) -> Any | None:
        return self.main

    @property
    def dock(self) -> Any:
        return self.desk.selection

    @property
    def offers_models(self) -> bool:
        """Whether the bar lets one choose the models of the maps."""
        return self.main is None

    def bar(self) -> Sequence[BarChoice]:
        """Groups of the bar of choices."""
        return ()

    def sentence(self) -> tuple[str, str]:
        """Lead and text of the line under the maps: what is seen, and what it does not prove."""
        return self.title, ""

    def table(self) -> TableColours | None:
        """Other colours for the periodic table; None for those of the maps."""
        return None

    def pictures(self) -> Sequence[tuple[str, str]]:
        """What can be saved besides the maps: value and words."""
        return ()

    def tables(self) -> Sequence[str]:
        """Which of these have their numbers as a table, that `draw` writes for the format "csv"."""
        return ()

    def draw(self, snapshot: Snapshot, what: str, format: str) -> bytes:
        """A picture of `pictures` as a file, made of the snapshot, which stays as it is: it is called in a thread."""
        raise LookupError(what)

    def tapped(self, site: int | None) -> bool:
        """An atom of a map was tapped, or nothing; False where that means what it means everywhere: select it."""
        return False

    def weights(self) -> Mapping[int, float]:
        """What the mark of each anchor says, by its site: nothing where they are marked alike."""
        return {}

    def begin(self) -> None:
        """Take up the view of an address: what it leaves to the page is as the page opens."""

    def refresh(self, changed: frozenset[str]) -> None:
        """Draw anew what depends on these choices: called while the page is seen, with all of them when it opens."""


def page_kinds() -> dict[str, type[Page]]:
    """The classes of all pages; choices of their own are in the table once this was called.

    Raises
    ------
    TypeError
        What an entry of `PAGES` names is no page of that name.
    """
    kinds: dict[str, type[Page]] = {}
    for name, place in PAGES.items():
        module, _, class_name = place.partition(":")
        kind = getattr(import_module(module), class_name)
        if not (isinstance(kind, type) and issubclass(kind, Page) and kind.name == name):
            raise TypeError(f"{place} is no page called {name!r}")
        for row in kind.choices:
            declare(row)
        kinds[name] = kind
    return kinds
