"""Whether the bonds of a crystal can be real: none shorter than radii allow, and as many as the structure type has.

Each bond d_ij is held against a sum of radii, by what meets in it; a share below the limit is a misprint:

    ions        cation and anion by the charges of the composition (pymatgen's guess from the ICSD); the least radius
                that Shannon (Acta Cryst. A 1976, 32, 751) gives for the charge, whatever the coordination
    metals      two atoms of metals
    mixed       a metal and a non-metal or metalloid without charges, or a cation with a lone pair
    nonmetals   two of those
    element     a crystal of one element

Where there are no ions the radius of an atom is the covalent one (Cordero et al., Dalton Trans. 2008, 2832), or the
metallic one where that is less. Two cations are not held against anything: they are no bond (Li₃N: 2.11 Å). Least
shares of the real crystals in the AFLOW list of pymatgen and the CIF files of crystals and Dans-Diffraction (403 entries,
November 2026), and the greatest shares of misprints:

                real crystals from                                             misprints up to
    ions        0.891 (HgCl₂), 0.908 (K–N of KAg(CN)₂), 0.910 (krennerite)     0.878 (BaS₃), 0.873 (brookite)
    metals      0.888 (UCo), 0.890 (Cr₃Si), 0.893 (MoPt₂)                      0.836 (BaHg₁₁), 0.729 (Mg₂Ni)
    mixed       0.929 (NbP), 0.942 (Fe₂C), 0.945 (Ti₂C)                        0.885 (CoAs₃), 0.881 (Fe₄C)
    nonmetals   0.749 (CO), 0.777 (cyanide), 0.796 (thiocyanate)               0.670 (CNCl)
    element     0.742 (N₂, X-ray), 0.792 (α-Pu), 0.831 (β-U)                   0.643 (Si as BC8)

What is displaced without a short bond is found by its coordination: the numbers of neighbours that a structure type has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import numbers_by_symbol, reduced_formula, table
from platonic_atlas.engine.structures.checks import near_pairs
from platonic_atlas.engine.types import IntArray

IONS, METALS, MIXED, NONMETALS, ELEMENT = "ions", "metals", "mixed", "nonmetals", "element"

#: Kind of bond -> the least share of the sum of radii.
LEAST = {IONS: 0.885, METALS: 0.86, MIXED: 0.90, NONMETALS: 0.72, ELEMENT: 0.72}

REACH = 4.5  # Å: further than any bond that could be too short
#: A neighbour so many times as far as the nearest one is bonded no more.
SHELL = 1.25

#: Structure type -> how many anions the cations have around them, one number for each kind of cation; in an element, how
#: many atoms each atom has. Textbook facts (Wells, Structural Inorganic Chemistry, 5th ed.) of undistorted shells.
COORDINATION: dict[str, frozenset[int]] = {
    **dict.fromkeys(("diamond", "lonsdaleite", "bc8", "clathrate"), frozenset({4})),
    **dict.fromkeys(
        ("graphite", "rhombohedral graphite", "black p", "boron nitride", "antimony trioxide"), frozenset({3})
    ),
    **dict.fromkeys(
        ("zincblende", "wurtzite", "antifluorite", "chalcopyrite", "stannite", "enargite", "moissanite 9r"),
        frozenset({4}),
    ),
    **dict.fromkeys(
        ("moissanite-4h", "moissanite-6h", "silicon disuphide", "silicon tetrafluoride", "tenorite"), frozenset({4})
    ),
    **dict.fromkeys(("quartz (alpha)", "quartz (beta)", "coesite", "keatite", "beta beryllia"), frozenset({4})),
    **dict.fromkeys(
        (
            "low (alpha) cristobalite",
            "high (beta) cristobalite",
            "low tridymite",
            "high (orthorhombic) tridymite",
            "beta tridymite",
        ),
        frozenset({4}),
    ),
    **dict.fromkeys(
        ("rock salt", "nickel arsenide", "cadmium iodide", "sodium ferrite", "caswellsilverite"), frozenset({6})
    ),
    **dict.fromkeys(
        ("rutile", "anatase", "brookite", "hydrophilite", "corundum", "ilmenite", "rhenium trioxide"), frozenset({6})
    ),
    **dict.fromkeys(
        ("bismuth triodide", "chromium trichloride", "aluminum trichloride", "molybdenite"), frozenset({6})
    ),
    **dict.fromkeys(("pyrite", "marcasite", "skutterudite", "tungsten carbide"), frozenset({6})),
    **dict.fromkeys(("cuprite", "cinnabar"), frozenset({2})),
    **dict.fromkeys(("fluorite", "caesium chloride"), frozenset({8})),
    "A4B3_cI14_229_c_b": frozenset({4}),  # Pt₃O₄: platinum in squares
    "baddeleyite": frozenset({7}),
    "indium": frozenset({12}),
    "spinel": frozenset({4, 6}),
    "perovskite": frozenset({6, 12}),
    "potassium chloroplatinate": frozenset({6, 12}),
    "delafossite": frozenset({2, 6}),
    "calcite": frozenset({3, 6}),
    "zircon": frozenset({4, 8}),
    "scheelite": frozenset({4, 8}),
}

_NONMETALS = frozenset(
    ["H", "He", "C", "N", "O", "F", "Ne", "P", "S", "Cl", "Ar", "Se", "Br", "Kr", "I", "Xe", "Rn", "At"]
)
_METALLOIDS = frozenset(["B", "Si", "Ge", "As", "Sb", "Te"])


@dataclass(frozen=True)
class Bond:
    """The shortest distance between two elements [Å], and its share of the sum of their radii [Å]."""

    elements: tuple[str, str]
    length: float
    kind: str
    radii: float

    @property
    def share(self) -> float:
        return self.length / self.radii


def reason_by_bonds(atoms: Atoms) -> str:
    """Why the bonds of a measured crystal cannot be real, "" where they can.

    atoms : info may name the prototype, whose coordination is then looked at
    """
    short = [bond for bond in bonds(atoms) if bond.share < LEAST[bond.kind]]
    if short:
        worst = min(short, key=lambda bond: bond.share / LEAST[bond.kind])
        return (
            f"a bond shorter than radii allow ({'–'.join(worst.elements)} {worst.length:.2f} Å, {worst.share:.2f} of the "
            f"radii's sum {worst.radii:.2f} Å; {worst.kind}: {LEAST[worst.kind]:g} at least)"
        )
    return wrong_coordination(atoms)


def bonds(atoms: Atoms) -> list[Bond]:
    """The shortest bond of each pair of elements, sorted by the elements; pairs of cations are none."""
    first, second, distance = near_pairs(atoms, REACH)
    symbol = table().symbol
    shortest: dict[tuple[str, str], float] = {}
    for i, j, d in zip(first, second, distance, strict=True):
        low, high = sorted((int(atoms.numbers[i]), int(atoms.numbers[j])))
        pair = str(symbol[low]), str(symbol[high])
        shortest[pair] = min(shortest.get(pair, np.inf), float(d))
    charges = charges_of(reduced_formula(atoms.numbers))
    single = len(set(atoms.numbers.tolist())) == 1
    return [bond for pair, d in sorted(shortest.items()) for bond in _bond(pair, d, charges, single)]


def _bond(pair: tuple[str, str], length: float, charges: Mapping[str, float], single: bool) -> Iterator[Bond]:
    nonmetals = sum(symbol in _NONMETALS | _METALLOIDS for symbol in pair)
    if single:
        kind = ELEMENT
    elif nonmetals == 2:
        kind = NONMETALS
    else:
        kind = MIXED if nonmetals else METALS
    if not single and charges:
        cation, anion = sorted(pair, key=lambda symbol: -charges[symbol])
        if charges[anion] > 0 and kind == METALS:
            return
        radii = _ionic_sum(cation, anion, charges)
        if radii:
            yield Bond(pair, length, IONS, radii)
            return
    yield Bond(pair, length, kind, sum(map(_atomic_radius, pair)))


def _ionic_sum(cation: str, anion: str, charges: Mapping[str, float]) -> float:
    """Sum of the least radii of two opposite ions [Å], 0 where they are none or have none."""
    if charges[cation] <= 0 or charges[anion] >= 0 or cation in _NONMETALS or _lone_pair(cation, charges[cation]):
        return 0.0
    positive = min((r for charge, r in _ionic_radii(cation) if abs(charge - charges[cation]) < 1), default=0.0)
    negative = min((r for charge, r in _ionic_radii(anion) if charge < 0), default=0.0)
    return positive + negative if positive and negative else 0.0


def _lone_pair(symbol: str, charge: float) -> bool:
    """Whether the cation keeps its s electrons: Tl⁺, Pb²⁺, Bi³⁺, …, which have near neighbours on one side."""
    group = int(table().group[numbers_by_symbol()[symbol]])
    return group in (13, 14, 15, 16) and charge < group - 10


@cache
def _ionic_radii(symbol: str) -> tuple[tuple[int, float], ...]:
    """(charge, radius [Å]) of an element: Shannon's ionic radii for each coordination and spin."""
    from pymatgen.core import Element

    known = Element(symbol).data.get("Shannon radii") or {}
    return tuple(
        (int(charge), float(radius["ionic_radius"]))
        for charge, places in known.items()
        for spins in places.values()
        for radius in spins.values()
    )


