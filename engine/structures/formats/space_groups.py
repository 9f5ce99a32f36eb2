"""The symmetry operations that a file means: by its list, Hall symbol, Hermann-Mauguin symbol or number.

What is given is held against one another; two readings of one symbol (the two origin choices) are returned both, for
formula and number of formula units to decide. Tables: gemmi.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import FloatArray, IntArray

if TYPE_CHECKING:  # workers of models have no gemmi, and the page opens without it
    import gemmi

#: More operations than any space group has in a conventional cell.
MOST_OPERATIONS = 192
#: Shifts are told in parts of a vector, as gemmi tells them.
_DEN = 24


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
        listed = _group(given.operations)
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
    by_hall, by_symbol = _by_hall(given.hall), _by_symbol(given.symbol, given.code, angles)
    if by_hall and by_symbol and by_hall[0].number != by_symbol[0].number:
        raise Unclear(
            f"the Hall symbol {given.hall[:40]} and the symbol {given.symbol[:40]} are of different space groups"
        )
    groups = by_hall or by_symbol
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


@lru_cache(64)  # the rows of a table have often the same
def _group(texts: tuple[str, ...]) -> Operations:
    group = listed(texts)
    must_be_closed(group)
    return group


def listed(texts: Sequence[str]) -> Operations:
    """Operations as they are listed, each once; they need not be a group by themselves.

    Raises
    ------
    Unclear : one is not understood or changes the volume, x,y,z is lacking, or there are more than any group has
    """
    import gemmi

    if len(texts) > MOST_OPERATIONS:
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


def must_be_closed(operations: Operations) -> None:
    """Of a list that is no group some atoms would have copies that others lack.

    Raises
    ------
    Unclear : two operations one after the other are none of the list
    """
    rotations, shifts = np.rint(operations.rotations).astype(int), np.rint(operations.translations * _DEN).astype(int)
    turned = np.einsum("aij,bjk->abik", rotations, rotations).reshape(-1, 3, 3)
    moved = (np.einsum("aij,bj->abi", rotations, shifts) + shifts[:, None]).reshape(-1, 3)
    if not np.isin(_keys(turned, moved), _keys(rotations, shifts)).all():
        raise Unclear("the symmetry operations are no group: two of them one after the other are not among them")


def _keys(rotations: IntArray, shifts: IntArray) -> IntArray:
    """One number for each operation, shifts modulo the lattice."""
    digits = np.concatenate([np.clip(rotations.reshape(-1, 9), -12, 12) + 12, shifts % _DEN], axis=1)
    return np.asarray(digits @ (25 ** np.arange(12, dtype=np.int64)))


def _must_agree(listed: Operations, named: list[gemmi.SpaceGroup], given: Given, confirmed: bool) -> None:
    """A list of another group than the one that is named puts atoms elsewhere; one of fewer operations leaves some out."""
    if not named:
        return
    n, order = len(listed.rotations), max(len(list(group.operations())) for group in named)
    kind = _type_of(listed)
    if kind in {group.number for group in named} or (not kind and n == order) or (confirmed and n < order):
        return
    title = given.symbol or given.hall or f"number {given.number}"
    told = f", which are those of number {kind}" if kind else ""
    raise Unclear(
        f"the file lists {n} symmetry operations{told}, and its space group {title} has {order}, of number {named[0].number}"
    )


def _type_of(listed: Operations) -> int:
    """The number of the space group that operations in whatever setting make up, 0 where none is found."""
    import gemmi
    import spglib

    rotations, shifts = np.rint(listed.rotations).astype(int), np.rint(listed.translations * _DEN).astype(int)
    group = gemmi.GroupOps([_op(turn, shift) for turn, shift in zip(rotations.tolist(), shifts.tolist(), strict=True)])
    if (found := gemmi.find_spacegroup_by_ops(group)) is not None:
        return int(found.number)
    kind = spglib.get_spacegroup_type_from_symmetry(rotations, listed.translations)
    return int(kind.number) if kind is not None else 0


def _op(rotation: list[list[int]], shift: list[int]) -> gemmi.Op:
    import gemmi

    made = gemmi.Op("x,y,z")
    made.rot = [[entry * gemmi.Op.DEN for entry in row] for row in rotation]
    made.tran = shift
    return made
