"""Pictures, tables and citations to take away."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from platonic_atlas.dashboard.colourings import nearest_anchor
from platonic_atlas.dashboard.plots.coverage_figure import coverage_figure
from platonic_atlas.dashboard.plots.figure import Panel, figure
from platonic_atlas.dashboard.selection import inside, summary
from platonic_atlas.dashboard.session import Session
from platonic_atlas.engine import elements
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.types import FloatArray

Extent = tuple[float, float, float, float]
PAPER = "Li and Walsh, Nature Machine Intelligence 8, 830 (2026), doi 10.1038/s42256-026-01235-7"


OF_WHAT = " on these axes"


def share_text(share: float) -> str:
    """What a map's title says of the variance that its axes carry."""
    return "" if np.isnan(share) else f"{100 * share:.0f} %{OF_WHAT}"


def caption(session: Session) -> str:
    """What a picture was made from: atlas, models, anchors and every parameter."""
    view, data = session.view, session.data
    names = ", ".join(data.models[name].title for name in view.models)
    what = (
        "Raw features"
        if view.representation == "raw"
        else f"Relative to {len(view.anchor_sites)} anchors ({view.anchors})"
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
        rgb, classes = colouring.of(name)
        own = replace(colouring, rgb=rgb, classes=classes)
        title = f"{info.title} (control)" if info.control else info.title
        below = " · ".join(part for part in (info.trained_on, info.licence, info.traits) if part)
        shown.append(Panel(title, below, note, layout.coordinates.get(name), own))
    note = f"coloured by {middle.title.lower()}" if layout.consensus is not None else ""
    below = layout.consensus_reason or "mean of the trained models shown"
    return [*shown, Panel("Consensus", below, note, layout.consensus, middle)]


ALL, COVERAGE = "all", "coverage"


def choices(session: Session) -> list[tuple[str, str]]:
    """What can be saved as a picture: value and words."""
    maps = [(str(cell), panel.title) for cell, panel in enumerate(panels(session))]
    covered = session.view.representation == "relative" and len(session.view.anchor_sites)
    extra = [(COVERAGE, "Coverage by the anchors")] if session.view.page == "anchors" and covered else []
    return [(ALL, "All maps"), *maps, *extra]


def picture(session: Session, format: str, what: str = ALL, extent: Extent | None = None) -> bytes:
    """The maps, or one of them, as PNG or SVG at twice their size, with legend and caption.

    extent : the part of the maps that is seen, x0, x1, y0, y1; all of them where None
    """
    view = session.view
    if what == COVERAGE:
        return _coverage(session, format)
    anchors = view.anchor_sites if view.marks and view.representation == "relative" else view.anchor_sites[:0]
    shown = panels(session)
    if what.isdecimal() and int(what) < len(shown):
        shown = [shown[int(what)]]
    return figure(
        shown, extent or session.layout().extent, session.data.numbers, caption=caption(session), anchors=anchors,
        selected=view.selected, labels=view.labels, dark=bool(view.dark), format=format,
    )  # fmt: skip


def _coverage(session: Session, format: str) -> bytes:
    model, wanted = session.coverage_model(), nearest_anchor.values(session.data, session.seen())
    if wanted is None:
        raise AnchorError(
            "There are no anchors to measure distances to.",
            "Coverage is the distance of each atom to its nearest anchor.",
            "Choose anchors on the page Anchors.",
        )
    distance = session.data.made(wanted)
    reference = session.data.models[model].title
    words = f"{caption(session)} Distances to the nearest anchor in {reference}."
    return coverage_figure(
        distance, session.coverage_colouring(), caption=words, dark=bool(session.view.dark), format=format
    )


def file(session: Session, format: str, what: str = ALL, extent: Extent | None = None) -> tuple[str, str, bytes]:
    """Name, type and content of what is to be saved: png, svg, the selection as csv, or what distinguishes it."""
    stem = f"platonic-atlas-{session.data.atlas.name}-{session.view.colour}"
    if format == "csv":
        return f"{stem}-selection.csv", "text/csv", summary.to_csv(session, session.layout()).encode()
    if format == "contrast":
        return (
            f"platonic-atlas-{session.data.atlas.name}-what-stands-out.csv",
            "text/csv",
            inside.contrast_csv(session).encode(),
        )
    kind = {"png": "image/png", "svg": "image/svg+xml"}[format]
    which = "" if what == ALL else f"-{_stem(dict(choices(session)).get(what, what))}"
    return f"{stem}{which}.{format}", kind, picture(session, format, what, extent)


def _stem(title: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", title.lower()).strip("-")


def element_words(session: Session, values: FloatArray) -> dict[int, str]:
    """What the table says of each element when the maps are coloured by a number: its mean."""
    numbers = session.data.numbers
    words: dict[int, Any] = {}
    for number in np.unique(numbers):
        known = values[(numbers == number) & np.isfinite(values)]
        if len(known):
            words[int(number)] = f"{elements.table().symbol[number]}: mean {known.mean():.3g}"
    return words
