"""What is selected: how many, of what, as a table; and the atom that was tapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle

ROWS_SHOWN = 500
BARS_SHOWN = 5


class SelectionPanel(Component):
    """Intents: undo, clear, csv, reset, drag {value: lasso|box|pan}, table {open}, row {site}, inside {open},
    contrast_csv, suggestion {label, value}."""

    _esm = bundle("selection_panel.js")
    _stylesheets = styles("selection_panel")

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", **params})


@dataclass(frozen=True)
class Bar:
    """A part of the selection: `count` of the `total` sites that carry the label."""

    label: str
    count: int
    total: int
    colour: str = ""


@dataclass(frozen=True)
class Column:
    """A column of the table of selected sites."""

    key: str
    label: str
    unit: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class AtomCard:
    """The tapped atom.

    energies : (model title, site energy [eV] or None) in the order of the maps
    disagreement : percentile 0 … 100 among all sites, None where there is no shared space
    nearest : rows of nearest atoms, None while they are looked for
    id : of its structure, as the input names it
    """

    site: int
    symbol: str
    name: str
    formula: str
    prototype: str = ""
    spacegroup: str = ""
    coordination: str = ""
    energies: Sequence[tuple[str, float | None]] = ()
    disagreement: float | None = None
    nearest: Sequence[NearestRow] | None = None
    id: str = ""


@dataclass(frozen=True)
class NearestRow:
    """The atoms most like the current one in a model, best first: site, words, in how many other models it is named."""

    model: str
    atoms: Sequence[tuple[int, str, int]]


TABLE_COLUMNS = (
    Column("element", "Element"),
    Column("formula", "Formula"),
    Column("id", "Identifier"),
    Column("prototype", "Prototype"),
    Column("spacegroup", "Space group"),
    Column("coordination", "Neighbours", numeric=True),
)


def selection_data(
    *,
    n_selected: int,
    n_crystals: int,
    n_sites: int,
    by_element: Sequence[Bar] = (),
    by_prototype: Sequence[Bar] = (),
    can_undo: bool = False,
    drag: str = "lasso",
    atom: AtomCard | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
    columns: Sequence[Column] = TABLE_COLUMNS,
    inside: Mapping[str, Any] | None = None,
    suggestions: Sequence[Mapping[str, Any]] = (),
    suggested_by: str = "",
) -> dict[str, Any]:
    """What the panel shows. `rows` (each with a "site") are sent while the table is open; the first 500 are shown."""
    sent = None if rows is None else [dict(row) for row in rows[:ROWS_SHOWN]]
    return {
        "n": n_selected,
        "crystals": n_crystals,
        "of": n_sites,
        "by_element": _bars(by_element),
        "by_prototype": _bars(by_prototype),
        "can_undo": can_undo,
        "drag": drag,
        "atom": None if atom is None else _plain_atom(atom),
        "rows": sent,
        "rows_total": n_selected if rows is None else max(n_selected, len(rows)),
        "columns": [asdict(column) for column in columns],
        "inside": None if inside is None else dict(inside),
        "suggestions": [dict(each) for each in suggestions],
        "suggested_by": suggested_by,
    }


def _bars(bars: Sequence[Bar]) -> list[dict[str, Any]]:
    """The largest few; what is left is one bar."""
    ordered = sorted(bars, key=lambda bar: (-bar.count, bar.label))
    if len(ordered) > BARS_SHOWN:
        rest = ordered[BARS_SHOWN - 1 :]
        other = Bar(f"{len(rest)} others", sum(bar.count for bar in rest), sum(bar.total for bar in rest))
        ordered = [*ordered[: BARS_SHOWN - 1], other]
    return [asdict(bar) for bar in ordered]


def _plain_atom(atom: AtomCard) -> dict[str, Any]:
    rows = None if atom.nearest is None else [
        {"model": row.model, "atoms": [{"site": site, "words": words, "others": others} for site, words, others in row.atoms]}
        for row in atom.nearest
    ]  # fmt: skip
    energies = [{"model": model, "energy": energy} for model, energy in atom.energies]
    return {**asdict(atom), "energies": energies, "nearest": rows}
