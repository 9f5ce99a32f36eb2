"""LAMMPS dumps and data files: types are numbers of the run, elements only where the file or the user names them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.formats import masses, species
from platonic_atlas.engine.structures.formats.frame import MOST_ATOMS, Frame, guarded, number, parsed
from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import FloatArray, IntArray

ASK = "types only, no elements: name them in the order of the types, such as --elements Si,O"
#: Units whose lengths are Å and whose masses are those of atoms.
UNITS = ("metal", "real")
#: Columns of an atom after its number, by the style that the data file names.
_STYLES = {
    "atomic": ("type", "x", "y", "z"), "charge": ("type", "q", "x", "y", "z"),
    "molecular": ("mol", "type", "x", "y", "z"), "bond": ("mol", "type", "x", "y", "z"),
    "angle": ("mol", "type", "x", "y", "z"), "full": ("mol", "type", "q", "x", "y", "z"),
}  # fmt: skip


def is_dump(text: str) -> bool:
    return text.lstrip().startswith("ITEM:")


def is_data(text: str) -> bool:
    """Bounds and a section of atoms in the manner of `read_data`."""
    head = text[:20_000]
    return bool(re.search(r"\bxlo\s+xhi\b", head)) and bool(re.search(r"(?m)^[ \t]*\d+[ \t]+atoms\b", head))


def read_dump(text: str, source: str, elements: Sequence[str] = ()) -> Iterator[Frame]:
    """Every time step of a dump, atoms in the order of their numbers."""
    begins = [found.end() for found in re.finditer(r"(?m)^ITEM: TIMESTEP", text)] or [0]
    ends = [begin - len("ITEM: TIMESTEP") for begin in begins[1:]]
    units = re.search(r"(?m)^ITEM: UNITS[ \t]*\n(.*)", text[: begins[0]])
    for k, (begin, end) in enumerate(zip(begins, [*ends, len(text)], strict=True)):
        step = text[begin:end]
        name = f"{source}#{k}"
        stated = units[1].strip() if units else ""
        yield guarded(name, source, partial(_step_frame, step, stated, elements, name, source))


def _step_frame(step: str, units: str, elements: Sequence[str], name: str, source: str) -> Frame:
    _must_be_read(units)
    atoms, given, columns, notes = _step(step, elements)
    return parsed(atoms, name, source, given, columns=columns, notes=notes)


def _must_be_read(units: str) -> None:
    """In other units a cell would be so many Å long as it is nm, Bohr, or lengths of the potential."""
    if units and units not in UNITS:
        raise Unclear(f"its units are {units[:20]!r}, and {' and '.join(UNITS)} are read, whose lengths are Å")


def _step(text: str, elements: Sequence[str]) -> tuple[Atoms, dict[str, Any], dict[str, Any], list[str]]:
    parts = re.split(r"(?m)^ITEM: ", "ITEM: TIMESTEP" + text if not text.startswith("ITEM:") else text)
    items = {head.strip(): body for head, _, body in (part.partition("\n") for part in parts)}
    head = next((name for name in items if name.startswith("ATOMS")), None)
    box = next((name for name in items if name.startswith("BOX BOUNDS")), None)
    if head is None or box is None:
        raise ValueError("a step without its box or its atoms")
    stated = number(items.get("NUMBER OF ATOMS", "").strip() or "0") or 0
    names = head.split()[1:]
    rows = [line.split() for line in items[head].split("\n") if line.strip()]
    if len(rows) != stated or len(rows) > MOST_ATOMS:
        raise ValueError(f"the file ends after {len(rows)} of {stated:g} atoms")
    if any(len(row) < len(names) for row in rows):
        raise ValueError("an atom has fewer columns than are described")
    columns = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    cell, origin, pbc = _box(box, items[box])
    order = np.argsort(_floats(columns["id"]), kind="stable") if "id" in columns else np.arange(len(rows))
    numbers, notes = _numbers(columns, elements)
    placed = Atoms(numbers[order], positions=_places(columns, cell, origin)[order], cell=cell, pbc=pbc)
    given = {"timestep": items.get("TIMESTEP", "").strip()}
    return placed, given, _labels(columns, order), notes


def _labels(columns: Mapping[str, list[str]], order: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Other columns of numbers in the order of the atoms; the three parts of the force become one vector."""
    told: dict[str, Any] = {}
    known = {"id", "type", "element", "mass", "x", "y", "z", "xu", "yu", "zu", "xs", "ys", "zs", "xsu", "ysu", "zsu"}
    for name in set(columns) - known - {"ix", "iy", "iz", "fx", "fy", "fz"}:
        values = [number(value) for value in columns[name]]
        if None not in values:
            told[name] = np.array(values, dtype=float)[order]
    if {"fx", "fy", "fz"} <= set(columns):
        told["forces"] = np.array([_floats(columns[f"f{axis}"]) for axis in "xyz"]).T[order]
    return told


