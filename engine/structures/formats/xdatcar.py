"""XDATCAR: the configurations of a run of VASP one by one, so that one that is cut off takes no other along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.formats import poscar, species
from platonic_atlas.engine.structures.formats.content import Lines
from platonic_atlas.engine.structures.formats.frame import MOST_ATOMS, Frame, broken, guarded, parsed
from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import FloatArray

_BEGIN = re.compile(r"(?i)\s*(direct|cartesian)\s+configuration\s*=")


@dataclass(frozen=True)
class Head:
    """What holds for the configurations below: atoms that it counts, cell [Å], atomic numbers, notes on isotopes.

    wrong : why there are no cell and numbers, None where there are
    """

    n: int
    cell: FloatArray | None = None
    numbers: Sequence[int] = ()
    notes: Sequence[str] = ()
    wrong: Exception | None = None


def looks_like(text: str) -> bool:
    return any(_BEGIN.match(line) for line in text[:4000].split("\n"))


def read(text: str, source: str) -> Iterator[Frame]:
    """Every configuration; a run whose cell changes repeats its head before each."""
    lines = Lines(text)
    begins = [k for k, line in enumerate(lines) if _BEGIN.match(line)]
    if not begins:
        yield broken(f"{source}#0", source, "the file holds no structure")
    head, former = Head(0, wrong=ValueError("the head of the file is not whole")), 0
    for k, begin in enumerate(begins):
        above = lines[former + head.n : begin]
        if any(line.strip() for line in above):
            head = _head(above)
        end = begins[k + 1] if k + 1 < len(begins) else len(lines)
        name, made = f"{source}#{k}", partial(_made, lines[begin:end], head, f"{source}#{k}", source)
        yield guarded(name, source, made, 0 if head.wrong else head.n)
        former = begin + 1


def _head(lines: Sequence[str]) -> Head:
    """The head above a configuration."""
    n = 0
    try:
        counts = [int(word) for word in lines[-1].split()]
        n = sum(counts)
        if n > MOST_ATOMS:
            raise Unclear(f"it states more than {MOST_ATOMS} atoms")
        named = lines[-2].split()
        if not named or named[0][:1].isdigit() or len(named) != len(counts):
            raise Unclear("there are no elements: the line of symbols is missing")
        found = [species.of_symbol(re.split(r"[_/]", word)[0]) for word in named]
        cell = poscar.cell(lines[-7:])
    except (ValueError, IndexError) as error:
        return Head(n, wrong=error)
    numbers = [z for (z, _), count in zip(found, counts, strict=True) for _ in range(count)]
    return Head(n, cell, numbers, sorted({note for _, note in found if note}))


def _made(lines: Sequence[str], head: Head, name: str, source: str) -> Frame:
    """The configuration that begins with the first line; raises what is wrong with it or with its head."""
    if head.wrong is not None:
        raise head.wrong
    rows = [line for line in lines[1 : 1 + head.n] if line.strip()]
    if len(rows) < head.n:
        return broken(name, source, f"the file ends after {len(rows)} of {head.n} atoms", head.n)
    places = np.array([poscar.three(line) for line in rows]).reshape(-1, 3)
    direct = lines[0].strip()[:1].lower() == "d"
    where = {"scaled_positions" if direct else "positions": places}
    return parsed(Atoms(head.numbers, cell=head.cell, pbc=True, **where), name, source, columns={}, notes=head.notes)
