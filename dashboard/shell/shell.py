"""The frame around every page: header, bar, maps, one sentence, the dock. It knows no page's name.

It watches the view: what changed is looked up in the table of choices, and only the parts that depend on it are drawn
anew, on the page that is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

import panel as pn
from param.parameterized import batch_call_watchers

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.served import Served
from platonic_atlas.dashboard.components.header import Header, atlas_text, file_to_save, header_data
from platonic_atlas.dashboard.components.map_grid import MapGrid
from platonic_atlas.dashboard.components.sentence import Message, Sentence, sentence_data
from platonic_atlas.dashboard.pages.base import Page
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.shell.bar import Bar
from platonic_atlas.dashboard.shell.crystal import Crystal
from platonic_atlas.dashboard.shell.dock import Dock
from platonic_atlas.dashboard.shell.help import HELP
from platonic_atlas.dashboard.shell.news import News
from platonic_atlas.dashboard.shell.titles import Titles
from platonic_atlas.dashboard.shell.umap_request import UmapRequest
from platonic_atlas.dashboard.snapshot import take
from platonic_atlas.dashboard.state import urls
from platonic_atlas.dashboard.state.choices import TABLE, Part, linked, parts_of
from platonic_atlas.dashboard.work.progress import Progress

DRAWING = "Drawing the picture"


class Shell:
    """Everything that one visitor sees, wired together."""

    def __init__(self, data: AtlasData, kinds: Mapping[str, type[Page]], served: Served | None = None) -> None:
        self.session = Session(data)
        self.news = News(self.session, served or Served(data), self._news_came)
        self.view = self.session.view
        location = pn.state.location
        refused = urls.decode(location.search if location else "", self.session)
        self.grid = MapGrid(self.view, data, self.session.picture)
        self.header, self.sentence, self.titles = Header(), Sentence(), Titles(self.session, self.grid)
        self.umap = UmapRequest(self.session, lambda: self._sentence())
        self.dock = Dock(self.session, lambda: self.page.table())
        self.crystal = Crystal(self.session)
        self.pages = {name: kind(self.session, self) for name, kind in kinds.items()}
        self.bar = Bar(self.session, self.umap, lambda: self.page.bar(), lambda: self.page.offers_models)
        self.panel = pn.Column(self.page.dock, margin=0, sizing_mode="stretch_both")
        self.saved, self.help_asked, self.link, self.link_note = 0, 0, "", ""
        self.download: dict[str, Any] | None = None
        self.drawing: Progress | None = None
        self._behind = False
        self.grid.homed = self.titles.refresh
        self.grid.pointer.tapped = lambda site: self.page.tapped(site)
        self._follow_link(refused)
        self._watch()
        self._changed(frozenset(TABLE))

    # what a page may ask (`pages.base.Desk`)

    @property
    def selection(self) -> Any:
        return self.dock.panel

    @property
    def umap_missing(self) -> bool:
        return bool(self.umap.missing())

    def refresh(self) -> None:
        """Which maps are seen and what their marks say, the words around them, bar and dock."""
        self._maps(frozenset())
        self.titles.refresh()
        self._header()
        self._sentence()
        self.bar.refresh()
        self.dock.refresh()

    # which page

    @property
    def page(self) -> Page:
        """The page that is seen; the first one where the link names none that there is."""
        return self.pages.get(self.view.page) or next(iter(self.pages.values()))

    def _follow_link(self, refused: list[str]) -> None:
        """What a link asked for and is not there, in words; the page and the layout that are shown instead."""
        self.messages = [_not_followed(i, text) for i, text in enumerate(refused)]
        if self.view.page not in self.pages:
            self.messages.append(_not_followed(len(self.messages), f"page cannot be {self.view.page!r}"))
            self.view.page = next(iter(self.pages))
        if self.view.layout == "umap" and self.umap.missing():
            self.view.layout = "pca"
            self.messages.append(
                Message("no-umap", "The UMAP of the link is not on this machine.", next="Press UMAP to compute it.",
                        kind="notice")
            )  # fmt: skip

    def _watch(self) -> None:
        self.session.later.arrived = self._arrived
        self.session.failures.changed = lambda: self._sentence()
        self.view.param.watch(lambda *events: self._changed(frozenset(e.name for e in events)), list(TABLE))
        self.header.param.watch(lambda event: self._header_heard(event.new), "intent")
        self.sentence.param.watch(lambda event: self._sentence_heard(event.new), "intent")
        self.dock.panel.param.watch(lambda event: self._panel_heard(event.new), "intent")

    # what follows from a change

    def _arrived(self) -> None:
        """A value that was waited for is there: colours, neighbours, whatever the page had asked for."""
        self._maps(frozenset({Part.MAPS}))
        self.refresh()
        self.page.refresh(frozenset())

    def _changed(self, names: frozenset[str]) -> None:
        parts = parts_of(names)
        if names & set(linked()):
            self._link()
        if Part.PAGE in parts and self.panel.objects != [self.page.dock]:
            self.panel.objects = [self.page.dock]
        self._maps(parts)
        if parts & {Part.WORDS, Part.PAGE}:
            self.refresh()
        else:
            self._header()
            self.dock.refresh()
        self.page.refresh(frozenset(TABLE) if "page" in names else names)

    def _maps(self, parts: frozenset[Part]) -> None:
        """Draw the maps anew where they are seen, else when they are seen again; marks and the selection they follow
        themselves."""
        self.grid.shown = self.page.main is None
        if not self.grid.shown:
            self._behind = self._behind or bool(parts & {Part.MAPS, Part.MARKS, Part.SELECTION})
        elif Part.MAPS in parts or self._behind:
            drawn = self.grid.update()
            if self._behind and not drawn:
                self.grid.redraw()
            self._behind = False
        self.grid.weigh(self.page.weights())

    def _header(self) -> None:
        view, data, snapshot = self.view, self.session.data, take(self.session)
        self.header.data = header_data(
            page=self.page.name, main="" if self.page.main is None else self.page.name, atlas=atlas_text(data.atlas.name, data.n_sites), dark=view.dark, stage=view.stage,
            cite=saving.citation(snapshot), n_selected=view.n_selected, download=self.download, link=self.link,
            link_note=self.link_note, pictures=saving.choices(snapshot, self.page.pictures()),
            tables=self.page.tables(),
            pages={name: page.title for name, page in self.pages.items()}, reloads=self.news.reloads,
        )  # fmt: skip

    def _sentence(self) -> None:
        lead, text = self.page.sentence()
        failed = [Message.of(name, error) for name, error in self.session.failures.told()]
        own = [each for each in (self.umap.message, self.news.message) if each]
        messages = [*self.messages, *own, *failed]
        self.sentence.data = sentence_data(
            lead=lead, text=text, help_sections=HELP, messages=messages, help_asked=self.help_asked,
            progress=self.umap.progress or self.drawing,
        )  # fmt: skip

    def _link(self) -> None:
        self.link, left_out = urls.encode(self.session)
        self.link_note = f"The link leaves out {' and '.join(left_out)}: too long for an address." if left_out else ""

    # what is asked

    def _header_heard(self, intent: dict[str, Any]) -> None:
        acts: dict[str, Callable[[dict[str, Any]], object]] = {
            "page": lambda i: self._turn_to(str(i["value"])),
            "stage": lambda i: self.view.param.update(stage=bool(i["value"])),
            "dark": lambda i: self.view.param.update(dark=bool(i["value"]), dark_chosen=bool(i.get("chosen", True))),
            "save": lambda i: self._save(i["format"], str(i.get("what", saving.ALL))),
            "help": lambda i: self._help(),
            "opened": lambda i: self._opened(),
            "went": lambda i: self._went(str(i["value"]), bool(i.get("dark"))),
        }
        if act := acts.get(str(intent.get("kind"))):
            act(intent)

    def _turn_to(self, name: str) -> None:
        if name in self.pages:
            self.view.page = name

    def _went(self, query: str, dark: bool) -> None:
        """Back or forward in the browser, to an address of before: its view."""
        with batch_call_watchers(self.view):
            refused = urls.restore(query, self.session)
            if not self.view.dark_chosen:
                self.view.dark = dark
            for page in self.pages.values():
                page.begin()
            self._follow_link(refused)
        self._sentence()

    def _news_came(self) -> None:
        self._sentence()
        self._header()

    def _opened(self) -> None:
        self.session.later.page_opened()
        self.news.follow()
        self.session.later.ahead(partial(self.session.data.read_for_atoms, self.view.models))

    def _save(self, format: str, what: str = saving.ALL) -> None:
        """Draw a picture of what is seen now in a thread, for it takes seconds, and hand it to the browser."""
        snapshot, page = take(self.session, self.grid.seen(), self.page.weights()), self.page
        draw = partial(saving.file, snapshot, format, what, extra=page.pictures(), draw=page.draw)
        document = pn.state.curdoc
        if document is None or not document.session_context:
            self._hand_over(draw())
        else:
            self.drawing = Progress(DRAWING, None, cancellable=False)
            self._sentence()
            self.session.later.then(draw, self._drawn)

    def _drawn(self, future: Future[tuple[str, str, bytes]]) -> None:
        self.drawing = None
        if (error := future.exception()) is not None:
            self.session.failures.tell(DRAWING, error)
        else:
            self.session.failures.withdraw(DRAWING)
            self._hand_over(future.result())
        self._sentence()

    def _hand_over(self, file: tuple[str, str, bytes]) -> None:
        self.saved += 1
        self.download = file_to_save(*file, self.saved)
        self._header()

    def _help(self) -> None:
        self.help_asked += 1
        self._sentence()

    def _sentence_heard(self, intent: dict[str, Any]) -> None:
        if intent.get("kind") == "cancel":
            self.umap.cancel()
        if intent.get("kind") == "act" and intent.get("id") == "news":
            self.news.show()
        if intent.get("kind") == "dismiss":
            if intent["id"] == "news":
                self.news.dismiss()
            self.umap.message = None
            self.session.later.try_again()
            self.session.failures.dismiss(intent["id"])
            self.messages = [message for message in self.messages if message.id != intent["id"]]
            self._sentence()

    def _panel_heard(self, intent: dict[str, Any]) -> None:
        if intent.get("kind") == "reset":
            self.grid.reset()
        elif intent.get("kind") == "csv":
            self._save("csv")
        elif intent.get("kind") == "contrast_csv":
            self._save("contrast")

    def roots(self) -> dict[str, Any]:
        """The pieces by the names that assets/page.html gives them."""
        maps = {f"map_{cell}": pane for cell, pane in enumerate(self.grid.panes)}
        titles = {f"title_{cell}": pane for cell, pane in enumerate(self.titles.panes)}
        mains = {f"main_{name}": page.room for name, page in self.pages.items() if page.room is not None}
        return {"header": self.header, "bar": self.bar.bar, "sentence": self.sentence, "table": self.dock.table,
                "panel": self.panel, "crystal": self.crystal.panel, **mains, **maps, **titles}  # fmt: skip


def _not_followed(number: int, text: str) -> Message:
    return Message(f"link-{number}", f"Part of the link was not followed: {text}.")
