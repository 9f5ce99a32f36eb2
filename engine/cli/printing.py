"""How results are printed: JSON for programs, columns for people."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from platonic_atlas.engine.studies.record import Score, Stitch

UNBROKEN = 1000  # columns: where a program reads, no row is broken into two lines


def report(values: dict[str, Any], as_json: bool, *, rows: Sequence[dict[str, Any]] | None = None) -> None:
    """Print a result: JSON for programs, plain columns for people."""
    if as_json:
        typer.echo(json.dumps(values, ensure_ascii=False))
        return
    for row in rows if rows is not None else [values]:
        if rows is None:
            for key, value in row.items():
                shown = ", ".join(map(str, value)) if isinstance(value, list) else value
                typer.echo(f"{key:14} {shown if shown != '' else 'none'}")
        else:
            typer.echo("  ".join(f"{value!s:24}" for value in row.values()))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], title: str = "", spare: Sequence[str] = ()) -> None:
    """Print rows under headings, as wide as the terminal; where there is none, each row is one line.

    spare : columns that are left out, in this order, while a row is wider than the terminal
    """
    from rich.console import Console
    from rich.measure import Measurement

    out = io.StringIO()
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else UNBROKEN
    console = Console(file=out, width=width, force_terminal=terminal, markup=False, highlight=False, emoji=False)
    if title:  # a line of its own: rich would break it to the width of the table
        console.print(title, style="bold")
    shown, left_out = _table(headings, rows), list[str]()
    for name in spare:
        if Measurement.get(console, console.options.update(width=UNBROKEN), shown).maximum <= width:
            break
        left_out.append(name)
        shown = _table(*_without(left_out, headings, rows))
    console.print(shown)
    lines = [line.rstrip() for line in out.getvalue().strip("\n").splitlines()]
    typer.echo("\n".join([*lines, ""]))


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """The first column, which says what a row is of, is never broken."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, heading in enumerate(headings):
        made.add_column(heading, no_wrap=place == 0, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def _without(names: Sequence[str], headings: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Any, Any]:
    kept = [place for place, heading in enumerate(headings) if heading not in names]
    return [headings[place] for place in kept], [[row[place] for place in kept] for row in rows]


def scores_table(study: Stitch) -> list[dict[str, str]]:
    """A stitch and its baselines below one another: each score with its interval; the rest is in --json."""

    def told(score: Score | None) -> str:
        if score is None or score.value is None:
            return "–"
        low, high = score.interval or (None, None)
        return f"{score.value:.3f}" + (f" ({low:.3f} to {high:.3f})" if low is not None else "")

    names = ["r2", "r2_raw", "atom_at_1", "element_at_1", "structure_at_1", "energy_mae"]
    scored = {f"{study.source} → {study.target}": study.scores, **study.baselines}
    shown = [name for name in names if any(told(each.get(name)) != "–" for each in scored.values())]
    rows = [{"": "", **{name: name for name in shown}}]
    rows += [{"": title, **{name: told(each.get(name)) for name in shown}} for title, each in scored.items()]
    return [*rows, *([{"": study.no_energies.detail}] if study.no_energies else [])]
