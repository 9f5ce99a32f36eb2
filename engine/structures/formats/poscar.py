"""POSCAR and CONTCAR: elements by their line, or by a comment that is nothing but symbols; never out of words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import takewhile

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

from platonic_atlas.engine.structures.formats import species
from platonic_atlas.engine.structures.formats.frame import MOST_ATOMS, Frame, guarded, number, parsed
from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import FloatArray

_FLAGS = ("T", "F", "TRUE", "FALSE")
#: Lines that may stand straight after the atoms: a comment, velocities, and how they are written.
_AFTER_ATOMS = r"(?i)[#!]|lattice velocities|(cart\w*|kart\w*|direct|[ckd])[ \t]*(\n|$)"


def looks_like(text: str) -> bool:
    """A factor in the second line and three vectors after it; XDATCAR begins alike and goes on otherwise."""
    if "configuration=" in text[:100_000]:
        return False
    lines = text.split("\n")[:5]
    rows = [[number(word) for word in line.split("#")[0].split()] for line in lines[1:]]
    return len(rows) == 4 and len(rows[0]) in (1, 3) and 0 not in rows[0] and all(len(row) >= 3 for row in rows[1:]) and not any(
        value is None for row in (rows[0], *(row[:3] for row in rows[1:])) for value in row
    )  # fmt: skip


def read(text: str, source: str) -> Iterator[Frame]:
    """The one structure of the file."""
    name = f"{source}#0"
    yield guarded(name, source, partial(_frame, text.split("\n"), name, source))


def _frame(lines: Sequence[str], name: str, source: str) -> Frame:
    try:
        atoms, notes = _atoms(lines)
    except IndexError as error:
        raise ValueError("it is no whole POSCAR") from error
    return parsed(atoms, name, source, columns={}, notes=notes)


def _atoms(lines: Sequence[str]) -> tuple[Atoms, list[str]]:
    vectors = cell(lines)
    at = 5
    named = lines[at].split("!")[0].split()
    if named and not named[0].isdecimal():
        at += 1
    else:
        named = _of_comment(lines[0])
    counts = [int(word) for word in _leading(lines[at], r"\d{1,9}")]
    if sum(counts) > MOST_ATOMS:
        raise Unclear(f"it states more than {MOST_ATOMS} atoms")
    at += 1
    selective = lines[at].strip()[:1].lower() == "s"
    at += selective
    cartesian = lines[at].strip()[:1].lower() in ("c", "k")
    rows = list(takewhile(str.strip, lines[at + 1 : at + 1 + sum(counts)]))
    places = np.array([three(line) for line in rows]).reshape(-1, 3)
    if len(rows) < sum(counts):
        raise ValueError(f"the file ends after {len(rows)} of {sum(counts)} atoms")
    _must_end(lines[at + 1 + len(rows) :], len(rows))
    found = _kinds(named, counts, [_label(line) for line in rows])
    numbers = [z for z, _ in found]
    if cartesian:
        atoms = Atoms(numbers, positions=places * _scale(lines, vectors), cell=vectors, pbc=True)
    else:
        atoms = Atoms(numbers, scaled_positions=places, cell=vectors, pbc=True)
    return atoms, sorted({note for _, note in found if note})


def _kinds(named: Sequence[str], counts: Sequence[int], labels: Sequence[str]) -> list[tuple[int, str]]:
    """(atomic number, note) of every atom by the line of symbols and by the labels of the rows, which must agree."""
    told = {label: species.of_symbol(label) for label in dict.fromkeys(labels) if label}
    if not named and labels and all(labels):
        return [told[label] for label in labels]
    if not named or len(named) != len(counts):
        raise Unclear("there are no elements: neither a line of symbols nor a comment that is nothing but symbols")
    kinds = [species.of_symbol(re.split(r"[_/]", word)[0]) for word in named]
    found = [kind for kind, n in zip(kinds, counts, strict=True) for _ in range(n)]
    for k, (label, (z, _)) in enumerate(zip(labels, found, strict=True)):
        if label and told[label][0] != z:
            raise Unclear(
                f"the row of atom {k} is labelled {label}, and by the line of symbols it is {chemical_symbols[z]}"
            )
    return found


def _label(line: str) -> str:
    """The symbol behind three numbers and three flags, "" where none stands there."""
    words = line.split()[3:]
    if len(words) >= 3 and all(word.strip(".").upper() in _FLAGS for word in words[:3]):
        words = words[3:]
    match = re.fullmatch(r"[!#]?([A-Z][a-z]?)(?:\d*[+-]?\d*)", words[0]) if words else None
    return match[1] if match and species.is_element(match[1]) else ""


def _must_end(rest: Sequence[str], n: int) -> None:
    """After the atoms stand a blank line, velocities under a word of their own, or nothing: else atoms would be lost."""
    following = rest[0].strip() if rest else ""
    if following and not re.match(_AFTER_ATOMS, following):
        raise ValueError(f"more follows than the {n} atoms that it counts")
    text = "\n".join(rest[:50]).strip()
    if text and number(text.split()[0]) is None and not re.match(_AFTER_ATOMS, text) and looks_like(text):
        raise Unclear("a second structure follows, and a POSCAR holds one")


def _factors(lines: Sequence[str]) -> FloatArray:
    factors = np.array([number(word) for word in _leading(lines[1], r"[-+.\dEeDd]+")], dtype=float)
    if len(factors) not in (1, 3) or not np.isfinite(factors).all() or (factors == 0).any():
        raise ValueError("the scale is not one number or three")
    if len(factors) == 3 and (factors < 0).any():
        raise ValueError("of three scales none may be negative")
    return factors


def _raw(lines: Sequence[str]) -> FloatArray:
    return np.array([three(line) for line in lines[2:5]])


def _scale(lines: Sequence[str], vectors: FloatArray) -> FloatArray:
    """What Cartesian coordinates are multiplied by; a negative scale states the volume [Å³]."""
    factors = _factors(lines)
    if len(factors) == 3 or factors[0] > 0:
        return factors
    return np.array([(abs(np.linalg.det(vectors)) / abs(np.linalg.det(_raw(lines)))) ** (1 / 3)])


def cell(lines: Sequence[str]) -> FloatArray:
    """(3, 3) the vectors [Å] of a head: a comment, the scale, and three lines."""
    raw, factors = _raw(lines), _factors(lines)
    if len(factors) == 1 and factors[0] < 0:
        volume = abs(np.linalg.det(raw))
        if volume == 0:
            raise ValueError("the cell has no volume")
        return raw * (-factors[0] / volume) ** (1 / 3)
    return raw * factors


def three(line: str) -> list[float]:
    """The first three numbers of a line, ValueError where there are none."""
    values = [number(word) for word in line.split()[:3]]
    if len(values) < 3 or any(value is None for value in values):
        raise ValueError("a vector or a position is not three numbers")
    return [float(value) for value in values if value is not None]


def _leading(line: str, pattern: str) -> list[str]:
    """The words of a line before the first that is of another kind."""
    words: list[str] = []
    for word in line.split():
        if not re.fullmatch(pattern, word):
            break
        words.append(word)
    return words


def _of_comment(comment: str) -> list[str]:
    words = comment.split()
    return words if words and all(species.is_element(word) for word in words) else []
