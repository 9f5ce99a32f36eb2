"""SDF and MOL: every molecule of the file, coordinates of the V2000 and V3000 tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.formats import species
from platonic_atlas.engine.structures.formats.frame import Frame, guarded, number, parsed
from platonic_atlas.engine.structures.formats.species import Unclear

#: The head of a value, "> 25 <name>": within its line, or each < of a file would be looked for to its end.
_DATA = re.compile(r">[^<]*<([^<>]+)>")


def looks_like(text: str) -> bool:
    return bool(re.search(r"(?m)^.{33,}V[23]000\s*$", text[:2000]))


def read(text: str, source: str) -> Iterator[Frame]:
    """Molecules between the lines $$$$, named by their first line, with their data as labels."""
    parts = re.split(r"(?m)^\$\$\$\$.*(?:\n|$)", text)
    parts = [part for k, part in enumerate(parts) if part.strip() or k == 0]
    for k, part in enumerate(parts):
        name = f"{source}#{k}"
        yield guarded(name, source, partial(_frame, part, name, source))


def _frame(part: str, name: str, source: str) -> Frame:
    atoms, notes = _molecule(part.split("\n"))
    return parsed(atoms, name, source, _given(part), columns={}, notes=notes)


def _given(part: str) -> dict[str, Any]:
    lines = part.split("\n")
    heads = ((k, _DATA.match(line)) for k, line in enumerate(lines[:-1]) if line.startswith(">"))
    data = {head[1]: lines[k + 1] for k, head in heads if head and lines[k + 1].strip()}
    title = lines[0].strip()
    return {**data, **({"name": title} if title else {})}


def _molecule(lines: Sequence[str]) -> tuple[Atoms, list[str]]:
    if len(lines) < 4:
        raise ValueError("a molecule without its table of atoms")
    rows = _v3000(lines) if "V3000" in lines[3] else _v2000(lines)
    found = [species.of_symbol(symbol) for symbol, _ in rows]
    places = np.array([place for _, place in rows], dtype=float).reshape(-1, 3)
    if len(places) > 1 and not np.ptp(places, axis=0).any():
        raise Unclear("its atoms have no coordinates")
    if lines[1][20:22].upper() == "2D" and not places[:, 2].any():
        raise Unclear("a drawing in two dimensions: its atoms have no place in space")
    return Atoms([z for z, _ in found], positions=places), sorted({note for _, note in found if note})


Row = tuple[str, list[float | None]]


def _v2000(lines: Sequence[str]) -> list[Row]:
    n = int(lines[3][:3])
    if len(lines) < 4 + n:
        raise ValueError(f"the file ends after {len(lines) - 4} of {n} atoms")
    rows = [_row_v2000(line) for line in lines[4 : 4 + n]]
    if len(lines) > 4 + n and None not in _row_v2000(lines[4 + n])[1] and lines[4 + n][31:34].strip().isalpha():
        raise ValueError(f"more atoms follow than the {n} that it counts")
    return rows


def _row_v2000(line: str) -> Row:
    return line[31:34].strip(), [number(line[k : k + 10]) for k in (0, 10, 20)]


def _v3000(lines: Sequence[str]) -> list[Row]:
    """Rows of atoms, as many as are counted; a row that ends with - goes on in the next."""
    text = "\n".join(lines).replace("-\nM  V30 ", "")
    begin, end = text.find("BEGIN ATOM"), text.find("END ATOM")
    counted = re.search(r"(?m)^M  V30 COUNTS (\d{1,9})", text)
    if not 0 <= begin < end or counted is None:
        raise ValueError("a molecule without its table of atoms")
    rows = [line.split() for line in text[begin:end].split("\n")[1:-1] if line.startswith("M  V30 ")]
    if len(rows) != int(counted[1]):
        raise ValueError(f"it counts {counted[1]} atoms and lists {len(rows)}")
    if any(len(row) < 7 for row in rows):
        raise ValueError("an atom has fewer than three coordinates")
    return [(row[3], [number(word) for word in row[4:7]]) for row in rows]
