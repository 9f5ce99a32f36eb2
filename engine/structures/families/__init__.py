"""Prototypes that recipes decorate: geometry only, the chemistry is the recipe's.

Coordinates follow the AFLOW encyclopaedia of crystallographic prototypes (Mehl et al., Comput.
Mater. Sci. 2017, 136, S1) in the settings of `ase.spacegroup`. Cell shapes and free parameters are
those of the namesake: where a relaxation starts.
"""

from __future__ import annotations

from platonic_atlas.engine.structures.families.anions import COMPLEX
from platonic_atlas.engine.structures.families.binary import BINARY
from platonic_atlas.engine.structures.families.elemental import ELEMENTAL
from platonic_atlas.engine.structures.families.intermetallic import INTERMETALLIC
from platonic_atlas.engine.structures.families.prototype import Family
from platonic_atlas.engine.structures.families.ternary import TERNARY

__all__ = ["BINARY", "COMPLEX", "ELEMENTAL", "GROUPS", "INTERMETALLIC", "TERNARY", "Family", "family", "name_of"]

GROUPS = {"elemental": ELEMENTAL, "ionic": (*BINARY, *TERNARY, *COMPLEX), "intermetallic": INTERMETALLIC}


def family(group: str, name: str) -> Family:
    """The family of a name; raises KeyError with the known names."""
    known = {member.name: member for member in GROUPS[group]}
    if name not in known:
        raise KeyError(f"{name!r} is none of the {group} families {sorted(known)}")
    return known[name]


def name_of(strukturbericht: str) -> str:
    """The family that a Strukturbericht designation names, "" where none does."""
    names = {m.strukturbericht: m.name for group in GROUPS.values() for m in group if m.strukturbericht}
    return names.get(strukturbericht, "")
