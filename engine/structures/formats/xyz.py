"""Extended and plain xyz, frame by frame: the first line of each says how many atoms follow.

Read here and not by ASE, whose reader turns identifiers into numbers, stumbles over energies that are text, and knows no
numbers in Fortran's form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.formats import species
from platonic_atlas.engine.structures.formats.content import Lines
from platonic_atlas.engine.structures.formats.frame import MOST_ATOMS, Frame, broken, guarded, left_out, number, parsed
from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import FloatArray

_COUNT = re.compile(r"\s*(\d{1,12})\s*([#!A-Za-z].*)?")
_WORD = r"[^\s=\"'{}\[\]]+"
_VALUE = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\{[^{}]*\}|\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]|[^\s]+"
_PAIR = re.compile(rf"(?P<quoted>\"[^\"]*\"|{_WORD})\s*=\s*(?P<value>{_VALUE})|(?P<flag>{_WORD})", re.DOTALL)
_PLAIN = [("species", "S", 1), ("pos", "R", 3)]
_LENGTH = r"(?:lengths?|distances?|positions?|pos|coord(?:inate)?s?|cell|lattice)"
_UNIT_KEY = re.compile(rf"(?:{_LENGTH}[-_ ]?)?units?(?:[-_ ]?{_LENGTH})?", re.IGNORECASE)
#: Units of length, and sets of units of LAMMPS, that are not Å.
OTHER_LENGTHS = {
    "bohr", "bohrs", "a0", "au", "a.u.", "atomic", "atomic_units", "nm", "nanometer", "nanometers", "nanometre", "pm",
    "m", "meter", "electron", "si", "cgs", "micro", "nano", "lj",
}  # fmt: skip
_BOHR = re.compile(r"(?<![/*\w])bohrs?(?![\w^*-])")  # of a length, not of a force
#: Lines that a comment may go on over, where a quote is not closed.
LONGEST_COMMENT = 20
TRUE, FALSE = ("t", "true", "1", ".true."), ("f", "false", "0", ".false.")


def read(text: str, source: str) -> Iterator[Frame]:
    """Every frame. A broken one ends where the next that is told by its comment begins, so that it takes none along."""
    return frames(Lines(text), source)


def frames(lines: Sequence[str], source: str) -> Iterator[Frame]:
    """The frames of a file's lines, each line looked at a bounded number of times."""
    last = _last(lines)
    at, k = 0, 0
    while at < last:
        if not lines[at].strip():
            at += 1
            continue
        frame, at = _next(lines, at, last, f"{source}#{k}", source)
        k += 1
        yield frame
    if k == 0:
        yield broken(f"{source}#0", source, "the file holds no structure")


def _next(lines: Sequence[str], at: int, last: int, name: str, source: str) -> tuple[Frame, int]:
    """The frame that begins at a line, and the line at which the next one begins."""
    count = _COUNT.fullmatch(lines[at])
    if count is None:
        said = "the line that gives the number of atoms is not a number"
        return broken(name, source, said), _resumed(lines, at + 1, last)
    n = int(count[1])
    comment, start = _comment(lines, at + 1)
    end = _resumed(lines, start, min(start + n, last))
    if end < start + n:  # before the rows are parsed: a file of such frames would have them parsed again and again
        said = f"the {'file' if end == last else 'frame'} ends after {max(end - start, 0)} of {n} atoms"
        return broken(name, source, said, n_atoms=n if n <= len(lines) else 0), max(end, at + 1)
    if n > MOST_ATOMS:
        return left_out(name, source, f"it states more than {MOST_ATOMS} atoms", n), end
    frame = guarded(name, source, partial(_frame, comment, lines[start:end], name, source), n)
    if frame.atoms is not None and _is_row(_following(lines, end, last)):
        frame = broken(name, source, f"more atoms follow than the {n} that it counts", n_atoms=n)
    return frame, end


def _following(lines: Sequence[str], at: int, last: int) -> str:
    """The next line that is not blank, "" where there is none."""
    return next((lines[k] for k in range(at, last) if lines[k].strip()), "")


def _is_row(line: str) -> bool:
    """Whether a line is an atom: a symbol and three numbers."""
    words = line.split()
    return len(words) >= 4 and words[0][:1].isalpha() and all(number(word) is not None for word in words[1:4])


