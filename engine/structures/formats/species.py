"""Which element a symbol or a label means: one reading, or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ase.data import atomic_numbers

_MIXTURE = re.compile(r"\d*\.\d+\s*[A-Z]|[A-Z][a-z]?\s*\d*\.\d+|[+,/&:]\s*\d*\.?\d*[A-Z(]")
#: "Fe2.5+", as pymatgen writes a mean charge: a sign and nothing after it but its number.
_CHARGED = re.compile(r"([A-Za-z]{1,2})(?:\d+\.?\d*[+-]|[+-]\d+\.?\d*)")
_SYMBOL = re.compile(r"([A-Za-z]{1,2})(?:\d*[+-]+\d*|\d+)?")
_CAPITALS = re.compile(r"([A-Z]{2})(?![A-Za-z])")
#: Elements whose atoms people name by a second capital: alpha carbon, hydroxyl oxygen, …
_OF_LABELS = "HCNOPS"
#: A longer symbol is none, and is not searched for one.
LONGEST = 64
HEAVY_HYDROGEN = {"D": "deuterium read as hydrogen", "T": "tritium read as hydrogen"}


class Unclear(ValueError):
    """A symbol or label that leaves open which atom is meant; the message says why."""


def is_element(symbol: str) -> bool:
    return symbol in atomic_numbers and atomic_numbers[symbol] > 0


def of_symbol(symbol: str) -> tuple[int, str]:
    """Atomic number of a type symbol ("Na", "NA", "Na1+", "O2-", "D"), and a note where it means an isotope.

    Raises
    ------
    Unclear : a mixture, a group of atoms or no element
    """
    bare = symbol.strip().strip("'\"").strip()
    if len(bare) > LONGEST:
        raise Unclear(f"{bare[:20]!r}… is no element")
    bare = re.sub(r",\s*spin=[-+.\d]+$", "", bare)
    if not _CHARGED.fullmatch(bare) and _MIXTURE.search(bare):
        raise Unclear(f"partly occupied: the type symbol {bare!r} is a mixture")
    match = _SYMBOL.fullmatch(bare) or _CHARGED.fullmatch(bare)
    if match is None:
        raise Unclear(f"{bare[:20]!r} is no element")
    name = match[1].capitalize()
    if name in HEAVY_HYDROGEN:
        return 1, HEAVY_HYDROGEN[name]
    if not is_element(name):
        raise Unclear(f"{bare[:20]!r} is no element")
    return atomic_numbers[name], ""


def of_symbols(symbols: Iterable[str]) -> dict[str, tuple[int, str]]:
    """What each of the symbols of a structure means, as `of_symbol` says it, in formats in which people put labels.

    Two capitals ("CO", "CA") are an element in files that write all symbols so, and else a label of the first letter.
    What tells are other symbols: "ZN" is no label, "Zn" says that capitals mean something else.

    Raises
    ------
    Unclear : as `of_symbol`, or capitals of which nothing tells what they mean
    """
    found = {symbol: of_symbol(symbol) for symbol in dict.fromkeys(symbols)}
    pairs = {symbol: match[1] for symbol in found if (match := _CAPITALS.match(symbol.strip()))}
    unclear = [symbol for symbol, pair in pairs.items() if pair[0] in _OF_LABELS]
    sure = len(unclear) < len(pairs) and not any(re.match("[A-Z][a-z]", symbol) for symbol in found)
    if unclear and not sure:
        two = pairs[unclear[0]].capitalize()
        raise Unclear(f"{unclear[0][:20]!r} in capitals can mean {two} or a label of {two[0]}: write {two} or {two[0]}")
    return found


def of_numbers(stated: Sequence[Any], symbols: Sequence[int] | None = None) -> list[int]:
    """Atomic numbers of a column of numbers, which may stand beside those that symbols mean.

    Raises
    ------
    Unclear : one is no whole number, or the two contradict each other
    """
    numbers = []
    for value in stated:
        whole = isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer()
        if not whole or not 0 <= value < 1000:
            raise Unclear(f"{str(value)[:20]!r} is no atomic number")
        numbers.append(int(value))
    if symbols is not None and numbers != list(symbols):
        raise Unclear("its columns of symbols and of atomic numbers contradict each other")
    return numbers


def of_label(label: str, formula: Iterable[str] = ()) -> tuple[int, str]:
    """Atomic number of a label that stands without a type symbol ("Fe1", "OW1", "Hw"), and a note on isotopes.

    formula : symbols of the elements that the file says are there; of two readings the one among them is meant

    Raises
    ------
    Unclear : no element, or two are possible ("CA1": Ca or C)
    """
    letters = re.match(r"[A-Za-z]*", label.strip().strip("'\""))
    word = letters[0] if letters else ""
    readings = _readings(word)
    named = set(formula)
    if len(readings) > 1 and named:
        readings = [each for each in readings if each in named] or readings
    if not readings:
        raise Unclear(f"the label {label[:20]!r} names no element")
    if len(readings) > 1:
        raise Unclear(f"the label {label[:20]!r} can mean {readings[0]} or {readings[1]}, and there is no type symbol")
    if readings[0] in HEAVY_HYDROGEN:
        return 1, HEAVY_HYDROGEN[readings[0]]
    return atomic_numbers[readings[0]], ""


def _readings(word: str) -> list[str]:
    """Elements that a word may begin with, two letters first; a small second letter belongs to the symbol."""
    one, two = word[:1].upper(), word[:2].capitalize()
    both = [two] if len(word) > 1 and is_element(two) else []
    single = [one] if is_element(one) or one in HEAVY_HYDROGEN else []
    return both if both and word[1].islower() and word[0].isupper() else [*both, *single]