@cache
def _atomic_radius(symbol: str) -> float:
    """The covalent radius, or the metallic one where it is less [Å]; NaN beyond curium."""
    from pymatgen.core import Element

    metallic = Element(symbol).data.get("Metallic radius")
    covalent = float(table().covalent_radius[numbers_by_symbol()[symbol]])
    return min(covalent, metallic) if isinstance(metallic, (int, float)) else covalent


@cache
def charges_of(formula: str) -> dict[str, float]:
    """Mean charge of each element of a compound in its likeliest neutral combination; empty where there is none.

    Only where an element is there whose negative ion has a radius: alloys have no charges, and take longest to guess.
    """
    from pymatgen.core import Composition

    composition = Composition(formula)
    symbols = [element.symbol for element in composition]
    if len(symbols) < 2 or not any(charge < 0 for symbol in symbols for charge, _ in _ionic_radii(symbol)):
        return {}
    found = composition.oxi_state_guesses()
    return {str(symbol): float(charge) for symbol, charge in found[0].items()} if found else {}


def wrong_coordination(atoms: Atoms) -> str:
    """What the coordination says otherwise than the prototype that info names; "" where it agrees or none is known."""
    name = str(atoms.info.get("prototype", ""))
    expected = COORDINATION.get(name)
    if expected is None:
        return ""
    found = set(coordination_by_distance(atoms).tolist())
    if found == expected:
        return ""
    told, known = (", ".join(map(str, sorted(numbers))) for numbers in (found, expected))
    return f"coordination contradicts the structure type (atoms with {told} neighbours; {name}: {known})"


def coordination_by_distance(atoms: Atoms) -> IntArray:
    """(n,) neighbours of each cation, at most `SHELL` times as far as its nearest one.

    Neighbours are the atoms of the most electronegative element, and the others cations; in an element all are both.
    """
    value = table().electronegativity[atoms.numbers]
    anion = value == np.nanmax(value)
    cations = np.flatnonzero(~anion) if not anion.all() else np.arange(len(atoms))
    site, other, distance = near_pairs(atoms, REACH, cations)
    site, distance = site[anion[other]], distance[anion[other]]
    nearest = np.full(len(cations), np.inf)
    np.minimum.at(nearest, site, distance)
    return np.bincount(site[distance <= SHELL * nearest[site]], minlength=len(cations))
