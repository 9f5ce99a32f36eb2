"""The title above each map: which model, how much its axes carry, what is missing; and what the consensus shows."""

from __future__ import annotations

import html
from typing import Any

import panel as pn

from platonic_atlas.dashboard.atlas.agreement import agreed
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.components.map_grid import CONSENSUS, MapGrid
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.theme import asset
from platonic_atlas.engine.types import READOUT

LENT = "drawn in a frame that the trained models shaped"  # said of a control, whose order there is theirs


class Titles:
    """One pane a map."""

    def __init__(self, session: Session, grid: MapGrid) -> None:
        self.session, self.view, self.grid = session, session.view, grid
        self.panes = [
            pn.pane.HTML("", sizing_mode="stretch_width", margin=0, stylesheets=[asset("map_title.css")])
            for _ in grid.cells
        ]

    def refresh(self) -> None:
        layout = self.grid.layout
        for cell, pane in enumerate(self.panes[:CONSENSUS]):
            name = self.view.models[cell] if cell < len(self.view.models) else None
            pane.object = (
                self._title(name)
                if name
                else title_html("", "", "A free place: choose one more model above.", muted=True)
            )
        why = layout.consensus_reason
        middle = self.grid.middle_colouring
        trained = len(self.session.data.trained(self.view.models))
        below = why or f"mean place in {trained} trained models, by {middle.title.lower()}"
        self.panes[CONSENSUS].object = title_html(
            "Consensus", "" if why else _ramp(middle), html.escape(below), muted=bool(why)
        )

    def _title(self, name: str) -> str:
        info, layout = self.session.data.models[name], self.grid.layout
        missing = self.session.data.missing(name, self.view.layer)
        at = self.session.data.layer_of(name, self.view.layer)
        agreements = self.session.agreements()
        note = html.escape(saving.note(layout, agreements, name)).replace(
            saving.OF_WHAT, f'<span class="of-what">{saving.OF_WHAT}</span>'
        )
        outside = self.grid.outside(self.view.models.index(name))
        layers = f" · {_layer_text(at)}" if self.view.layer != READOUT else ""
        below = (
            info.subtitle
            + layers
            + (f" · {missing:,} of {self.session.data.n_sites:,} not embedded" if missing else "")
        )
        below = (f"{outside:,} far outside · " if outside else "") + below
        below = (f"{LENT} · " if info.control and self.session.lends() else "") + below
        told = self._in_words(name, info.control) if agreed(agreements.get(name)) else ""
        return title_html(info.title, note, html.escape(below), licence=info.licence, control=info.control, told=told)

    def _in_words(self, name: str, control: bool) -> str:
        """What the two numbers of a title mean."""
        others = [each for each in self.session.data.trained(self.view.models) if each != name]
        which = (
            "the trained models"
            if control
            else f"the other {len(others)} trained models"
            if len(others) > 1
            else "the other trained model"
        )
        what = "what is left of its places within elements" if self.grid.layout.key.within_elements else "its places"
        return (
            f"Correlation of {what} with the mean of {which}, along the first and the second axis of a frame that was "
            "shaped without it on one half of the crystals and is read on the other half. 1: alike; 0: nothing in common."
        )


def title_html(title: str, note: str, below: str, *, licence: str = "", control: bool = False, muted: bool = False,
               told: str = "", test: str = "") -> str:  # fmt: skip
    badge = '<span class="control" title="It learned nothing">control</span>' if control else ""
    terms = f'<span class="licence">{html.escape(licence)}</span>' if licence else ""
    before = f'<span class="terms">{html.escape(licence)} · </span>' if licence else ""
    state = " muted" if muted else ""
    named = f' data-test="{html.escape(test)}"' if test else ""
    meaning = f' title="{html.escape(told)}"' if told else ""
    return (
        f'<div class="title{state}"{named}><div class="first"><b>{html.escape(title)}</b>{badge}{terms}<span class="note"{meaning}>{note}</span></div>'
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
        f'{legend["low"]:.3g} <i class="ramp" style="background:linear-gradient(90deg,{stops})"></i> '
        f"{legend['high']:.3g} {html.escape(legend['unit'])}"
    )
