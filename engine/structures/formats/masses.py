"""Which element a mass means: one, or none. Pseudo-atoms (CH4, repartitioned hydrogen, units without dimension) have masses too."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from ase.data import atomic_masses, atomic_numbers, chemical_symbols

from platonic_atlas.engine.structures.formats import formula
from platonic_atlas.engine.structures.formats.frame import number
from platonic_atlas.engine.structures.formats.species import HEAVY_HYDROGEN, Unclear, is_element

#: A mass [u] so near to an element's is of it: tables differ by less, and methylene (14.027) from nitrogen by more.
TOLERANCE = 0.012
DEUTERIUM = 2.014
#: A group of atoms whose mass [u] is that near to the one that is stated.
OF_A_GROUP = 0.05


def readings(text: str) -> list[int]:
    """Atomic numbers of the elements whose mass, rounded as it is written, is this one."""
    mass = number(text)
    if mass is None:
        return []
    decimals = len(text.strip().partition(".")[2]) if "e" not in text.lower() else 6
    near = max(TOLERANCE, 0.5 * 10.0**-decimals + 1e-9)
    return [int(z) + 1 for z in np.flatnonzero(np.abs(atomic_masses[1:] - mass) <= near)]


def element(text: str, comment: str = "") -> tuple[int, str]:
    """Atomic number of a mass, and a note where it is an isotope's.

    comment : what is written beside it, a symbol or the formula of a group of atoms

    Raises
    ------
    Unclear : no element has this mass, several have, or the comment says otherwise
    """
    word = (comment.split() or [""])[0]
    mass = number(text) or 0.0
    _no_group(word, mass, text)
    if abs(mass - DEUTERIUM) <= TOLERANCE:
        return 1, HEAVY_HYDROGEN["D"]
    found = readings(text)
    if is_element(word) and found and atomic_numbers[word] not in found:
        raise Unclear(f"the mass {text[:20]} is that of {chemical_symbols[found[0]]}, and {word} stands beside it")
    if len(found) > 1 and is_element(word):
        found = [atomic_numbers[word]]
    if len(found) != 1:
        raise Unclear(f"the mass {text[:20]} is not that of one element")
    return found[0], ""


def _no_group(word: str, mass: float, text: str) -> None:
    """United atoms are named by their formula."""
    counts = formula.parse(word)
    whole = sum(atomic_masses[atomic_numbers[symbol]] * count for symbol, count in counts.items())
    if sum(counts.values()) > 1 and abs(whole - mass) < OF_A_GROUP:
        raise Unclear(f"the mass {text[:20]} is that of {word[:20]}, several atoms in one")


def agree(z: int, text: str) -> None:
    """That a mass which is some element's is this one's.

    Raises
    ------
    Unclear : it is another's
    """
    found = readings(text)
    if found and z not in found:
        raise Unclear(f"the mass {text[:20]} is that of {chemical_symbols[found[0]]}, and not of {chemical_symbols[z]}")


def in_atomic_units(texts: Collection[str]) -> None:
    """That masses are told at all: where all are 1, units have no dimension.

    Raises
    ------
    Unclear : all are 1
    """
    if texts and all(number(text) == 1 for text in texts):
        raise Unclear("all its masses are 1, which is no element's: units without dimension")
