"""The page as a whole: header, bar, eight maps, one sentence, the dock; Atlas and Anchors differ in the dock."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.components.header import Header, atlas_text, file_to_save, header_data
from platonic_atlas.dashboard.components.map_grid import CONSENSUS, MapGrid
from platonic_atlas.dashboard.components.sentence import Message, Sentence, sentence_data
from platonic_atlas.dashboard.pages.anchors import Anchors
from platonic_atlas.dashboard.pages.stitching.page import CHOICES as STITCH
from platonic_atlas.dashboard.pages.stitching.page import Stitching
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.shell.bar import Choices
from platonic_atlas.dashboard.shell.crystal import Crystal
from platonic_atlas.dashboard.shell.dock import Dock
from platonic_atlas.dashboard.shell.help import HELP
from platonic_atlas.dashboard.shell.umap_request import UmapRequest
from platonic_atlas.dashboard.state import urls
from platonic_atlas.dashboard.theme import asset
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.engine.types import READOUT

PICTURE = ["representation", "frame", "layout", "balance", "centre", "layer", "models", "anchors", "anchor_sites",
           "colour", "elements", "pixel", "consensus", "dark"]  # fmt: skip
LINKED = [*PICTURE, *STITCH, *urls.OVERLAP, "page", "marks", "labels", "stage", "selected", "atom"]


class Page:
    """Everything that one visitor sees, wired together."""

    def __init__(self, data: AtlasData) -> None:
        self.session = Session(data)
        self.view = self.session.view
        location = pn.state.location
        refused = urls.decode(location.search if location else "", self.session)
        self.messages = [
            Message(f"link-{i}", f"Part of the link was not followed: {text}.") for i, text in enumerate(refused)
        ]
        self.grid = MapGrid(self.view, data, self.session.picture)
        self.header, self.sentence = Header(), Sentence()
        self.umap = UmapRequest(self.session, lambda: self._sentence())
        self.stitching = Stitching(self.session)
        self.choices = Choices(self.session, self.umap, self.stitching.choices)
        self.dock, self.anchors = Dock(self.session, self.stitching.errors_by_element), Anchors(self.session)
        self.crystal = Crystal(self.session)
        self.titles = [
            pn.pane.HTML("", sizing_mode="stretch_width", margin=0, stylesheets=[asset("map_title.css")])
            for _ in self.grid.cells
        ]
        self.panel = pn.Column(self.dock.panel, margin=0, sizing_mode="stretch_both")
        self.saved, self.help_asked, self.link_note = 0, 0, ""
        self.download: dict[str, Any] | None = None
        self.drawing: Progress | None = None
        if self.view.layout == "umap" and self.umap.missing():
            self.view.layout = "pca"
            self.messages.append(
                Message(
                    "no-umap",
                    "The UMAP of the link is not on this machine.",
                    next="Press UMAP to compute it.",
                    kind="notice",
                )
            )
        self._watch()
        self.refresh()

    def _watch(self) -> None:
        view = self.view
        self.session.later.arrived = self._draw
        self.session.failures.changed = lambda: self._sentence()
        view.param.watch(lambda *_: self._draw(), PICTURE)
        view.param.watch(lambda *_: self.refresh(), ["page", "stage"])
        view.param.watch(lambda *_: self._selected(), ["selected"])
        view.param.watch(lambda *_: self._link(), LINKED)
        view.param.watch(lambda *_: self.choices.refresh(), ["marks", "labels"])
        view.param.watch(lambda *_: self._stitched(), STITCH)
        view.param.watch(lambda *_: self._compared(), [*urls.OVERLAP])
        self.header.param.watch(lambda event: self._header_heard(event.new), "intent")
        self.sentence.param.watch(lambda event: self._sentence_heard(event.new), "intent")
        self.dock.panel.param.watch(lambda event: self._panel_heard(event.new), "intent")

    # what follows from a change

    def _draw(self) -> None:
        self.grid.update()
        self.refresh()

    def refresh(self) -> None:
        """Words around the maps."""
        panels = {"anchors": self.anchors.panel, "stitching": self.stitching.scores}
        wanted = panels.get(self.view.page, self.dock.panel)
        if self.panel.objects != [wanted]:
            self.panel.objects = [wanted]
        self._titles()
        self._header()
        self._sentence()
        self.choices.refresh()
        self.dock.refresh()
        self.anchors.refresh()
        self.stitching.refresh()

    def _stitched(self) -> None:
        self.choices.refresh()
        self._sentence()
        self.dock.refresh_table()

    def _compared(self) -> None:
        if self.session.scheme.of_pair:
            self._draw()

    def _titles(self) -> None:
        layout = self.grid.layout
        for cell, pane in enumerate(self.titles[:CONSENSUS]):
            name = self.view.models[cell] if cell < len(self.view.models) else None
            pane.object = (
                self._title(name) if name else _title("", "", "A free place: choose one more model above.", muted=True)
            )
        why = layout.consensus_reason
        middle = self.grid.middle_colouring
        trained = len(self.session.data.trained(self.view.models))
        below = why or f"mean place in {trained} trained models, by {middle.title.lower()}"
        self.titles[CONSENSUS].object = _title(
            "Consensus", "" if why else _ramp(middle), html.escape(below), muted=bool(why)
        )

    def _title(self, name: str) -> str:
        info, layout = self.session.data.models[name], self.grid.layout
        reason = layout.reasons.get(name, "")
        missing = self.session.data.missing(name, self.view.layer)
        at = self.session.data.layer_of(name, self.view.layer)
        note = reason or saving.share_text(layout.share.get(name, float("nan")))
        outside = layout.outside.get(name, 0)
        layers = f" · {_layer_text(at)}" if self.view.layer != READOUT else ""
        below = (
            info.subtitle
            + layers
            + (f" · {missing:,} of {self.session.data.n_sites:,} not embedded" if missing else "")
        )
        below = (f"{outside:,} far outside · " if outside else "") + below
        note = html.escape(note).replace(saving.OF_WHAT, f'<span class="of-what">{saving.OF_WHAT}</span>')
        return _title(info.title, note, html.escape(below), licence=info.licence, control=info.control)

    def _header(self) -> None:
        view, data = self.view, self.session.data
        self.header.data = header_data(
            page=view.page, atlas=atlas_text(data.atlas.name, data.n_sites), dark=view.dark, stage=view.stage,
            cite=saving.citation(self.session), n_selected=view.n_selected, download=self.download, link_note=self.link_note,
            pictures=saving.choices(self.session),
        )  # fmt: skip

    def _sentence(self) -> None:
        lead, text = self.session.sentence()
        failed = [Message.of(name, error) for name, error in self.session.failures.told()]
        messages = [*self.messages, *([self.umap.message] if self.umap.message else []), *failed]
        self.sentence.data = sentence_data(
            lead=lead, text=text, help_sections=HELP, messages=messages, help_asked=self.help_asked,
            progress=self.umap.progress or self.drawing,
        )  # fmt: skip

    def _selected(self) -> None:
        self._header()

    def _link(self) -> None:
        query, left_out = urls.encode(self.session)
        if pn.state.location is not None:
            pn.state.location.search = query
        note = f"The link leaves out {' and '.join(left_out)}: too long for an address." if left_out else ""
        if note != self.link_note:
            self.link_note = note
            self._header()

    # what is asked

    def _header_heard(self, intent: dict[str, Any]) -> None:
        acts: dict[str, Callable[[dict[str, Any]], object]] = {
            "page": lambda i: self.view.param.update(page=i["value"]),
            "stage": lambda i: self.view.param.update(stage=bool(i["value"])),
            "dark": lambda i: self.view.param.update(dark=bool(i["value"]), dark_chosen=bool(i.get("chosen", True))),
            "save": lambda i: self._save(i["format"], str(i.get("what", saving.ALL))),
            "help": lambda i: self._help(),
            "opened": lambda i: self._opened(),
        }
        if act := acts.get(str(intent.get("kind"))):
            act(intent)

    def _opened(self) -> None:
        self.session.later.page_opened()
        self.session.later.ahead(partial(self.session.data.read_for_atoms, self.view.models))

    def _save(self, format: str, what: str = saving.ALL) -> None:
        """Draw a picture in a thread, for it takes seconds, and hand it to the browser."""
        draw = partial(saving.file, self.session, format, what, self.grid.seen())
        document = pn.state.curdoc
        if document is None or not document.session_context:
            self._hand_over(draw())
        else:
            self.drawing = Progress("Drawing the picture", None, cancellable=False)
            self._sentence()
            document.add_next_tick_callback(partial(self._save_later, draw))  # type: ignore[arg-type]

    async def _save_later(self, draw: Callable[[], tuple[str, str, bytes]]) -> None:
        try:
            self._hand_over(await self.session.later.run(draw))
            self.session.failures.withdraw("Drawing the picture")
        except Exception as error:
            self.session.failures.tell("Drawing the picture", error)
        finally:
            self.drawing = None
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
        if intent.get("kind") == "dismiss":
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
        titles = {f"title_{cell}": pane for cell, pane in enumerate(self.titles)}
        return {"header": self.header, "bar": self.choices.bar, "sentence": self.sentence, "table": self.dock.table,
                "stitch": self.stitching.maps, "panel": self.panel, "crystal": self.crystal.panel, **maps, **titles}  # fmt: skip


def _title(title: str, note: str, below: str, *, licence: str = "", control: bool = False, muted: bool = False) -> str:
    badge = '<span class="control" title="It learned nothing">control</span>' if control else ""
    terms = f'<span class="licence">{html.escape(licence)}</span>' if licence else ""
    before = f'<span class="terms">{html.escape(licence)} · </span>' if licence else ""
    state = " muted" if muted else ""
    return (
        f'<div class="title{state}"><div class="first"><b>{html.escape(title)}</b>{badge}{terms}<span class="note">{note}</span></div>'
        f'<div class="below" title="{below}">{before}{below}</div></div>'
    )


def _layer_text(layer: str) -> str:
    return f"layer {layer.removeprefix('layer-')}"


def _ramp(colouring: Colouring) -> str:
    """Low end, colours and high end of a scale, as numbers."""
    legend: dict[str, Any] = colouring.legend
    if legend.get("kind") != "scale":
        return ""
    stops = ",".join(legend["stops"])
    return (
        f'{legend["low"]:.2g} <i class="ramp" style="background:linear-gradient(90deg,{stops})"></i> '
        f"{legend['high']:.2g} {html.escape(legend['unit'])}"
    )
