"""Prototypes that recipes decorate: geometry only, the chemistry is the recipe's.

Coordinates follow the AFLOW encyclopaedia of crystallographic prototypes (Mehl et al., Comput.
Mater. Sci. 2017, 136, S1) in the settings of `ase.spacegroup`. Free parameters keep the value of
the namesake; only the volume is relaxed afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import table
from platonic_atlas.engine.types import FloatArray

Position = tuple[float, float, float]

THIRD = 1 / 3


@dataclass(frozen=True)
class Family:
    """One prototype.

    sites : (role, fractional position), role a letter of the formula; roles count from A
    c_over_a : with `hexagonal` the shape of the conventional cell
    strukturbericht : designation under which a list of experimental structures may name it
    anions : how many of the last roles are anions (0 in intermetallics)
    """

    name: str
    spacegroup: int
    sites: tuple[tuple[str, Position], ...]
    c_over_a: float = 1.0
    hexagonal: bool = False
    setting: int = 1
    strukturbericht: str = ""
    anions: int = 1

    @property
    def roles(self) -> str:
        return "".join(sorted({role for role, _ in self.sites}))

    def counts(self) -> tuple[int, ...]:
        """Atoms of each role in the primitive cell."""
        numbers = _template(self).numbers
        return tuple(int((numbers == k + 1).sum()) for k in range(len(self.roles)))

    def decorate(self, elements: Sequence[int]) -> Atoms:
        """The primitive cell with an element for each role, spheres of covalent radius touching.

        Between cations and anions only, where the family has anions: in an ionic crystal equal
        charges do not touch.
        """
        atoms = _template(self).copy()
        atoms.numbers = np.asarray(elements)[atoms.numbers - 1]
        atoms.set_cell(atoms.cell * _touching(self, elements), scale_atoms=True)
        return atoms


@cache
def _template(family: Family) -> Atoms:
    """Primitive cell of edge a = 1 with atomic numbers 1, 2, … for the roles A, B, …"""
    from ase.spacegroup import crystal

    symbols = [("H", "He", "Li", "Be")[family.roles.index(role)] for role, _ in family.sites]
    angle = 120 if family.hexagonal else 90
    atoms = crystal(
        symbols,
        [position for _, position in family.sites],
        spacegroup=family.spacegroup,
        setting=family.setting,
        cellpar=[1, 1, family.c_over_a, 90, 90, angle],
        primitive_cell=True,
        onduplicates="error",
    )
    return Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)


@cache
def _nearest(family: Family) -> FloatArray:
    """(n_roles, n_roles) nearest distance between atoms of two roles in a cell of edge a = 1."""
    from ase.neighborlist import neighbor_list

    # ASE's search bins space by at least 3 Å: a cell of edge 1 Å has hundreds of images in a bin.
    atoms, magnified = _template(family), 10.0
    larger = Atoms(atoms.numbers, cell=atoms.cell * magnified, scaled_positions=atoms.get_scaled_positions(), pbc=True)
    first, second, distance = neighbor_list("ijd", larger, 1.2 * magnified)
    nearest = np.full((len(family.roles), len(family.roles)), np.inf)
    np.minimum.at(nearest, (atoms.numbers[first] - 1, atoms.numbers[second] - 1), distance / magnified)
    return nearest


def _touching(family: Family, elements: Sequence[int]) -> float:
    """The edge a [Å] at which the nearest spheres touch and none overlap."""
    radius = table().covalent_radius[np.asarray(elements)]
    bonded = np.ones((len(radius), len(radius)), dtype=bool)
    if family.anions:
        cation = np.arange(len(radius)) < len(radius) - family.anions
        bonded = cation[:, None] != cation[None, :]
    return float(((radius[:, None] + radius[None, :]) / _nearest(family))[bonded].max())


_HEXAGONAL_CLOSE = float(np.sqrt(8 / 3))

#: The five simple structures of the elements.
ELEMENTAL = (
    Family("bcc", 229, (("A", (0, 0, 0)),), strukturbericht="A2", anions=0),
    Family("fcc", 225, (("A", (0, 0, 0)),), strukturbericht="A1", anions=0),
    Family("hcp", 194, (("A", (THIRD, 2 * THIRD, 0.25)),), _HEXAGONAL_CLOSE, True, strukturbericht="A3", anions=0),
    Family("diamond", 227, (("A", (0, 0, 0)),), strukturbericht="A4", anions=0),
    Family("simple cubic", 221, (("A", (0, 0, 0)),), strukturbericht="A_h", anions=0),
)

BINARY = (
    Family("rock salt", 225, (("A", (0, 0, 0)), ("B", (0.5, 0.5, 0.5))), strukturbericht="B1"),
    Family("zincblende", 216, (("A", (0, 0, 0)), ("B", (0.25, 0.25, 0.25))), strukturbericht="B3"),
    Family("wurtzite", 186, (("A", (THIRD, 2 * THIRD, 0)), ("B", (THIRD, 2 * THIRD, 0.375))), 1.62, True, 1, "B4"),
    Family("caesium chloride", 221, (("A", (0, 0, 0)), ("B", (0.5, 0.5, 0.5))), strukturbericht="B2"),
    Family("nickel arsenide", 194, (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.25))), 1.45, True, 1, "B8_1"),
    Family("fluorite", 225, (("A", (0, 0, 0)), ("B", (0.25, 0.25, 0.25))), strukturbericht="C1"),
    Family("antifluorite", 225, (("B", (0, 0, 0)), ("A", (0.25, 0.25, 0.25)))),
    Family("rutile", 136, (("A", (0, 0, 0)), ("B", (0.305, 0.305, 0))), 0.65, strukturbericht="C4"),
    Family("cadmium iodide", 164, (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.25))), 1.6, True, 1, "C6"),
    Family(
        "lanthanum oxide",
        164,
        (("A", (THIRD, 2 * THIRD, 0.246)), ("B", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.648))),
        1.56,
        True,
        1,
        "D5_2",
    ),
    Family("corundum", 167, (("A", (0, 0, 0.352)), ("B", (0.306, 0, 0.25))), 2.73, True, 1, "D5_1"),
    Family("rhenium trioxide", 221, (("A", (0, 0, 0)), ("B", (0.5, 0, 0))), strukturbericht="D0_9"),
    Family("bismuth fluoride", 225, (("A", (0, 0, 0)), ("B", (0.25, 0.25, 0.25)), ("B", (0.5, 0.5, 0.5)))),
    Family("lithium bismuthide", 225, (("B", (0, 0, 0)), ("A", (0.25, 0.25, 0.25)), ("A", (0.5, 0.5, 0.5)))),
)

TERNARY = (
    Family("perovskite", 221, (("A", (0, 0, 0)), ("B", (0.5, 0.5, 0.5)), ("C", (0.5, 0.5, 0))), strukturbericht="E2_1"),
    Family("antiperovskite", 221, (("A", (0.5, 0.5, 0)), ("B", (0.5, 0.5, 0.5)), ("C", (0, 0, 0))), anions=2),
    Family(
        "spinel",
        227,
        (("A", (0.125, 0.125, 0.125)), ("B", (0.5, 0.5, 0.5)), ("C", (0.2625, 0.2625, 0.2625))),
        setting=2,
        strukturbericht="H1_1",
    ),
    Family(
        "chalcopyrite",
        122,
        (("A", (0, 0, 0)), ("B", (0, 0, 0.5)), ("C", (0.25, 0.25, 0.125))),
        1.98,
        strukturbericht="E1_1",
    ),
    Family("delafossite", 166, (("A", (0, 0, 0)), ("B", (0, 0, 0.5)), ("C", (0, 0, 0.11))), 5.8, True),
    Family("sodium ferrite", 166, (("A", (0, 0, 0.5)), ("B", (0, 0, 0)), ("C", (0, 0, 0.24))), 5.1, True),
    Family("ilmenite", 148, (("A", (0, 0, 0.355)), ("B", (0, 0, 0.146)), ("C", (0.317, 0.023, 0.245))), 2.77, True),
    Family("potassium chloroplatinate", 225, (("A", (0.25, 0.25, 0.25)), ("B", (0, 0, 0)), ("C", (0.24, 0, 0)))),
    Family(
        "matlockite",
        129,
        (("A", (0.25, 0.25, 0.205)), ("B", (0.75, 0.25, 0)), ("C", (0.25, 0.25, 0.65))),
        1.76,
        setting=2,
        strukturbericht="E0_1",
        anions=2,
    ),
    Family(
        "potassium nickel fluoride",
        139,
        (("A", (0, 0, 0.353)), ("B", (0, 0, 0)), ("C", (0, 0.5, 0)), ("C", (0, 0, 0.16))),
        3.25,
    ),
    Family(
        "scheelite",
        88,
        (("A", (0, 0.25, 0.625)), ("B", (0, 0.25, 0.125)), ("C", (0.15, 0.009, 0.211))),
        2.17,
        setting=2,
    ),
    Family("half-Heusler", 216, (("A", (0.5, 0.5, 0.5)), ("B", (0.25, 0.25, 0.25)), ("C", (0, 0, 0))), anions=1),
)

INTERMETALLIC = (
    Family("full Heusler", 225, (("A", (0.25, 0.25, 0.25)), ("B", (0.5, 0.5, 0.5)), ("C", (0, 0, 0))), anions=0),
    Family("half-Heusler", 216, (("A", (0.25, 0.25, 0.25)), ("B", (0.5, 0.5, 0.5)), ("C", (0, 0, 0))), anions=0),
    Family("caesium chloride", 221, (("A", (0, 0, 0)), ("B", (0.5, 0.5, 0.5))), anions=0),
    Family("copper gold", 221, (("A", (0.5, 0.5, 0)), ("B", (0, 0, 0))), strukturbericht="L1_2", anions=0),
    Family("Laves C15", 227, (("A", (0.125, 0.125, 0.125)), ("B", (0.5, 0.5, 0.5))), 1, False, 2, "C15", anions=0),
    Family("aluminium boride", 191, (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.5))), 1.08, True, 1, "C32", 0),
    Family(
        "calcium copper",
        191,
        (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0)), ("B", (0.5, 0, 0.5))),
        0.81,
        True,
        1,
        "D2_d",
        0,
    ),
    Family("chromium silicide", 223, (("A", (0.25, 0, 0.5)), ("B", (0, 0, 0))), strukturbericht="A15", anions=0),
    Family(
        "thorium chromium silicide", 139, (("A", (0, 0, 0)), ("B", (0, 0.5, 0.25)), ("C", (0, 0, 0.375))), 2.5, anions=0
    ),
)

GROUPS = {"elemental": ELEMENTAL, "ionic": (*BINARY, *TERNARY), "intermetallic": INTERMETALLIC}


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
