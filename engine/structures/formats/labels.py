"""Elements of formats whose atoms have labels ("CA", "OW1"), which ASE's readers guess: one reading, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ase import Atoms
from ase.data import chemical_symbols

from platonic_atlas.engine.structures.formats import masses, species
from platonic_atlas.engine.structures.formats.frame import PARTLY, number
from platonic_atlas.engine.structures.formats.species import Unclear

DL_POLY = ("dlp4", "dlp-history")
GAMESS = ("gamess-us-out", "gamess-us-punch")


def relabelled(atoms: Atoms, path: Path, format: str) -> list[str]:
    """Give the atoms the elements that their labels mean, where the format has labels; notes on isotopes.

    Raises
    ------
    Unclear : a label names no element, may mean two, or its mass is another's
    """
    found = _found(atoms, path, format)
    if not found:
        return []
    if len(found) != len(atoms):
        raise Unclear("its labels are not as many as its atoms")
    atoms.numbers[:] = [z for z, _ in found]
    return sorted({note for _, note in found if note})


def _found(atoms: Atoms, path: Path, format: str) -> list[tuple[int, str]]:
    """(atomic number, note) for every atom, empty where the format names elements."""
    if format == "gromacs" and "atomtypes" in atoms.arrays:
        return _of_labels([str(label) for label in atoms.arrays["atomtypes"]])
    if format in DL_POLY and "dlp4_labels" in atoms.arrays:
        rests = atoms.arrays["dlp4_labels"].tolist()
        labels = [symbol + str(rest) for symbol, rest in zip(atoms.symbols, rests, strict=True)]
        return _of_labels(labels, [f"{mass:g}" for mass in atoms.get_masses()] if atoms.has("masses") else ())
    by_lines = {"gromos": _of_gromos, "espresso-in": _of_espresso, "xsf": _of_xsf, "castep-cell": _of_castep,
                "cp2k-restart": _of_cp2k, **dict.fromkeys(GAMESS, _of_gamess)}  # fmt: skip
    return by_lines[format](_lines(path)) if format in by_lines else []


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").split("\n")


def _of_labels(labels: Sequence[str], stated: Sequence[str] = ()) -> list[tuple[int, str]]:
    pairs = list(zip(labels, stated or [""] * len(labels), strict=True))
    known = {pair: labelled(*pair) for pair in dict.fromkeys(pairs)}
    return [known[pair] for pair in pairs]


def labelled(label: str, mass: str = "") -> tuple[int, str]:
    """Atomic number of a label, of two readings the one whose mass is stated; a mass may be made up, but not another reading's.

    Raises
    ------
    Unclear : no reading, or two, or the mass is that of another reading
    """
    fitting = [chemical_symbols[z] for z in masses.readings(mass)]
    found = species.of_label(label, fitting)
    other = label[:1].upper()
    if other in fitting and chemical_symbols[found[0]] not in fitting:
        raise Unclear(
            f"the label {label[:20]!r} means {chemical_symbols[found[0]]}, and its mass {mass[:20]} is that of {other}"
        )
    return found


def _of_gromos(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Labels of the atoms: the third word of the lines between POSITION and END."""
    begin = next((k for k, line in enumerate(lines) if line.startswith("POSITION")), len(lines))
    end = next((k for k, line in enumerate(lines[begin:], begin) if line.startswith("END")), len(lines))
    rows = (line.split() for line in lines[begin + 1 : end] if not line.startswith("#"))
    return _of_labels([row[2] for row in rows if len(row) >= 7])


def _of_xsf(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Its atoms are numbers or symbols, of any number of frames: whether each symbol has one reading."""
    rows = (line.split() for line in lines)
    species.of_symbols(row[0] for row in rows if len(row) in (4, 7) and row[0].isalpha())
    return []


def _of_castep(lines: Sequence[str]) -> list[tuple[int, str]]:
    """ "Fe:1" is iron; a mixture stands behind the places of the atoms that share one."""
    if any(re.search(r"^\s*\S+(\s+[-+.\d]\S*){3}.*\bMIXTURE\b", line, re.IGNORECASE) for line in lines):
        raise Unclear(PARTLY)
    return []


def _of_gamess(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Names of atoms are free, and ASE reads "CA" as calcium: the charge of the nucleus beside each says which it is.

    The atoms stand in the last block of coordinates of an output, and in the last group $DATA of a punch file.
    """
    blocks: list[list[list[str]]] = []
    end: Sequence[str] | None = None  # how the block ends that is being read
    for words in map(str.split, lines):
        head = [word.upper() for word in words]
        if head[:1] == ["$DATA"] or head[:3] == ["ATOM", "ATOMIC", "COORDINATES"]:
            blocks.append([])
            end = ["$END"] if head[0] == "$DATA" else []
        elif head == end and blocks[-1]:
            end = None
        elif end is not None and len(words) == 5 and all(number(word) is not None for word in words[1:]):
            blocks[-1].append(words)
    return [_charged(row[0], number(row[1])) for row in (blocks[-1] if blocks else [])]


def _charged(label: str, charge: float | None) -> tuple[int, str]:
    """Atomic number by the charge of a nucleus, with which the name beside it begins."""
    z = int(charge) if charge is not None and charge.is_integer() and 0 < charge < len(chemical_symbols) else 0
    if not z or label[:1].upper() != chemical_symbols[z][0]:
        raise Unclear(f"the atom {label[:20]!r} has the charge {charge:g}: they contradict each other")
    return z, ""


def _of_cp2k(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Kinds are symbols or labels, whose element a section of the kind may name."""
    kind, elements, labels, within = "", dict[str, str](), list[str](), False
    for words in map(str.split, lines):
        first = words[0].upper() if words else ""
        kind = words[1] if first == "&KIND" and len(words) > 1 else kind
        if first == "ELEMENT" and len(words) > 1:
            elements[kind] = words[1]
        within = first == "&COORD" or (within and not first.startswith("&END"))
        if within and len(words) >= 4 and number(words[1]) is not None:
            labels.append(words[0])
    return [species.of_symbol(elements[each]) if each in elements else labelled(each) for each in labels]


def _of_espresso(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Species are symbols or labels with a mass, which people make up ("Si 1.0")."""
    cards = _cards(lines)
    kinds = {row[0]: labelled(row[0], row[1]) for row in cards.get("ATOMIC_SPECIES", []) if len(row) >= 3}
    return [kinds[row[0]] for row in cards.get("ATOMIC_POSITIONS", []) if len(row) >= 4 and row[0] in kinds]


def _cards(lines: Sequence[str]) -> dict[str, list[list[str]]]:
    """Rows of words by the card under which they stand."""
    cards: dict[str, list[list[str]]] = {}
    name = ""
    for line in lines:
        words = re.sub("[!#].*", "", line).split()
        if words and re.fullmatch(r"[A-Z]+_[A-Z_]+", words[0].upper()) and words[0].upper() not in cards:
            name = words[0].upper()
            cards[name] = []
        elif words and name:
            cards[name].append(words)
    return cards