def _floats(values: Sequence[str]) -> FloatArray:
    found = [number(value) for value in values]
    if None in found:
        raise ValueError("a value of an atom is no number")
    return np.array(found, dtype=float)


def _box(head: str, body: str) -> tuple[FloatArray, FloatArray, list[bool]]:
    """Cell, its origin and periodicity from bounds that enclose the tilted cell."""
    rows = [_floats(line.split()) for line in body.strip().split("\n")[:3]]
    words = head.split()[2:]
    marks = [word for word in words if re.fullmatch(r"[pfsm]{2}", word)]
    pbc = [mark == "pp" for mark in marks] if len(marks) == 3 else [True] * 3
    if "abc" in words:
        raise Unclear("a general triclinic box, which is not read")
    xy, xz, yz = [float(row[2]) for row in rows] if all(len(row) > 2 for row in rows) else [0.0] * 3
    low = np.array([row[0] for row in rows]) - [min(0, xy, xz, xy + xz), min(0, yz), 0]
    high = np.array([row[1] for row in rows]) - [max(0, xy, xz, xy + xz), max(0, yz), 0]
    a, b, c = high - low
    return np.array([[a, 0, 0], [xy, b, 0], [xz, yz, c]]), low, pbc


def _places(columns: Mapping[str, list[str]], cell: FloatArray, origin: FloatArray) -> FloatArray:
    for suffix in ("", "u", "s", "su"):
        names = [f"{axis}{suffix}" for axis in "xyz"]
        if all(name in columns for name in names):
            values = np.array([_floats(columns[name]) for name in names]).T
            return values @ cell if suffix.startswith("s") else values - origin
    raise Unclear("there are no positions")


def _numbers(columns: Mapping[str, list[str]], elements: Sequence[str]) -> tuple[IntArray, list[str]]:
    """Atomic numbers by the elements of the file, else by the names that the user gave, else by mass; and notes.

    Each distinct row of what tells the element is read once, and all that it holds must agree.
    """
    told = [name for name in ("element", "type", "mass", "beside") if name in columns]
    if "element" in columns and _left_out(columns):
        told.remove("element")
    if not {"element", "mass"} & set(told) and not elements:
        raise Unclear(ASK)
    rows = list(zip(*(columns[name] for name in told), strict=True))
    kinds = {row: dict(zip(told, row, strict=True)) for row in dict.fromkeys(rows)}
    masses.in_atomic_units([kind["mass"] for kind in kinds.values() if "mass" in kind])
    found = {row: _element(kind, elements) for row, kind in kinds.items()}
    notes = sorted({note for _, note in found.values() if note})
    return np.array([found[row][0] for row in rows], dtype=int), notes


def _left_out(columns: Mapping[str, list[str]]) -> bool:
    """Whether the elements are those that LAMMPS writes where the input named none: C for every type."""
    return set(columns["element"]) == {"C"} and len(set(columns.get("type", []))) > 1


def _element(kind: Mapping[str, str], elements: Sequence[str]) -> tuple[int, str]:
    """Atomic number of one kind of atoms, and a note; names are held against the mass."""
    if "element" in kind:
        found = species.of_symbol(kind["element"])
    elif elements:
        found = _of_type(kind.get("type", ""), elements)
    else:
        return masses.element(kind["mass"], kind.get("beside", ""))
    if "mass" in kind:
        masses.agree(found[0], kind["mass"])
    return found


