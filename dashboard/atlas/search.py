"""Finding atoms by element, formula, prototype or identifier."""

from __future__ import annotations

import re

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.engine import elements
from platonic_atlas.engine.types import IntArray

MOST = 8


def find(data: AtlasData, text: str) -> IntArray:
    """Sites that a text names: an element's symbol or name, a formula in any order, elements that a crystal holds
    together ("Ti-O"), a prototype, an identifier."""
    word = text.strip()
    if not word:
        return np.zeros(0, dtype=np.int64)
    if together := elements_called(word):
        return np.flatnonzero(np.isin(data.structure, holding(data, together)))
    number = element_called(word)
    if number:
        return np.flatnonzero(data.numbers == number)
    crystals = np.flatnonzero(_formulas(data) == canonical(word)) if canonical(word) else np.zeros(0, dtype=np.int64)
    if not len(crystals):
        lowered = word.lower()
        names = np.char.lower(data.prototypes) == lowered
        crystals = np.flatnonzero(names | (np.char.lower(data.ids) == lowered))
    return np.flatnonzero(np.isin(data.structure, crystals))


def matching(data: AtlasData, text: str) -> list[tuple[str, str, str]]:
    """Suggestions for what is being typed: value, label, how many."""
    word = text.strip().lower()
    if not word:
        return []
    table, found = elements.table(), []
    present, counts = np.unique(data.numbers, return_counts=True)
    for number, count in zip(present, counts, strict=True):
        symbol, name = str(table.symbol[number]), str(table.name[number])
        if symbol.lower().startswith(word) or name.lower().startswith(word):
            found.append((symbol, f"{symbol}, {name.lower()}", f"{count:,} sites"))
    found.sort(key=lambda row: (row[0].lower() != word, len(row[0])))
    for values, what in ((data.formulas, "formula"), (data.prototypes, "prototype")):
        names = np.unique(values[np.char.startswith(np.char.lower(values), word)])
        found += [(str(name), str(name), what) for name in sorted(names, key=len)[:MOST] if name]
    return found[:MOST]


def elements_called(text: str) -> list[int]:
    """Atomic numbers of two elements or more, written as Ti-O, "Ti O" or "Ti, O"; else none."""
    numbers = [element_called(word) for word in re.split(r"[\s,–-]+", text.strip()) if word]
    return numbers if len(numbers) > 1 and all(numbers) else []


def holding(data: AtlasData, numbers: list[int]) -> IntArray:
    """Crystals that hold all of these elements."""
    crystals = [np.unique(data.structure[data.numbers == number]) for number in numbers]
    return np.array(sorted(set.intersection(*(set(each.tolist()) for each in crystals))), dtype=np.int64)


def element_called(word: str) -> int:
    """Atomic number of a symbol or a name, 0 if it is none."""
    by_symbol = elements.numbers_by_symbol()
    if word in by_symbol:
        return by_symbol[word]
    names = {str(name).lower(): z for z, name in enumerate(elements.table().name) if name}
    return names.get(word.lower(), 0)


def canonical(formula: str) -> str:
    """A formula with its elements in alphabetical order, so that ClNa finds NaCl; empty where it is no formula."""
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    by_symbol = elements.numbers_by_symbol()
    if "".join(symbol + count for symbol, count in parts) != formula or any(s not in by_symbol for s, _ in parts):
        return ""
    counts: dict[str, int] = {}
    for symbol, count in parts:
        counts[symbol] = counts.get(symbol, 0) + int(count or 1)
    return "".join(f"{symbol}{counts[symbol]}" for symbol in sorted(counts))


def _formulas(data: AtlasData) -> np.ndarray:
    return data.keep("canonical formulas", lambda: np.array([canonical(str(f)) for f in data.formulas]))
