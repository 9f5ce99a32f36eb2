"""The formula that a file states, held against the atoms that were read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from math import gcd

from ase.data import chemical_symbols

from platonic_atlas.engine.structures.formats.species import is_element
from platonic_atlas.engine.types import IntArray

#: A longer text is no formula, and is not looked at.
LONGEST = 1000
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_TOKEN = re.compile(r"([A-Z][a-z]?|[()\[\]{}]) ?(\d+\.?\d*|\.\d+)?|( )")
#: Shares are written with two digits at the most; whole counts are exact, and one atom of a hundred is told.
TOLERANCE = 0.02
ROUNDING = 1e-9


def parse(formula: str) -> dict[str, float]:
    """Element -> count ("C12 H22 O11", "Fe0.95 O", "Ca(OH)2"); empty where it is written in another way."""
    if len(formula) > LONGEST:
        return {}
    bare = " ".join(re.sub("[,;]", " , ", formula.strip().strip("'\"")).split())
    if "," in bare and any(bracket in bare for bracket in "([{"):
        return {}  # (Mg,Fe)O: one or the other
    counts = _counted(bare.replace(" , ", " "))
    return {element: count for element, count in counts.items() if count > 0}


def _counted(bare: str) -> dict[str, float]:
    """One token after the other, each of which can be read in one way; groups in brackets on a stack."""
    groups: list[tuple[str, dict[str, float]]] = [("", {})]
    at = 0
    while at < len(bare):
        token = _TOKEN.match(bare, at)
        if token is None:
            return {}
        at, symbol, share = token.end(), token[1] or "", float(token[2] or 1)
        if symbol in _BRACKETS.values() and not token[2]:
            groups.append((symbol, {}))
        elif symbol in _BRACKETS and len(groups) > 1 and groups[-1][0] == _BRACKETS[symbol]:
            _add(groups[-2][1], groups.pop()[1], share)
        elif symbol:
            element = "H" if symbol in ("D", "T") else symbol
            if not is_element(element):
                return {}
            _add(groups[-1][1], {element: 1.0}, share)
    return dict(groups[0][1]) if len(groups) == 1 else {}


def _add(to: dict[str, float], counts: Mapping[str, float], share: float) -> None:
    for element, count in counts.items():
        to[element] = to.get(element, 0.0) + count * share


def contradiction(stated: Mapping[str, float], units: float | None, numbers: IntArray) -> str:
    """What the formula says otherwise than the atoms, in words; "" where both agree.

    units : formula units in the cell, None where the file does not say
    """
    if not stated or not len(numbers):
        return ""
    counts = {chemical_symbols[z]: n for z, n in Counter(numbers.tolist()).items()}
    lacking = sorted(set(stated) - set(counts))
    if lacking:
        return f"the formula of the file has {', '.join(lacking)}, which no atom of it is"
    extra = sorted(set(counts) - set(stated))
    if extra:
        return f"the formula of the file has no {', '.join(extra)}, and its atoms have"
    ratios = [counts[element] / stated[element] for element in counts]
    exact = [counts[element] / stated[element] for element in counts if stated[element].is_integer()]
    if _apart(ratios, TOLERANCE) or _apart(exact, ROUNDING):
        return f"the atoms are {_told(counts)} and the formula of the file is {_told(stated)}"
    return _units_contradict(counts, stated, units, sum(exact or ratios) / len(exact or ratios))


def _apart(ratios: Sequence[float], share: float) -> bool:
    return bool(ratios) and max(ratios) - min(ratios) > share * max(ratios)


def _units_contradict(counts: Mapping[str, int], stated: Mapping[str, float], units: float | None, ratio: float) -> str:
    """pymatgen writes the formula of the whole cell, and the number of its reduced units, which of N, O, Cl … are pairs."""
    share = ROUNDING if all(count.is_integer() for count in stated.values()) else TOLERANCE
    if units is None or abs(ratio - units) <= share * units:
        return ""
    reduced = reduce(gcd, counts.values())
    pairs = reduced / 2 if len(counts) == 1 else reduced
    if abs(ratio - 1) <= share and units in (reduced, pairs):
        return ""
    expected = {element: count * units for element, count in stated.items()}
    return f"the cell holds {_told(counts)}, and {units:g} formula units would be {_told(expected)}"


def _told(counts: Mapping[str, float]) -> str:
    return " ".join(f"{element}{count:g}" for element, count in sorted(counts.items()))