def _resumed(lines: Sequence[str], at: int, end: int) -> int:
    """The next line before `end` that is a count with a comment of extended xyz after it, else `end`."""
    for k in range(at, min(end, len(lines) - 1)):
        following = lines[k + 1]
        if ("Properties=" in following or "Lattice=" in following) and _COUNT.fullmatch(lines[k]):
            return k
    return end


def _last(lines: Sequence[str]) -> int:
    """One past the last line that is not blank."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _comment(lines: Sequence[str], at: int) -> tuple[str, int]:
    """The comment line and where the atoms begin: a value in quotes may go on over the end of a line."""
    comment = lines[at] if at < len(lines) else ""
    if "Properties=" not in comment and "Lattice=" not in comment:
        return comment, at + 1
    for more in range(at + 1, min(at + LONGEST_COMMENT, len(lines))):
        if len(re.findall(r'(?<!\\)"', comment)) % 2 == 0:
            return comment, more
        comment += "\n" + lines[more]
    return lines[at], at + 1


def _frame(comment: str, rows: Sequence[str], name: str, source: str) -> Frame:
    given = pairs(comment)
    _must_be_in_angstrom(comment, given)
    columns = _columns(rows, _layout(given))
    atoms, notes = _atoms(given, columns, len(rows))
    return parsed(atoms, name, source, _plain(given), columns=columns, notes=notes)


def pairs(comment: str) -> dict[str, str]:
    """key=value of a comment, values as they are written without their quotes; words alone say nothing."""
    found: dict[str, str] = {}
    if len(comment) > 1_000_000:
        raise ValueError("its comment line is longer than a million characters")
    for match in _PAIR.finditer(comment):
        if not match["flag"]:
            found.setdefault(match["quoted"].strip('"'), _unquoted(match["value"]))
    return found


def _must_be_in_angstrom(comment: str, given: Mapping[str, str]) -> None:
    """xyz is in Å; a comment that says otherwise leaves open of what: positions, cell, or both."""
    stated = {
        word for key, value in given.items() if _UNIT_KEY.fullmatch(key) for word in re.split(r"[\s,;]+", value.lower())
    }
    alone = " ".join(match["flag"] for match in _PAIR.finditer(comment) if match["flag"]).lower()
    other = sorted(stated.intersection(OTHER_LENGTHS)) or ([] if "angstrom" in alone else _BOHR.findall(alone))
    if other:
        raise Unclear(f"its comment says {other[0]}, and lengths of xyz are in Å: write it in Å, or leave the word out")


def _unquoted(value: str) -> str:
    for mark in "\"'":
        if len(value) >= 2 and value[0] == value[-1] == mark:
            return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value[1:-1])
    return value


def _layout(given: dict[str, str]) -> list[tuple[str, str, int]]:
    """(name, kind, width) of the columns; without a word on them those of plain xyz."""
    text = given.get("Properties", given.get("properties", ""))
    if not text:
        return []
    parts = text.split(":")
    if len(parts) % 3 or any(not w.isdecimal() or len(w) > 3 for w in parts[2::3]):
        raise ValueError("Properties does not describe the columns")
    return [(a, b.upper(), int(c)) for a, b, c in zip(parts[::3], parts[1::3], parts[2::3], strict=True)]


def _columns(rows: Sequence[str], layout: list[tuple[str, str, int]]) -> dict[str, Any]:
    """name -> (n,) or (n, width) values; a column of numbers that is none is dropped unless it holds the atoms."""
    fields = [row.split() for row in rows]
    plain, layout = not layout, layout or _PLAIN
    width = sum(each for _, _, each in layout)
    short = next((k for k, row in enumerate(fields) if len(row) < width or (not plain and len(row) > width)), None)
    if short is not None:
        raise ValueError(f"atom {short} has {len(fields[short])} columns where {width} are described")
    columns: dict[str, Any] = {}
    at = 0
    for name, kind, count in layout:
        values = [row[at : at + count] for row in fields]
        at += count
        array = _array(values, kind, needed=name in ("pos", "Z"))
        if array is not None:
            columns[name] = array[:, 0] if count == 1 else array
    return columns


def _array(values: list[list[str]], kind: str, needed: bool) -> Any:
    if kind == "S":
        return np.array(values, dtype=str).reshape(len(values), -1)
    if kind == "L":
        return np.array([[value.lower() in TRUE for value in row] for row in values])
    try:
        array: FloatArray = np.array(values, dtype=float)
    except ValueError:
        try:
            array = np.array([[_number(value) for value in row] for row in values])
        except ValueError:
            if needed:
                raise
            return None
    whole = kind == "I" and np.abs(array).max(initial=0) < 2**53 and bool((array == np.rint(array)).all())
    return array.astype(int) if whole else array


def _number(text: str) -> float:
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return float(text)
    value = number(text)
    if value is None:
        raise ValueError(f"{text[:20]!r} is no number")
    return value


def _atoms(given: dict[str, str], columns: dict[str, Any], n: int) -> tuple[Atoms, list[str]]:
    if "pos" not in columns or np.shape(columns["pos"]) != (n, 3):
        if n:
            raise Unclear("there is no column of positions")
        return Atoms(), []
    numbers, notes = _numbers(columns)
    cell, pbc = _cell(given, notes)
    return Atoms(numbers, positions=columns["pos"], cell=cell, pbc=pbc), notes


def _numbers(columns: dict[str, Any]) -> tuple[list[int], list[str]]:
    """Atomic numbers by the columns that say them; symbols and numbers that disagree leave the frame out."""
    stated = [columns[name].tolist() for name in ("Z", "numbers", "atomic_numbers") if name in columns]
    symbols = columns.get("species", columns.get("element"))
    if symbols is None:
        if not stated:
            raise Unclear("there is no column of elements")
        numbers = species.of_numbers(stated[0])
        for each in stated[1:]:
            species.of_numbers(each, numbers)
        return numbers, []
    known = _meant(symbols.tolist(), sure=bool(stated))
    numbers = [known[symbol][0] for symbol in symbols.tolist()]
    for each in stated:
        species.of_numbers(each, numbers)
    return numbers, sorted({note for _, note in known.values() if note})


def _meant(symbols: Sequence[str], *, sure: bool) -> dict[str, tuple[int, str]]:
    """(atomic number, note) of each symbol; sure : numbers stand beside them, against which they are held."""
    known = {symbol: (int(symbol), "") for symbol in symbols if re.fullmatch(r"\d{1,3}", symbol)}
    known |= dict.fromkeys({"X", "Xx"}.intersection(symbols), (0, ""))
    words = [symbol for symbol in dict.fromkeys(symbols) if symbol not in known]
    return known | ({word: species.of_symbol(word) for word in words} if sure else species.of_symbols(words))


def _cell(given: dict[str, str], notes: list[str]) -> tuple[FloatArray | None, list[bool]]:
    """Cell and periodicity as the file says; without a word on it a vector that is there is periodic."""
    text = given.get("Lattice", given.get("lattice", given.get("cell", "")))
    values = [number(word) for word in re.split(r"[\s,\[\]{}]+", text) if word]
    if values and (len(values) not in (1, 3, 9) or None in values):
        raise Unclear("its cell is not nine numbers")
    flat = np.array(values, dtype=float)
    cell = np.eye(3) * flat if len(values) in (1, 3) else flat.reshape(3, 3) if len(values) else np.zeros((3, 3))
    there = [bool(np.any(vector != 0)) for vector in cell]
    words = re.split(r"[\s,\[\]{}]+", given.get("pbc", "").strip(' "[]'))
    said = [word.lower() for word in words if word]
    if len(said) not in (0, 1, 3) or any(word not in TRUE + FALSE for word in said):
        raise Unclear("its pbc is not three truth values")
    pbc = [word in TRUE for word in (said * 3)[:3]] if said else there
    if any(pbc) and not any(there):
        notes.append("it says periodic and has no cell: read as a molecule")
        pbc = [False] * 3
    return cell, pbc


def _plain(given: dict[str, str]) -> dict[str, Any]:
    """What a comment says: truth values as such, occupancies as ASE writes them, all else as it is written."""
    plain: dict[str, Any] = {key: value.lower().startswith("t") if value.lower() in ("t", "f", "true", "false") else value
                             for key, value in given.items()}  # fmt: skip
    if "occupancy" in given:
        try:
            plain["occupancy"] = json.loads(given["occupancy"].removeprefix("_JSON").strip())
        except (ValueError, RecursionError):
            plain["occupancy"] = [word for word in re.split(r"[\s,\[\]{}:]+", given["occupancy"]) if word]
    return plain
