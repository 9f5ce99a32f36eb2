"""Bonds that cannot be real are found; real ones, however short or odd, are not."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.data import reference_states
from ase.spacegroup import crystal

from platonic_atlas.engine.elements import MODEL_ELEMENTS, table
from platonic_atlas.engine.structures.bonds import IONS, bonds, charges_of, coordination_by_distance, reason_by_bonds
from platonic_atlas.engine.structures.measured.aflow import aflow_prototypes


def anatase(u: float = 0.208) -> Atoms:
    """TiO₂ with Ti–O of 1.93 and 1.98 Å (Horn et al., Z. Kristallogr. 1972, 136, 273)."""
    atoms = crystal(
        ["Ti", "O"], [(0, 0, 0), (0, 0, u)], spacegroup=141, cellpar=[3.785, 3.785, 9.514, 90, 90, 90], primitive_cell=True
    )  # fmt: skip
    atoms.info["prototype"] = "anatase"
    return atoms


def brookite(edge: float = 5.449) -> Atoms:
    """TiO₂ with Ti–O from 1.86 to 2.04 Å (Meagher and Lager, Can. Mineral. 1979, 17, 77)."""
    places = [(0.1289, 0.0972, 0.8628), (0.0095, 0.1491, 0.1835), (0.2314, 0.1110, 0.5366)]
    return crystal(["Ti", "O", "O"], places, spacegroup=61, cellpar=[9.174, edge, 5.138, 90, 90, 90])


def test_titania_as_measured_passes() -> None:
    assert reason_by_bonds(anatase()) == reason_by_bonds(brookite()) == ""
    assert coordination_by_distance(anatase()).tolist() == [6, 6]
    shortest = {bond.elements: bond for bond in bonds(anatase())}["O", "Ti"]
    assert shortest.kind == IONS
    assert shortest.length == pytest.approx(1.934, abs=1e-3)
    assert shortest.radii == pytest.approx(0.42 + 1.35)  # Shannon: Ti⁴⁺ with four neighbours, O²⁻ with two


def test_a_cut_edge_is_found_by_the_bonds() -> None:
    assert reason_by_bonds(brookite(3.45)).startswith("a bond shorter than radii allow (O–Ti 1.")


def test_a_wrong_coordinate_is_found_by_the_coordination() -> None:
    said = reason_by_bonds(anatase(0.26))  # no bond is short: four of 1.90 Å, two of 2.47 Å
    assert said == "coordination contradicts the structure type (atoms with 4 neighbours; anatase: 6)"


@pytest.mark.parametrize(
    "name",
    ["H2", "N2", "O2", "CO", "P2", "HF", "CO2", "C2H2", "H2O", "HCN", "NH3", "CH4", "H2O2", "SO2", "SiH4", "LiH"],
)
def test_molecules_have_short_bonds(name: str) -> None:
    atoms = molecule(name, vacuum=3.0)
    atoms.pbc = True
    assert bonds(atoms) and reason_by_bonds(atoms) == ""


def test_simple_metals_pass() -> None:
    found = {}
    for number in MODEL_ELEMENTS:
        state = reference_states[number] or {}
        if state.get("symmetry") in ("fcc", "bcc", "hcp") and "basis" not in state and table().group[number] != 18:
            found[str(table().symbol[number])] = reason_by_bonds(bulk(str(table().symbol[number])))
    assert len(found) > 50
    assert {symbol: reason for symbol, reason in found.items() if reason} == {}


@pytest.mark.parametrize(
    ("metal", "centre", "length", "charge"),
    [("K", "Mn", 1.61, 7), ("Na", "Tc", 1.71, 7), ("Cs", "Re", 1.72, 7)],
)
def test_oxo_bonds_of_high_charges_pass(metal: str, centre: str, length: float, charge: int) -> None:
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
    places = np.concatenate([[[3.0, 3.0, 3.0]], np.zeros((1, 3)), corners * length])
    salt = Atoms(f"{metal}{centre}O4", positions=places, cell=[6, 6, 6], pbc=True)
    assert charges_of(f"{metal}{centre}O4")[centre] == charge
    assert reason_by_bonds(salt) == ""
    squeezed = salt.copy()
    squeezed.positions[2:] *= 0.7
    assert "O" in reason_by_bonds(squeezed)


@pytest.mark.parametrize(
    ("symbols", "places", "group", "cell"),
    [
        pytest.param(["Na", "N", "N"], [(0, 0, 0), (0, 0, 0.5), (0, 0, 0.4235)], 166, (3.646, 15.223), id="azide"),
        pytest.param(["Ca", "C"], [(0, 0, 0), (0, 0, 0.4)], 139, (3.89, 6.38), id="carbide"),
        pytest.param(["K", "O"], [(0, 0, 0), (0, 0, 0.4045)], 139, (4.034, 6.699), id="superoxide"),
        pytest.param(["Fe", "S"], [(0, 0, 0), (0.385, 0.385, 0.385)], 205, (5.418, 5.418), id="disulphide"),
        pytest.param(["U", "O"], [(0, 0, 0), (0.25, 0.25, 0.25)], 225, (5.47, 5.47), id="uranium dioxide"),
        pytest.param(["Ti", "N"], [(0, 0, 0), (0.5, 0.5, 0.5)], 225, (4.24, 4.24), id="nitride"),
        pytest.param(["Li", "H"], [(0, 0, 0), (0.5, 0.5, 0.5)], 225, (4.084, 4.084), id="hydride"),
        pytest.param(["Pb", "O"], [(0, 0.5, 0.2385), (0, 0, 0)], 129, (3.976, 5.023), id="lone pair"),
        pytest.param(["Mg", "O", "H"], [(0, 0, 0), (1 / 3, 2 / 3, 0.22), (1 / 3, 2 / 3, 0.43)], 164, (3.14, 4.77), id="hydroxide"),
    ],
)  # fmt: skip
def test_odd_anions_pass(
    symbols: list[str], places: list[tuple[float, float, float]], group: int, cell: tuple[float, float]
) -> None:
    angle = 120 if group in (164, 166) else 90
    atoms = crystal(symbols, places, spacegroup=group, cellpar=[cell[0], cell[0], cell[1], 90, 90, angle])
    assert {bond.elements for bond in bonds(atoms)} and reason_by_bonds(atoms) == ""
    squeezed = atoms.copy()
    squeezed.set_cell(atoms.cell * 0.6, scale_atoms=True)
    assert reason_by_bonds(squeezed).startswith("a bond shorter")


#: By what was measured: CoAs₃ a = 8.205 Å (the list 7.58), CuO with Cu–O 1.95 Å, In a = 3.25 Å (the list 4.60), …
MISPRINTS = {
    "BaS3", "CoAs3", "B5Mo2", "TiO2 A2B_tI12", "FeB", "GeS2", "TiNi", "Ag2Se", "Fe4C", "SiO2 A2B_mC48", "Si A_cF136", "MgNi2",
    "CuO", "TiO2 A2B_oP24", "BaHg11", "Si A_cI16_206", "Cr4Fe4Ni4PdRh2", "NiSbS", "Mg2Ni", "CNCl", "In A_tI2", "Pt3O4",
}  # fmt: skip


def test_misprints_of_the_aflow_list_are_found_and_nothing_else() -> None:
    structures, _ = aflow_prototypes(set(MODEL_ELEMENTS))
    found = {atoms.info["id"].partition(" ")[2] for atoms in structures if reason_by_bonds(atoms)}
    by_name = {name for name in MISPRINTS for each in found if f"{each} ".startswith(name) and each[len(name)] in " _"}
    assert by_name == MISPRINTS
    assert len(found) == len(MISPRINTS)
