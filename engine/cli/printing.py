"""How results are printed: JSON for programs, columns for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from platonic_atlas.engine.studies.record import Score, Stitch


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
