"""What `ingest` tells when it is done: how much came, what was changed, and what was left out for which reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas

#: So many structures that were left out are named; all are in the atlas.
MOST_NAMED = 20
WIDTH = 12


def tell_ingested(atlas: Atlas) -> None:
    """A table on the terminal; the structures that were left out one by one on standard error."""
    rejects = atlas.rejects()
    for reject in rejects[:MOST_NAMED]:
        named = reject["id"] or reject["input_index"]
        typer.echo(f"left out  {named}  {reject['source']}  {reject['reason']}", err=True)
    if len(rejects) > MOST_NAMED:
        typer.echo(f"… and {len(rejects) - MOST_NAMED:,} more: rejects.json in the atlas lists them", err=True)
    for name, value in _rows(atlas, rejects):
        typer.echo(f"{name:{WIDTH}}{value}")


def _rows(atlas: Atlas, rejects: list[dict[str, Any]]) -> list[tuple[str, str]]:
    files = int(atlas.made_with().get("files", 0))
    rows = [("atlas", str(atlas.path))]
    rows += [("files", f"{files:,}")] if files else []
    rows += [("structures", f"{atlas.n_structures:,}"), ("sites", f"{atlas.n_sites:,}")]
    if keys := atlas.energy_keys():
        rows.append(("energies", ", ".join(f"{count:,} under {name}" for name, count in keys.items())))
    rows += [("changed", f"{count:,}  {note}") for note, count in atlas.notes().items()]
    rows.append(("left out", f"{len(rejects):,}"))
    return rows + [("", f"{count:,}  {reason}") for reason, count in by_reason(rejects)]


def by_reason(rejects: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Reasons and how many structures each left out, the commonest first; reasons that differ in numbers count as one."""
    kinds: dict[str, list[str]] = {}
    for reject in rejects:
        reason = str(reject["reason"])
        kinds.setdefault(re.sub(r"\d+", "#", re.sub(r"'[^']*'", "'…'", reason)), []).append(reason)
    return sorted(((said[0], len(said)) for said in kinds.values()), key=lambda row: -row[1])
