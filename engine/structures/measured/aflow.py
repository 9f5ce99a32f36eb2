"""Experimental structures that pymatgen carries: the AFLOW list of crystallographic prototypes."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.families import name_of
from platonic_atlas.engine.types import Reject

#: Names of the list that mean one of our families.
_SAME = {"heusler": "full Heusler", "half-heusler": "half-Heusler"}

SOURCE = "experiment: AFLOW prototype list in pymatgen"


def aflow_prototypes(elements: set[int]) -> tuple[list[Atoms], list[Reject]]:
    """All prototypes as measured; those with other elements than the given ones are rejected.

    The list is pymatgen's copy of 288 compounds of the AFLOW encyclopaedia (Mehl et al., Comput.
    Mater. Sci. 2017, 136, S1). info of each: id, prototype, source, relaxed ("" as it is measured).
    """
    structures: list[Atoms] = []
    rejects: list[Reject] = []
    for index, entry in enumerate(_entries()):
        structure, tags = entry["snl"].structure, entry["tags"]
        name = f"aflow/{index:03d} {structure.composition.reduced_formula} {tags['aflow']}"
        reason = _reason(structure, tags["mineral"], elements)
        if reason:
            rejects.append(Reject(index, name, SOURCE, reason))
            continue
        info = {
            "id": name,
            "prototype": _prototype(tags, structure.composition.reduced_formula),
            "source": SOURCE,
            "relaxed": "",
        }
        cell = structure.lattice.matrix
        numbers = [site.specie.Z for site in structure]
        structures.append(Atoms(numbers, positions=np.array(structure.cart_coords), cell=cell, pbc=True, info=info))
    return structures, rejects


def _entries() -> list[dict]:  # type: ignore[type-arg]
    from pymatgen.analysis.prototypes.matcher import AFLOW_PROTOTYPE_LIBRARY

    return list(AFLOW_PROTOTYPE_LIBRARY)


def _reason(structure: object, mineral: str, elements: set[int]) -> str:
    if "theoretical" in mineral.lower():
        return "not measured: the list calls it theoretical"
    if not structure.is_ordered:  # type: ignore[attr-defined]
        return "partly occupied sites"
    unknown = sorted({site.specie.symbol for site in structure if site.specie.Z not in elements})  # type: ignore[attr-defined]
    return f"{', '.join(unknown)}: not among the elements of the recipe" if unknown else ""


def _prototype(tags: dict[str, str], formula: str) -> str:
    """The family of the same structure type, the mineral, or the AFLOW label."""
    mineral = tags["mineral"].strip().lower()
    known = name_of(tags["strukturbericht"]) or _SAME.get(mineral, "")
    if (
        known
        or not mineral
        or not mineral.replace(" ", "").replace("-", "").replace("(", "").replace(")", "").isalnum()
    ):
        return known or tags["aflow"]
    return f"{mineral} {formula}" if mineral in ("alpha", "beta", "gamma", "delta") else mineral
