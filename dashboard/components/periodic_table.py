"""The periodic table that is filter, legend and selection at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import param

from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle
from platonic_atlas.engine import elements

Cell = tuple[int, str, str, int, int, int, int]
F_BLOCK_GROUP = 0


class PeriodicTable(Component):
    """Intents: elements {symbols, mode: replace|add|subtract}, hover {symbol or null}."""

    cells = param.List(default=[], doc="(atomic number, symbol, name, row, column, group or 0, period)")

    _esm = bundle("periodic_table.js")
    _stylesheets = styles("periodic_table")

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"cells": [list(cell) for cell in element_cells()], "sizing_mode": "stretch_both", **params})


@lru_cache(maxsize=1)
def element_cells() -> tuple[Cell, ...]:
    """Where every element stands: rows 1 … 7, the f-block in rows 8 and 9; group 0 is the f-block."""
    table = elements.table()
    return tuple(
        (z, str(table.symbol[z]), str(table.name[z]), int(table.row[z]), int(table.column[z]), int(table.group[z]),
         int(table.period[z]))
        for z in range(1, elements.N_ELEMENTS + 1)
    )  # fmt: skip


def table_data(
    *,
    title: str,
    colours: Mapping[int, str],
    counts: Mapping[int, int],
    legend: Mapping[str, Any] | None = None,
    selected: Iterable[int] = (),
    partly: Iterable[int] = (),
    hovered: int | None = None,
    values: Mapping[int, str] | None = None,
    absent: str = "Not in this atlas",
) -> dict[str, Any]:
    """What the table shows, by atomic number.

    title, legend : what the colours mean; the legend as in `platonic_atlas.dashboard.colourings.palettes.Colouring`
    counts : sites of each element; an element without any is dimmed, `absent` says why
    selected : elements of which all sites are selected; partly : of which some are
    values : words about each element for its tooltip, such as its mean distance to the nearest anchor
    """
    symbol = elements.table().symbol
    present = {z: n for z, n in counts.items() if n > 0}
    some = set(selected)
    return {
        "title": title,
        "colors": {str(symbol[z]): colours[z] for z in present if z in colours},
        "counts": {str(symbol[z]): int(n) for z, n in present.items()},
        "selected": [str(symbol[z]) for z in sorted(some)],
        "partly": [str(symbol[z]) for z in sorted(set(partly) - some)],
        "hovered": "" if hovered is None else str(symbol[hovered]),
        "values": {str(symbol[z]): text for z, text in (values or {}).items()},
        "absent": absent,
        "legend": _plain_legend(legend),
    }


def _plain_legend(legend: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not legend:
        return None
    entries = [{"label": str(label), "color": colour} for label, colour in legend.get("entries", ())]
    return {**legend, "entries": entries} if legend["kind"] == "classes" else dict(legend)
