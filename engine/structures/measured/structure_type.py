"""The name of the structure type of a crystal: a family of ours, an entry of the AFLOW list, or formula and space group."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import MODEL_ELEMENTS, reduced_formula, table
from platonic_atlas.engine.structures import families
from platonic_atlas.engine.structures.measured.aflow import aflow_prototypes
from platonic_atlas.engine.structures.symmetry import crystal_symmetry


def structure_type(atoms: Atoms) -> str:
    """The known crystal of the same space group that lies nearest, whatever its elements; else "FeAs 62"."""
    group, structure = crystal_symmetry(atoms).spacegroup, _structure(atoms)
    key = group, structure.composition.anonymized_formula
    for known in (_families(), _prototypes()):
        near = [
            (_distance(structure, other), name) for name, other in known.get(key, []) if _same_anion(structure, other)
        ]
        matching = [(distance, name) for distance, name in near if distance is not None]
        if matching:
            return min(matching, key=lambda each: each[0])[1]  # of equal ones the first
    return f"{reduced_formula(atoms.numbers)} {group}"


#: Of the roles of a family from the last one on, each more electronegative than the one before it: Na, Zn, S, O.
ELEMENTS = 11, 30, 16, 8

Known = dict[tuple[int, str], list[tuple[str, Any]]]


@cache
def _families() -> Known:
    members = [member for group in families.GROUPS.values() for member in group]
    return _sorted([(member.name, member.decorate(ELEMENTS[-len(member.roles) :])) for member in members])


@cache
def _prototypes() -> Known:
    return _sorted([(atoms.info["prototype"], atoms) for atoms in aflow_prototypes(set(MODEL_ELEMENTS))[0]])


def _sorted(named: list[tuple[str, Atoms]]) -> Known:
    """By space group and formula with letters for elements; of equal crystals the first counts."""
    known: Known = {}
    for name, atoms in named:
        structure = _structure(atoms)
        key = crystal_symmetry(atoms).spacegroup, structure.composition.anonymized_formula
        known.setdefault(key, []).append((name, structure))
    return known


def _structure(atoms: Atoms) -> Any:
    from pymatgen.core import Structure

    return Structure(atoms.cell.array, atoms.numbers, atoms.get_scaled_positions())


def _same_anion(one: Any, other: Any) -> bool:
    """Whether the most electronegative elements have the same share: perovskites and antiperovskites are two types."""
    return bool(abs(_share_of_anion(one) - _share_of_anion(other)) < 1e-6)


def _share_of_anion(structure: Any) -> float:
    composition, value = structure.composition, table().electronegativity
    anion = max(composition, key=lambda element: float(np.nan_to_num(value[element.Z])))
    return float(composition.get_atomic_fraction(anion))


def _distance(one: Any, other: Any) -> float | None:
    """Root mean square of how far the atoms lie apart, in units of the free length an atom; None where the two differ."""
    from pymatgen.analysis.structure_matcher import StructureMatcher

    found = StructureMatcher().get_rms_anonymous(one, other)[0]
    return None if found is None else round(float(found), 6)
