"""Experimental structures that pymatgen carries: the AFLOW list of crystallographic prototypes."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.families import name_of
from platonic_atlas.engine.types import Reject

#: Names of the list that mean one of our families.
_SAME = {"heusler": "full Heusler", "half-heusler": "half-Heusler"}

_STEEL = "not measured: a model of a steel, made for the list"
_MIXED = "not ordered: Pb(Zr,Ti)O₃, in the list with zirconium alone"

#: AFLOW label -> why the entry is no measured crystal, as the pages of the encyclopaedia say themselves.
LEFT_OUT = {
    "AB4C3_cI16_229_a_c_b": _STEEL,
    "AB11CD3_cP16_221_a_dg_b_c": _STEEL,
    "AB12C3_cI32_229_a_h_b": _STEEL,
    "AB18C8_cF108_225_a_eh_f": _STEEL,
    "AB27CD3_cP32_221_a_dij_b_c": _STEEL,
    "A9B16C7_cF128_225_acd_2f_be": _STEEL,
    "A3BC_tP5_99_bc_a_b": _MIXED,
    "A3BC_mC10_8_ab_a_a": _MIXED,
    "AB3_oC8_65_a_bf": "not measured: CdPt₃ as calculations predict it",
    "A_tI4_139_e": "not measured: silicon as computed by Boyer et al. (Phys. Rev. Lett. 1991, 67, 715)",
    "A_hP6_194_h": "not measured: the list calls it theoretical",
    "A_tI8_139_h": "not measured: the list calls it theoretical",
}

SOURCE = "experiment: AFLOW prototype list in pymatgen"


def aflow_prototypes(elements: set[int]) -> tuple[list[Atoms], list[Reject]]:
    """All prototypes as measured; those with other elements than the given ones, and those never measured, are rejected.

    The list is pymatgen's copy of 288 compounds of the AFLOW encyclopaedia (Mehl et al., Comput.
    Mater. Sci. 2017, 136, S1). info of each: id, prototype, source, relaxed ("" as it is measured).
    """
    structures: list[Atoms] = []
    rejects: list[Reject] = []
    for index, entry in enumerate(_entries()):
        structure, tags = entry["snl"].structure, entry["tags"]
        name = f"aflow/{index:03d} {structure.composition.reduced_formula} {tags['aflow']}"
        reason = LEFT_OUT.get(tags["aflow"], "") or _reason(structure, elements)
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


def _reason(structure: object, elements: set[int]) -> str:
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
