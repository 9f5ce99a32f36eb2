"""The symmetry operations that a file means: by its list, Hall symbol, Hermann-Mauguin symbol or number.

What is given is held against one another; two readings of one symbol (the two origin choices) are returned both, for
formula and number of formula units to decide. Tables: gemmi.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import FloatArray

if TYPE_CHECKING:  # workers of models have no gemmi, and the page opens without it
    import gemmi

#: More operations than any space group has in a conventional cell.
MOST_OPERATIONS = 192


@dataclass(frozen=True)
class Operations:
    """x' = rotation x + translation in fractions of the cell.

    rotations : (n, 3, 3) ; translations : (n, 3) ; name : how the file names them, in words
    """

    rotations: FloatArray
    translations: FloatArray
    name: str
    note: str = ""


@dataclass(frozen=True)
class Given:
    """What a file says of its symmetry, each "" or empty where it says nothing. code : of the coordinate system."""

    operations: tuple[str, ...] = ()
    hall: str = ""
    symbol: str = ""
    number: str = ""
    code: str = ""


def readings(given: Given, angles: tuple[float, float], confirmed: bool = False) -> list[Operations]:
    """Every reading of what is given, most often one.

    angles : alpha and gamma of the cell [degrees], which tell rhombohedral from hexagonal axes
    confirmed : formula and number of formula units are given, and will be held against the atoms

    Raises
    ------
    Unclear : it contradicts itself, or names no space group that is known
    """
    named = _named(given, angles)
    if given.operations:
        listed = _listed(given.operations)
        _must_agree(listed, named, given, confirmed)
        return [listed]
    if named:
        note = (
            ""
            if given.hall or given.symbol
            else "the space group is given by its number alone: its standard setting was taken"
        )
        return [replace(_of_group(group.operations(), f"space group {group.xhm()}"), note=note) for group in named]
    if given.hall:
        return [_of_hall(given.hall)]
    if given.symbol or given.number:
        raise Unclear(f"the space group {given.symbol or given.number!r} is not known, and no operations are given")
    identity = Operations(np.eye(3)[None], np.zeros((1, 3)), "no symmetry")
    return [Operations(identity.rotations, identity.translations, "no symmetry", "no symmetry is given: read as P 1")]


def _named(given: Given, angles: tuple[float, float]) -> list[gemmi.SpaceGroup]:
    """The space groups that Hall symbol, symbol or number mean: several where the origin is left open."""
    number = int(given.number) if given.number.isdecimal() and 1 <= int(given.number[:4]) <= 230 else 0
    groups = _by_hall(given.hall) or _by_symbol(given.symbol, given.code, angles)
    if groups and number and all(group.number != number for group in groups):
        raise Unclear(f"the file names space group {groups[0].xhm()} and number {number}, which contradict each other")
    return groups or (_by_number(number, given.code, angles) if number else [])


def _by_hall(hall: str) -> list[gemmi.SpaceGroup]:
    import gemmi

    if not hall:
        return []
    try:
        found = gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(hall))
    except (RuntimeError, ValueError):
        return []
    return [found] if found is not None else []


def _by_symbol(symbol: str, code: str, angles: tuple[float, float]) -> list[gemmi.SpaceGroup]:
    """Suffixes tell the origin: ":1", ":2", and ICSD's S and Z; ":R", ":H" and R, H the axes."""
    import gemmi

    bare = re.sub(r"[()_]", "", symbol).strip()
    if not bare:
        return []
    icsd = re.fullmatch(r"(.*\S)\s*(?::\s*)?([SZ])", bare)
    if icsd:
        bare = f"{icsd[1]}:{'1' if icsd[2] == 'S' else '2'}"
    found = gemmi.find_spacegroup_by_name(bare, *angles)
    if found is None:
        return _by_symbol(icsd[1], code, angles) if icsd else []
    open_origin = found.ext in "12" and not re.search(r":\s*[12]\s*$", bare)
    return _settings(found, code, angles) if open_origin else [found]


def _by_number(number: int, code: str, angles: tuple[float, float]) -> list[gemmi.SpaceGroup]:
    import gemmi

    first = next(group for group in gemmi.spacegroup_table() if group.number == number)
    return _settings(first, code, angles)


def _settings(group: gemmi.SpaceGroup, code: str, angles: tuple[float, float]) -> list[gemmi.SpaceGroup]:
    """The settings of the same symbol that the coordinate code and the cell allow."""
    import gemmi

    alike = [each for each in gemmi.spacegroup_table() if each.hm == group.hm and each.number == group.number]
    if group.ext in "HR":
        wanted = "H" if abs(angles[1] - 120) < 1e-2 and abs(angles[0] - 90) < 1e-2 else "R"
        return [each for each in alike if each.ext == wanted]
    coded = [each for each in alike if code.strip().lower()[-1:] == each.ext]
    return coded or alike


def _of_hall(hall: str) -> Operations:
    import gemmi

    try:
        return _of_group(gemmi.symops_from_hall(hall), f"Hall symbol {hall}")
    except (RuntimeError, ValueError) as error:
        raise Unclear(f"the Hall symbol {hall[:40]!r} is not understood") from error


def _of_group(group: gemmi.GroupOps, name: str) -> Operations:
    return _arrays(list(group), name)


def _arrays(operations: Sequence[gemmi.Op], name: str) -> Operations:
    import gemmi

    rotations = np.array([op.rot for op in operations], dtype=float) / gemmi.Op.DEN
    translations = np.array([op.tran for op in operations], dtype=float) / gemmi.Op.DEN
    return Operations(rotations, translations, name)


def _listed(texts: Sequence[str]) -> Operations:
    import gemmi

    if len(texts) > MOST_OPERATIONS * 8:
        raise Unclear(f"{len(texts)} symmetry operations are more than a space group has")
    try:
        parsed = [gemmi.Op(text.strip().strip("'\"").lower().replace(" ", "")).wrap() for text in texts]
    except (RuntimeError, ValueError) as error:
        raise Unclear("a symmetry operation is not understood") from error
    different = {op.triplet(): op for op in parsed}
    if "x,y,z" not in different:
        raise Unclear("the symmetry operations lack x,y,z")
    for op in parsed:
        if abs(op.det_rot()) != gemmi.Op.DEN**3:
            raise Unclear(f"the symmetry operation {op.triplet()} changes the volume")
    return _arrays(list(different.values()), "its operations")


def _must_agree(listed: Operations, named: list[gemmi.SpaceGroup], given: Given, confirmed: bool) -> None:
    """A list that leaves operations of the named group out would leave atoms out."""
    orders = {len(list(group.operations())) for group in named}
    if not orders or len(listed.rotations) in orders or confirmed:
        return
    title = given.symbol or given.hall or f"number {given.number}"
    raise Unclear(
        f"the file lists {len(listed.rotations)} symmetry operations, and its space group {title} has {max(orders)}"
    )
