"""Pictures, tables and citations to take away: all from one snapshot of the view."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from platonic_atlas.dashboard.atlas.agreement import agreed
from platonic_atlas.dashboard.atlas.layouts import Layout
from platonic_atlas.dashboard.plots.anchor_marks import meaning
from platonic_atlas.dashboard.plots.figure import Panel, figure
from platonic_atlas.dashboard.selection import inside, summary
from platonic_atlas.dashboard.snapshot import Snapshot
from platonic_atlas.engine.types import FloatArray

PAPER = "Li and Walsh, Nature Machine Intelligence 8, 830 (2026), doi 10.1038/s42256-026-01235-7"
OF_WHAT = " on these axes"
ALL, NUMBERS = "all", "numbers"
KINDS = {"png": "image/png", "svg": "image/svg+xml"}


def note(layout: Layout, agreements: Mapping[str, FloatArray], model: str) -> str:
    """What a map's title says: why there is no map, how far its model agrees with the trained ones, or the share of
    variance that its axes carry."""
    if reason := layout.reasons.get(model):
        return reason
    if both := agreed(agreements.get(model)):
        return f"agrees {decimal(both[0])} · {decimal(both[1])}"
    share = layout.share.get(model, float("nan"))
    return "" if np.isnan(share) else f"{100 * share:.0f} %{OF_WHAT}"


def decimal(value: float) -> str:
    """Two decimals, with a minus that is one."""
    return f"{value:.2f}".replace("-", "−")


def caption(snapshot: Snapshot, *, coloured: bool = True) -> str:
    """What a picture was made from: atlas, models, anchors and every parameter; `coloured` by what the maps are."""
    key, data = snapshot.key, snapshot.data
    names = ", ".join(data.models[name].title for name in key.models)
    raw = key.representation == "raw"
    what = "Raw features" if raw else f"Relative to {len(snapshot.anchor_sites)} anchors ({snapshot.anchors})"
    within = ", each site less the mean place of its element" if key.within_elements else ""
    return (
        f"Platonic Atlas, {data.atlas.name} ({data.atlas.checksum}), {data.n_sites:,} sites. Models: {names}. "
        f"{what}, {key.frame} frame{within}, {key.method.upper()}, {'centred' if key.centre else 'not centred'}, weights by "
        f"{'element' if key.balance == 'elements' else 'site'}."
    ) + (f" Coloured by {snapshot.colouring.title.lower()}." if coloured else "")


def citation(snapshot: Snapshot) -> str:
    return f"{caption(snapshot)} The idea: {PAPER}."


def panels(snapshot: Snapshot) -> list[Panel]:
    """The maps that are shown, the consensus last where there is one."""
    layout, colouring, middle = snapshot.layout, snapshot.colouring, snapshot.middle
    shown = []
    for name in snapshot.key.models:
        info = snapshot.data.models[name]
        rgb, classes = colouring.of(name)
        own = replace(colouring, rgb=rgb, classes=classes)
        reason = layout.reasons.get(name, "")
        below = reason or " · ".join(part for part in (info.trained_on, info.licence, info.traits) if part)
        said = "" if reason else note(layout, snapshot.agreements, name)
        shown.append(
            Panel(_map_title(snapshot, name), below, said, layout.coordinates.get(name), own, weights=snapshot.weights)
        )
    middle_note = f"coloured by {middle.title.lower()}" if layout.consensus is not None else ""
    below = layout.consensus_reason or "mean of the trained models shown"
    return [*shown, Panel("Consensus", below, middle_note, layout.consensus, middle, weights=snapshot.weights)]


def _map_title(snapshot: Snapshot, name: str) -> str:
    info = snapshot.data.models[name]
    return f"{info.title} (control)" if info.control else info.title


def choices(snapshot: Snapshot, extra: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """What can be saved as a picture, value and words: the maps, and what else the page draws."""
    titles = [*(_map_title(snapshot, name) for name in snapshot.key.models), "Consensus"]
    return [(ALL, "All maps"), *((str(cell), title) for cell, title in enumerate(titles)), *extra]


def picture(snapshot: Snapshot, format: str, what: str = ALL) -> bytes:
    """The maps, or one of them, as PNG or SVG at twice their size, with legend and caption."""
    marked = snapshot.marks and snapshot.key.representation == "relative"
    shown = panels(snapshot)
    if what.isdecimal() and int(what) < len(shown):
        shown = [shown[int(what)]]
    words = f"{caption(snapshot)} {meaning(snapshot.weights) if marked else ''}".strip()
    return figure(
        shown, snapshot.extent or snapshot.layout.extent, snapshot.data.numbers, caption=words,
        anchors=snapshot.anchor_sites if marked else snapshot.anchor_sites[:0], selected=snapshot.selected,
        labels=snapshot.labels, dark=snapshot.dark, format=format,
    )  # fmt: skip


def file(
    snapshot: Snapshot, format: str, what: str = ALL, *, extra: Sequence[tuple[str, str]] = (),
    draw: Callable[[Snapshot, str, str], bytes] | None = None,
) -> tuple[str, str, bytes]:  # fmt: skip
    """Name, type and content of what is to be saved: png, svg, the selection as csv, what distinguishes it, or the
    numbers of a picture of the page.

    extra, draw : pictures of the page besides the maps, and what draws one of them
    """
    data, stem = snapshot.data, f"platonic-atlas-{snapshot.data.atlas.name}"
    if format == "csv":
        table = summary.to_csv(data, snapshot.selected, snapshot.layout)
        return f"{stem}-{snapshot.colour}-selection.csv", "text/csv", table.encode()
    if format == "contrast":
        return f"{stem}-what-stands-out.csv", "text/csv", inside.contrast_csv(data, snapshot.selected).encode()
    which = "" if what == ALL else f"-{_stem(dict(choices(snapshot, extra)).get(what, what))}"
    of_page = draw is not None and what in dict(extra)
    if format == NUMBERS and draw and of_page:
        return f"{stem}{which}.csv", "text/csv", draw(snapshot, what, "csv")
    content = draw(snapshot, what, format) if draw and of_page else picture(snapshot, format, what)
    return f"{stem}-{snapshot.colour}{which}.{format}", KINDS[format], content


def _stem(title: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", title.lower()).strip("-")
