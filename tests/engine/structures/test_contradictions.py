"""Files that say two things of their atoms, or that hold more atoms than they count: left out in words, never half read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase.build import bulk
from ase.io import write

from platonic_atlas.engine.structures.formats import ase_formats
from tests.engine.structures.written import HEAD, POSCAR, ROW_BY_ROW, frames, told, xyz

# POSCAR

WHOLE = POSCAR.format("x") + ROW_BY_ROW
LABELLED = "".join(f"{row} {label}\n" for row, label in zip(
    ROW_BY_ROW.split("\n")[3:8], ("Sr", "Ti", "O", "O", "O"), strict=True))  # fmt: skip
VELOCITIES = "1 0 0\n" * 5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (WHOLE + "\n" + VELOCITIES, "SrTiO3"), (WHOLE + "Cartesian\n" + VELOCITIES, "SrTiO3"),
        (WHOLE + "Lattice velocities and vectors\n 1\n" + "1 0 0\n" * 6 + "\n" + VELOCITIES, "SrTiO3"),
        (WHOLE + "\n" + VELOCITIES + "\n1\n0.5\n1 0 0 0\n" + VELOCITIES * 3, "SrTiO3"), (WHOLE + "# made by hand\n", "SrTiO3"),
        (POSCAR.format("x") + "Sr Ti O\n1 1 3\nDirect\n" + LABELLED, "SrTiO3"),
        (POSCAR.format("x") + "Sr Ti O\n1 1 3\nSelective\nDirect\n" + LABELLED.replace(" Sr", " T T F Sr"), "SrTiO3"),
        (POSCAR.format("AB C & x") + "1 1 3\nDirect\n" + LABELLED, "SrTiO3"),
        (POSCAR.format("AB C & x") + "1 1 3\nDirect\n" + LABELLED.replace(" Ti", ""), "there are no elements"),
        (POSCAR.format("x") + "Ti Sr O\n1 1 3\nDirect\n" + LABELLED, "the row of atom 0 is labelled Sr"),
        (WHOLE + ".1 .1 .1\n", "more follows than the 5 atoms"), (WHOLE + WHOLE, "more follows than the 5 atoms"),
        (WHOLE + "\n" + WHOLE, "a second structure follows"),
    ],
)  # fmt: skip
def test_poscar_rows_and_what_follows_them(tmp_path: Path, text: str, found: str) -> None:
    assert found in told(frames(tmp_path, "POSCAR", text))[0]


# SHELX and AIRSS

RES = "TITL h in P1\nCELL 0.71 5 5 5 90 90 90\nLATT -1\nSFAC O C\n{unit}O1 1 0.1 0.1 0.1 11.0\n{rest}END\n"


@pytest.mark.parametrize(
    ("unit", "rest", "found"),
    [
        ("UNIT 1 1\n", "C1 2 .5 .1 .1 11\n", "OC"), ("UNIT 2 1\n", "O1' 1 .5 .1 .1 11\nC1_a 2 .1 .5 .1 11\n", "O2C"),
        ("", "SADI_1 1 .5 .1 .1 11\n", "O"), ("", "PART 1\nC1 2 .5 .1 .1 11\nPART 2\nC2 2 .1 .5 .1 11\nPART 0\n", "disordered: parts"),
        ("UNIT 2 5\n", "C1 2 .5 .1 .1 11\n", "UNIT contradicts its atoms"),
    ],
)  # fmt: skip
def test_res_parts_names_and_counts(tmp_path: Path, unit: str, rest: str, found: str) -> None:
    assert found in told(frames(tmp_path, "a.res", RES.format(unit=unit, rest=rest)))[0]


@pytest.mark.parametrize(("pressure", "energy"), [("0.01", -6.0), ("50.0", None)])
def test_an_enthalpy_is_an_energy_where_there_is_no_pressure(
    tmp_path: Path, pressure: str, energy: float | None
) -> None:
    text = RES.format(unit="", rest="").replace("h in P1", f"abc {pressure} 60.5 -6 0 0 1 (P1) n - 1")
    (frame,) = frames(tmp_path, "a.res", text)
    assert frame.energy == energy
    assert (energy is None) == ("its enthalpy at 50.0 GPa is no energy" in frame.notes)


# molecules

MOL = "x\n  by{:>18}\n\n  2  1  0  0  0  0  0  0  0  0999 V2000\n{}  1  2  1  0\nM  END\n"
ATOM = "{:10.4f}{:10.4f}{:10.4f} {:<3} 0  0\n"
V3000 = "x\n  p\n\n  0  0  0     0  0            999 V3000\nM  V30 COUNTS 2 0 0 0 0\nM  V30 BEGIN ATOM\n{}M  V30 END ATOM\nM  END\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (MOL.format("3D", ATOM.format(0, 0, 0, "C") + ATOM.format(1.2, 0, 0, "O")), "CO"),
        (MOL.format("2D", ATOM.format(0, 0, 0, "C") + ATOM.format(1.2, 0, 0, "O")), "a drawing in two dimensions"),
        (MOL.format("2D", ATOM.format(0, 0, 0, "C") + ATOM.format(1.2, 0, 1, "O")), "CO"),
        (MOL.format("3D", "".join(ATOM.format(k, 0, 0, "C") for k in range(3))), "more atoms follow than the 2"),
        (V3000.format("M  V30 1 C 0 0 0 0\nM  V30 2 O 1.2 0 -\nM  V30 0 0\n"), "CO"),
        (V3000.format("M  V30 1 C 0 0 0 0\n"), "counts 2 atoms and lists 1"),
        (V3000.format("M  V30 1 C 0 0 0 0\nM  V30 2 O 1.2 0\n"), "fewer than three coordinates"),
    ],
)
def test_molecules_in_space_with_all_their_atoms(tmp_path: Path, text: str, found: str) -> None:
    assert found in told(frames(tmp_path, "a.mol", text))[0]


@pytest.mark.parametrize(
    ("name", "format", "as_written", "instead"),
    [("a.pdb", "proteindatabank", "P 1", "P 21 21 21"), ("a.car", "dmol-car", "\nNa1 ", " (FM-3M)\nNa1 ")],
)
def test_a_part_of_a_cell_is_not_taken_for_the_whole(
    tmp_path: Path, name: str, format: str, as_written: str, instead: str
) -> None:
    write(tmp_path / name, bulk("NaCl", "rocksalt", a=5.64), format=format)
    text = (tmp_path / name).read_text()
    (tmp_path / name).write_text(text.replace(as_written, instead, 1))
    (frame,) = ase_formats.frames(tmp_path / name, name, format)
    assert "a part of the cell" in frame.reason


# columns


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"2\n{HEAD}:numbers:I:1\nCs 0 0 0 3\nCl 2 2 2 17\n", "contradict each other"),
        (f"2\n{HEAD}:atomic_numbers:I:1\nCs 0 0 0 55\nCl 2 2 2 17\n", "CsCl"),
        (xyz(head=HEAD.replace("species:S", "Z:R"), rows="55.7 0 0 0\n17 2 2 2\n"), "'55.7' is no atomic number"),
        (xyz(head=HEAD.replace("species:S", "Z:I"), rows="55.7 0 0 0\n17 2 2 2\n"), "'55.7' is no atomic number"),
    ],
)
def test_numbers_and_symbols_of_xyz(tmp_path: Path, text: str, said: str) -> None:
    assert said in told(frames(tmp_path, "a.extxyz", text))[0]


SITES = {"species_at_sites": ["Cs", "Cl"], "cartesian_site_positions": [[0, 0, 0], [2, 2, 2]]}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"numbers": [14, 14], "symbols": ["C", "C"]}, "contradict each other"), ({"numbers": [6, 6], "symbols": ["C", "C"]}, "C2"),
        ({"numbers": "88"}, "one text and not a list"), ({"numbers": [14.7, 14]}, "'14.7' is no atomic number"),
        ({"attributes": SITES}, "CsCl"), ({"attributes": {**SITES, "nsites": 3}}, "states 3 sites and lists 2"),
        ({"attributes": {**SITES, "structure_features": ["assemblies"]}}, "disordered"),
        ({"attributes": {**SITES, "assemblies": [{"sites_in_groups": [[0], [1]]}]}}, "disordered"),
    ],
)  # fmt: skip
def test_what_json_says_of_its_atoms(tmp_path: Path, document: dict[str, object], said: str) -> None:
    text = json.dumps({"positions": [[0, 0, 0], [2, 2, 2]], **document})
    assert said in told(frames(tmp_path, "a.json", text))[0]
