"""Pictures, tables and citations to take away."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard import summary
from dashboard.plots.figure import Panel, figure
from dashboard.session import Session
from engine import elements
from engine.types import FloatArray

PAPER = "Li and Walsh, Nature Machine Intelligence 8, 830 (2026), doi 10.1038/s42256-026-01235-7"


def share_text(share: float) -> str:
    """What a map's title says of the variance that its axes carry."""
    return "" if np.isnan(share) else f"{100 * share:.0f} % on these axes"


def caption(session: Session) -> str:
    """What a picture was made from: atlas, models, anchors and every parameter."""
    view, data = session.view, session.data
    names = ", ".join(data.models[name].title for name in view.models)
    what = (
        "raw features"
        if view.representation == "raw"
        else f"relative to {len(view.anchor_sites)} anchors ({view.anchors})"
    )
    frame = f"{view.frame} frame" if view.representation == "relative" else "own frame"
    return (
        f"Platonic Atlas, {data.atlas.name} ({data.atlas.checksum}), {data.n_sites:,} sites. Models: {names}. "
        f"{what}, {frame}, {view.layout.upper()}, {'centred' if view.centre else 'not centred'}, weights by "
        f"{'element' if view.balance == 'elements' else 'site'}. Coloured by {session.colouring().title.lower()}."
    )


def citation(session: Session) -> str:
    return f"{caption(session)} The idea: {PAPER}."


def panels(session: Session) -> list[Panel]:
    """The maps that are shown, the consensus last where there is one."""
    layout, colouring, middle = session.picture()
    shown = []
    for name in session.view.models:
        info = session.data.models[name]
        note = layout.reasons.get(name) or share_text(layout.share.get(name, float("nan")))
        title = f"{info.title} (control)" if info.control else info.title
        shown.append(Panel(title, info.subtitle, note, layout.coordinates.get(name), colouring))
    note = f"coloured by {middle.title.lower()}" if layout.consensus is not None else "none here"
    return [*shown, Panel("Consensus", "mean of the trained models shown", note, layout.consensus, middle)]


def picture(session: Session, format: str) -> bytes:
    """The maps as PNG or SVG at twice their size, with legend and caption."""
    view = session.view
    anchors = view.anchor_sites if view.marks and view.representation == "relative" else view.anchor_sites[:0]
    return figure(
        panels(session), session.layout().extent, session.data.numbers, caption=caption(session), anchors=anchors,
        selected=view.selected, labels=view.labels, dark=bool(view.dark), format=format,
    )  # fmt: skip


def file(session: Session, format: str) -> tuple[str, str, bytes]:
    """Name, type and content of what is to be saved: png, svg, or the selection as csv."""
    stem = f"platonic-atlas-{session.data.atlas.name}-{session.view.colour}"
    if format == "csv":
        return f"{stem}-selection.csv", "text/csv", summary.to_csv(session, session.layout()).encode()
    kind = {"png": "image/png", "svg": "image/svg+xml"}[format]
    return f"{stem}.{format}", kind, picture(session, format)


def element_words(session: Session, values: FloatArray) -> dict[int, str]:
    """What the table says of each element when the maps are coloured by a number: its mean."""
    numbers = session.data.numbers
    words: dict[int, Any] = {}
    for number in np.unique(numbers):
        known = values[(numbers == number) & np.isfinite(values)]
        if len(known):
            words[int(number)] = f"{elements.table().symbol[number]}: mean {known.mean():.3g}"
    return words
