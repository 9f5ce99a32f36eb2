"""SHELX and AIRSS `.res`: every structure of the file, with its lattice, operations and occupancies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from ase.geometry import cellpar_to_cell

from platonic_atlas.engine.structures.formats import formula, space_groups, species
from platonic_atlas.engine.structures.formats.frame import FULL, PARTLY, Frame, broken, guarded, number, parsed
from platonic_atlas.engine.structures.formats.sites import expand
from platonic_atlas.engine.structures.formats.space_groups import Operations
from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import IntArray

# Translations of the lattice types 1 to 7: P I R F A B C
_CENTRINGS = {
    1: [(0, 0, 0)], 2: [(0, 0, 0), (1 / 2, 1 / 2, 1 / 2)], 3: [(0, 0, 0), (2 / 3, 1 / 3, 1 / 3), (1 / 3, 2 / 3, 2 / 3)],
    4: [(0, 0, 0), (0, 1 / 2, 1 / 2), (1 / 2, 0, 1 / 2), (1 / 2, 1 / 2, 0)], 5: [(0, 0, 0), (0, 1 / 2, 1 / 2)],
    6: [(0, 0, 0), (1 / 2, 0, 1 / 2)], 7: [(0, 0, 0), (1 / 2, 1 / 2, 0)],
}  # fmt: skip
#: Pressures [GPa] below this are those that a relaxation leaves.
NO_PRESSURE = 0.1
#: Words of SHELX that stand where an atom's name could.
_INSTRUCTIONS = frozenset(
    [
        "TITL",
        "CELL",
        "ZERR",
        "LATT",
        "SYMM",
        "SFAC",
        "UNIT",
        "FVAR",
        "PART",
        "AFIX",
        "RESI",
        "WGHT",
        "PLAN",
        "ANIS",
        "SIZE",
        "TEMP",
        "BOND",
        "CONF",
        "HTAB",
        "LIST",
        "FMAP",
        "DFIX",
        "DANG",
        "SADI",
        "SAME",
        "FLAT",
        "DELU",
        "SIMU",
        "ISOR",
        "EADP",
        "EXYZ",
        "EXTI",
        "SWAT",
        "OMIT",
        "SHEL",
        "MERG",
        "TWIN",
        "BASF",
        "HKLF",
        "END",
        "REM",
        "MOVE",
        "DISP",
        "LAUE",
        "L.S.",
        "CGLS",
        "MPLA",
        "GRID",
        "BIND",
        "FREE",
        "EQIV",
        "NCSY",
        "SUMP",
        "BUMP",
        "DEFS",
        "CHIV",
        "RIGU",
        "XNPD",
        "ABIN",
        "ACTA",
        "ANSC",
        "ANSR",
        "BLOC",
        "DAMP",
        "HOPE",
        "NEUT",
        "RTAB",
        "SPEC",
        "STIR",
        "TWST",
        "WPDB",
        "MOLE",
        "FRAG",
        "FEND",
        "PRIG",
        "TIME",
        "CONN",
        "HFIX",
    ]
)


def looks_like(text: str) -> bool:
    return bool(re.search(r"(?im)^[ \t]*CELL\s", text[:5000])) and bool(re.search(r"(?im)^[ \t]*SFAC\s", text[:20000]))


def read(text: str, source: str) -> Iterator[Frame]:
    """Every structure, each from its title to its end."""
    parts = [
        part for part in re.split(r"(?im)^(?=TITL\b)", text.replace("=\n", " ")) if re.search(r"(?im)^CELL\b", part)
    ]
    if not parts:
        yield broken(f"{source}#0", source, "a .res file without a cell")
    for k, part in enumerate(parts):
        name = f"{source}#{k}"
        yield guarded(name, source, partial(_frame, part, name, source))


def _frame(part: str, name: str, source: str) -> Frame:
    atoms, given, notes = _structure(part.split("\n"))
    return parsed(atoms, name, source, given, columns={}, notes=notes)


def _structure(lines: Sequence[str]) -> tuple[Atoms, dict[str, Any], list[str]]:
    words = [line.split() for line in lines if line.strip()]
    ends = next((k for k, row in enumerate(words) if row[0].upper() in ("END", "HKLF")), len(words))
    words = words[:ends]
    rows: dict[str, list[list[str]]] = {}
    for row in words:
        rows.setdefault(row[0].upper(), []).append(row[1:])
    cell = cellpar_to_cell([_value(word) for word in rows["CELL"][0][1:7]])
    factors = [word for row in rows.get("SFAC", []) for word in row if re.fullmatch(r"[A-Za-z]+", word)]
    kinds = [species.of_symbol(word) for word in factors]
    operations = _operations(rows)
    atoms = _atoms(words, len(kinds))
    if not atoms:
        raise Unclear("a .res file without atoms")
    numbers = np.array([kinds[int(row[1]) - 1][0] for row in atoms])
    fractions = np.array([[_free(_value(word)) for word in row[2:5]] for row in atoms])
    made = expand(numbers, fractions, np.asarray(cell), operations)
    shares = np.array([_share(row) for row in atoms])
    copies = np.bincount(made.site, minlength=len(atoms)) / len(operations.rotations)
    if len(operations.rotations) > 1:  # SHELX multiplies by the share of the general position
        full = np.minimum(np.abs(shares - copies), np.abs(shares - 1)) <= 0.01
    else:
        full = np.abs(shares - 1) <= FULL
    if not full.all():
        raise Unclear(PARTLY)
    _must_be_counted(rows, kinds, made.numbers)
    given, dropped = _title(rows)
    notes = [*(note for _, note in kinds if note), *made.notes, *dropped]
    placed = Atoms(made.numbers, scaled_positions=made.fractions, cell=cell, pbc=True)
    return placed, given, notes


def _atoms(words: Sequence[list[str]], n_kinds: int) -> list[list[str]]:
    """The rows that are atoms; those of a PART stand for one another."""
    atoms, part = [], 0.0
    for row in words:
        if row[0].upper() == "PART":
            part = number(row[1]) or 0.0 if len(row) > 1 else 0.0
        elif _is_atom(row, n_kinds):
            if part:
                raise Unclear("disordered: parts that stand for one another leave open which atoms are there")
            atoms.append(row)
    return atoms


def _must_be_counted(rows: Mapping[str, list[list[str]]], kinds: Sequence[tuple[int, str]], numbers: IntArray) -> None:
    """UNIT counts the atoms of each kind in the cell."""
    counts = [number(word) for row in rows.get("UNIT", []) for word in row]
    if len(counts) != len(kinds) or None in counts:
        return
    stated: dict[str, float] = {}
    for (z, _), count in zip(kinds, counts, strict=True):
        stated[chemical_symbols[z]] = stated.get(chemical_symbols[z], 0.0) + (count or 0.0)
    if said := formula.contradiction({symbol: n for symbol, n in stated.items() if n}, 1, numbers):
        raise Unclear(f"its UNIT contradicts its atoms: {said.replace('formula of the file', 'line UNIT')}")


def _operations(rows: dict[str, list[list[str]]]) -> Operations:
    """LATT, negative where there is no inversion, and SYMM; both left out mean a centre of symmetry in SHELX."""
    kind = int(_value(rows.get("LATT", [["1"]])[0][0]))
    if abs(kind) not in _CENTRINGS:
        raise Unclear(f"the lattice type {kind} is not known")
    listed = ["x,y,z", *(" ".join(row).lower().replace(" ", "") for row in rows.get("SYMM", []))]
    base = space_groups.listed(tuple(dict.fromkeys(listed)))
    rotations, translations = base.rotations, base.translations
    if kind > 0:
        rotations, translations = np.concatenate([rotations, -rotations]), np.concatenate([translations, -translations])
    centrings = np.array(_CENTRINGS[abs(kind)])
    made = Operations(
        np.tile(rotations, (len(centrings), 1, 1)),
        (translations[None] + centrings[:, None]).reshape(-1, 3), "LATT and SYMM",
    )  # fmt: skip
    space_groups.must_be_closed(made)
    return made


def _is_atom(row: Sequence[str], n_kinds: int) -> bool:
    """A name, the number of its scattering factor and three coordinates."""
    return (
        len(row) >= 5 and row[0].upper().partition("_")[0] not in _INSTRUCTIONS and row[1].isdecimal() and 1 <= int(row[1][:4]) <= n_kinds
        and row[0][0].isalpha() and all(number(word) is not None for word in row[2:5])
    )  # fmt: skip


def _value(word: str) -> float:
    value = number(word)
    if value is None:
        raise ValueError(f"{word[:20]!r} is no number")
    return value


def _free(value: float) -> float:
    """A coordinate that is held is written with 10 added."""
    return value - 10 if 5 < value < 15 else value


def _share(row: Sequence[str]) -> float:
    share = number(row[5]) if len(row) > 5 else 1.0
    if share is None:
        return 1.0
    if abs(share) > 15:
        raise Unclear(PARTLY)  # a free variable of the refinement
    return share - 10 if share > 5 else share


def _title(rows: dict[str, list[list[str]]]) -> tuple[dict[str, Any], list[str]]:
    """AIRSS: name, pressure [GPa], volume [Å³], enthalpy [eV], …; an enthalpy is the energy where there is no pressure."""
    words = rows.get("TITL", [[]])[0]
    given: dict[str, Any] = {"id": words[0]} if words else {}
    if len(words) > 4 and all(number(word) is not None for word in words[1:4]):
        if abs(_value(words[1])) > NO_PRESSURE:
            given |= {"pressure": words[1], "enthalpy": words[3]}
            return given, [f"its enthalpy at {words[1]} GPa is no energy"]
        given |= {"pressure": words[1], "energy": words[3]}
    return given, []