def _of_type(kind: str, elements: Sequence[str]) -> tuple[int, str]:
    if not kind.isdecimal() or not 1 <= int(kind[:6]) <= len(elements):
        raise Unclear(f"type {kind[:20]} is not among the {len(elements)} elements that were given")
    return species.of_symbol(elements[int(kind) - 1])


def read_data(text: str, source: str, elements: Sequence[str] = ()) -> Iterator[Frame]:
    """The one structure of a data file."""
    name = f"{source}#0"
    yield guarded(name, source, partial(_data_frame, text, elements, name, source))


def _data_frame(text: str, elements: Sequence[str], name: str, source: str) -> Frame:
    atoms, notes = _data(text, elements)
    return parsed(atoms, name, source, columns={}, notes=notes)


def _data(text: str, elements: Sequence[str]) -> tuple[Atoms, list[str]]:
    units = re.search(r"\bunits\s*=\s*(\w+)", text.partition("\n")[0])
    _must_be_read(units[1] if units else "")
    bare = [line.split("#")[0].strip() for line in text.split("\n")]
    sections = _sections(text)
    style = next((head.partition("#")[2].split() for head in sections if head.startswith("Atoms")), None)
    if style is None:
        raise ValueError("there is no section of atoms")
    rows = [row.split("#")[0].split() for row in next(v for k, v in sections.items() if k.startswith("Atoms"))]
    names = _columns_of(style[0] if style else "", rows)
    stated = next((int(line.split()[0]) for line in bare if re.fullmatch(r"\d{1,9}\s+atoms", line)), -1)
    if stated != len(rows):
        raise ValueError(f"the file ends after {len(rows)} of {stated} atoms")
    columns = {name: [row[k + 1] for row in rows] for k, name in enumerate(names)}
    listed = [row.partition("#") for head, body in sections.items() if head.startswith("Masses") for row in body]
    told = {row.split()[0]: (row.split()[1], comment.strip()) for row, _, comment in listed}
    if told:
        columns["mass"] = [told.get(kind, ("", ""))[0] for kind in columns["type"]]
        columns["beside"] = [told.get(kind, ("", ""))[1] for kind in columns["type"]]
    cell, origin = _bounds(bare)
    order = np.argsort(_floats([row[0] for row in rows]), kind="stable")
    numbers, notes = _numbers(columns, elements)
    return Atoms(numbers[order], positions=_places(columns, cell, origin)[order], cell=cell, pbc=True), notes


def _sections(text: str) -> dict[str, list[str]]:
    """Rows by the head of their section: a line that begins with a capital letter."""
    sections: dict[str, list[str]] = {}
    head = ""
    for line in text.split("\n")[1:]:
        if re.match(r"[A-Z][a-z]+(\s+[A-Z]?[a-z]+)*\s*(#.*)?$", line.strip()):
            head = line.strip()
        elif line.strip() and head:
            sections.setdefault(head, []).append(line)
    return sections


def _columns_of(style: str, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        raise ValueError("its atoms differ in their number of columns")
    width = widths.pop()
    if not style:  # three more columns count how often an atom left the cell
        fitting = {_STYLES[name] for name in _STYLES if len(_STYLES[name]) + 1 in (width, width - 3)}
        if len(fitting) != 1:
            raise Unclear("the data file does not name the style of its atoms (Atoms # atomic)")
        return fitting.pop()
    if style not in _STYLES or width < len(_STYLES[style]) + 1:
        raise Unclear(f"atoms of the style {style[:20]!r} are not read")
    return _STYLES[style]


def _bounds(bare: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    found = {
        match[1]: _floats(line.split()[:2]) for line in bare if (match := re.search(r"\b([xyz])lo\s+[xyz]hi$", line))
    }
    if set(found) != set("xyz"):
        raise ValueError("the box is not given whole")
    tilt = next((_floats(line.split()[:3]) for line in bare if line.endswith("xy xz yz")), np.zeros(3))
    low = np.array([found[axis][0] for axis in "xyz"])
    a, b, c = (found[axis][1] - found[axis][0] for axis in "xyz")
    return np.array([[a, 0, 0], [tilt[0], b, 0], [tilt[1], tilt[2], c]]), low
