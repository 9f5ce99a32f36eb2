"""The other formats: what is open is left out, what hangs on a structure never makes it fail, nothing is passed over."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, molecule
from ase.db import connect
from ase.io import write

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.structures.collect import collect
from platonic_atlas.engine.structures.formats import content
from platonic_atlas.engine.structures.read import read_file, read_frames
from tests.engine.structures.written import DUMP, HEAD, POSCAR, ROW_BY_ROW, ROWS, STRUCTURE, frames, told, xyz

# encodings and packing, in one place for all formats


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    text = "data_å\n_author 'Müller'\n" * 20
    assert content.text(text.replace("\n", end).encode(encoding)) == text


@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")])
@pytest.mark.parametrize(("name", "text"), [("a.extxyz", xyz()), ("POSCAR", POSCAR.format("x") + ROW_BY_ROW)])
def test_packed_files(tmp_path: Path, pack: object, ending: str, name: str, text: str) -> None:
    assert callable(pack)
    whole = told(frames(tmp_path, name, text))
    assert told(frames(tmp_path, f"{name}.{ending}", pack(text.encode()))) == whole
    assert "damaged" in told(frames(tmp_path, f"cut.{name}.{ending}", pack(text.encode())[:-12]))[0]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    said = told(frames(tmp_path, "bomb.extxyz.gz", gzip.compress(b"\0" * 4_000_000, 9)))
    assert "unpacks to more than" in said[0]


# extended xyz


@pytest.mark.parametrize(
    "text",
    [
        xyz(rows="Cs 0.0D+00 0.0D0 0\nCl 2.0D+00 2d0 2\n"),
        xyz('comment="one\ntwo"'),
        xyz(rows="CS 55 0 0 0\nCL 17 2 2 2\n", head=HEAD.replace("pos", "Z:I:1:pos")),
        xyz("units=Angstrom,eV forces_units=Hartree/Bohr"),
        xyz('units="metal" energy_unit=au'),
        xyz('comment="energies in Hartree, forces in Hartree/Bohr"'),
        "2\nforces in Hartree/Bohr, positions in Angstrom (not bohr)\n" + ROWS,
        xyz(rows="Cs\t0\t0\t0\nCl\t2\t2\t2\n"),
        xyz("formula=Cs4Cl4 occupancy=1"),
        xyz('formula="a salt"'),
        xyz().replace("2\n", "2 atoms\n", 1),
        xyz() + "\n\n\n",
        f"2\n{HEAD}:forces:R:3\nCs 0 0 0 1 0 0\nCl 2 2 2 x y z\n",
        f"2\n{HEAD.replace('species:S:1:pos:R:3', 'pos:R:3:species:S:1')}\n0 0 0 Cs\n2 2 2 Cl\n",
        f"2\n{HEAD.replace('species:S:1', 'Z:I:1')}\n55 0 0 0\n17 2 2 2\n",
        "2\nplain\nCs 0 0 0\nCl 2 2 2\n",
        "2\n\n55 0 0 0\n17 2 2 2\n",
    ],
)
def test_xyz_is_read_where_the_meaning_is_plain(tmp_path: Path, text: str) -> None:
    assert told(frames(tmp_path, "a.extxyz", text)) == ["CsCl"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (xyz('occupancy="_JSON {\\"0\\": {\\"Cs\\": 0.5, \\"Rb\\": 0.5}}"'), "partly occupied"),
        (f"2\n{HEAD}:Z:I:1\nCs 0 0 0 55\nCl 2 2 2 9\n", "contradict each other"),
        (xyz(head=HEAD.replace("species:S:1:", "tag:S:1:")), "no column of elements"),
        (xyz(rows="A 0 0 0\nB 2 2 2\n"), "is no element"),
        (f"2\n{HEAD}:occupancy:R:1\nCs 0 0 0 0.5\nCl 2 2 2 1\n", "partly occupied"),
        (xyz(rows="CO 0 0 0\nO 2 2 2\n"), "'CO' in capitals can mean Co or a label of C"),
        (xyz(rows="CA1 0 0 0\nZn 2 2 2\n"), "'CA1' in capitals can mean Ca or a label of C"),
        (xyz(rows="CO 6 0 0 0\nO 8 2 2 2\n", head=HEAD.replace("pos", "Z:I:1:pos")), "contradict each other"),
        (xyz("units=bohr"), "its comment says bohr"),
        (xyz('length_unit="au"'), "its comment says au"),
        (xyz('units="Bohr, Hartree"'), "its comment says bohr"),
        (xyz("cell_units = nm"), "its comment says nm"),
        ("2\nsome salt (Bohr)\n" + ROWS, "its comment says bohr"),
        (xyz("formula=CsI"), "the formula of the file has I"),
        (xyz("pretty_formula=Cs2Cl"), "contradicts itself"),
        (xyz('Formula="Cs2Cl"'), "contradicts itself"),
        (xyz('formula="Cs(OH)"'), "the formula of the file has H, O"),
        (f"2\n{HEAD}:Occupancy:R:1 occupancy=1\nCs 0 0 0 0.5\nCl 2 2 2 1\n", "partly occupied"),
        (xyz('pbc="T F perhaps"'), "pbc is not three truth values"),
        (xyz(head=HEAD.replace("0 0 4", "0 0")), "cell is not nine numbers"),
        (f"1\n{HEAD}\n{ROWS}", "more atoms follow"),
    ],
)
def test_xyz_that_leaves_open_what_it_holds(tmp_path: Path, text: str, said: str) -> None:
    assert said in told(frames(tmp_path, "a.extxyz", text))[0]


@pytest.mark.parametrize("count", ["999999999999", "50000000", "9" * 5000, "3", "1", "-2", "1e3"])
def test_a_wrong_count_takes_no_other_frame_along(tmp_path: Path, count: str) -> None:
    found = frames(tmp_path, "a.extxyz", f"{count}\n{HEAD}\n{ROWS}" + xyz("id=good"))
    assert found[0].atoms is None
    assert found[-1].id == "good" and found[-1].atoms is not None
    assert found[0].n_atoms <= 3


def test_without_a_cell_there_is_a_molecule(tmp_path: Path) -> None:
    nothing = 'Lattice="0 0 0 0 0 0 0 0 0" Properties=species:S:1:pos:R:3'
    (bare,) = frames(tmp_path, "a.extxyz", xyz(head=nothing))
    (periodic,) = frames(tmp_path, "b.extxyz", xyz('pbc="T T T"', head=nothing))
    (boxed,) = frames(tmp_path, "c.extxyz", xyz('pbc="F F F"'))
    for frame in (bare, periodic, boxed):
        assert frame.atoms is not None and not frame.atoms.pbc.any()
    assert periodic.notes == ["it says periodic and has no cell: read as a molecule"]
    assert boxed.atoms is not None and boxed.atoms.cell.volume == pytest.approx(64)


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ("id=00123", "00123"), ("material_id=12e45", "12e45"), ('id="mp 22"', "mp 22"), ("mp-id=mp-1", "mp-1"), ("uid=7", "7"),
        ("ID=abc", "abc"), ("name=halite", "halite"), ("name=halite id=3.10", "3.10"), ("id=T", "a.extxyz#0"),
        ("id=T name=halite", "halite"), ('id=""', "a.extxyz#0"), ("id=nan", "a.extxyz#0"), ("jid=J-1 name=x", "J-1"),
    ],
)  # fmt: skip
def test_identifiers_by_the_usual_names_as_they_are_written(tmp_path: Path, extra: str, name: str) -> None:
    assert frames(tmp_path, "a.extxyz", xyz(extra))[0].id == name


def test_identifiers_of_numpy() -> None:
    atoms = bulk("Si")
    atoms.info = {"material_id": np.int64(7), "id": True}
    (frame,) = read_frames(atoms)
    assert frame.id == "7"


# energies


@pytest.mark.parametrize(
    ("extra", "key", "energy"),
    [
        ("energy=-6", "energy", -3), ('energy="-6 eV"', "energy", -3), ("energy=-0.6D+01", "energy", -3),
        ("REF_energy=-6", "REF_energy", -3), ("free_energy=-7 energy=-6", "energy", -3), ("energy=None REF_energy=-6", "REF_energy", -3),
        ("energy_per_atom=-3", "energy_per_atom", -3), ("corrected_total_energy=-6", "corrected_total_energy", -3),
        ("energy=None", "", None), ('energy="[1,2]"', "", None), ('energy="-6 -7"', "", None), ("energy=nan", "", None),
        ("energy=1e999", "", None), ('energy=-6 stress="a b c"', "energy", -3),
    ],
)  # fmt: skip
def test_a_structure_never_fails_for_its_energy(tmp_path: Path, extra: str, key: str, energy: float | None) -> None:
    (frame,) = frames(tmp_path, "a.extxyz", xyz(extra))
    assert frame.atoms is not None
    assert (frame.energy_key, frame.energy) == (key, energy)
    assert ("dropped" in " ".join(frame.notes)) == ("None" in extra or energy is None)


def test_which_energy_was_taken_is_told(tmp_path: Path) -> None:
    from platonic_atlas.engine.verbs.ingest import ingest

    text = xyz("energy=-6 id=a") + xyz("REF_energy=-8 id=b") + xyz("energy=x id=c")
    (tmp_path / "a.extxyz").write_text(text)
    atlas = ingest(tmp_path / "a.extxyz", tmp_path / "a.atlas.zarr", coordination=False)
    assert atlas.energy_keys() == {"energy": 1, "REF_energy": 1}
    assert atlas.notes() == {"the energy under energy is no number and was dropped": 1}
    energies = atlas.reference_energy()
    assert energies is not None and energies[:2].tolist() == [-3, -4] and np.isnan(energies[2])
    assert atlas.damaged() == []


# POSCAR


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (POSCAR.format("x") + ROW_BY_ROW, "SrTiO3"),
        (POSCAR.format("x") + ROW_BY_ROW.replace("Sr Ti O", "Sr_sv/4b1c9 Ti_pv/7aa O/a25f"), "SrTiO3"),
        (POSCAR.format("Sr Ti O") + ROW_BY_ROW.partition("\n")[2], "SrTiO3"),
        (POSCAR.format("In As I see") + ROW_BY_ROW.partition("\n")[2], "no elements"),
        (POSCAR.format("SrTiO3") + ROW_BY_ROW.partition("\n")[2], "no elements"),
        (POSCAR.format("x").replace("1.0", "0") + ROW_BY_ROW, "scale"),
        (POSCAR.format("x") + ROW_BY_ROW.replace("1 1 3", "1 1 30"), "ends after 5 of 32"),
        (POSCAR.format("x") + ROW_BY_ROW.replace("1 1 3", "1 1 999999999"), "more than"),
    ],
)
def test_poscar(tmp_path: Path, text: str, found: str) -> None:
    assert found in told(frames(tmp_path, "POSCAR", text))[0]


def test_a_negative_scale_is_a_volume_and_an_absurd_one_no_cell(tmp_path: Path) -> None:
    text = POSCAR.format("x").replace("1.0", "-125") + ROW_BY_ROW
    (frame,) = frames(tmp_path, "POSCAR", text)
    assert frame.atoms is not None and frame.atoms.cell.volume == pytest.approx(125)
    (tmp_path / "POSCAR").write_text(text.replace("-125", "-1e300"))
    with pytest.raises(InputError, match="a cell longer than"):
        collect(tmp_path / "POSCAR")


# JSON and tables


@pytest.mark.parametrize(
    "document",
    [
        STRUCTURE, [STRUCTURE], {"structure": STRUCTURE, "energy": -6}, [{"material_id": "mp-1", "structure": STRUCTURE}],
        {"index": [0], "columns": ["structure", "e"], "data": [[STRUCTURE, 1]]}, {"mp-1": {"0": {"structure": STRUCTURE}}},
        {"numbers": [55, 17], "positions": [[0, 0, 0], [2, 2, 2]], "cell": [4, 4, 4]},
        {"lattice_mat": [[4, 0, 0], [0, 4, 0], [0, 0, 4]], "coords": [[0, 0, 0], [2, 2, 2]], "elements": ["Cs", "Cl"], "cartesian": True},
    ],
)  # fmt: skip
def test_json(tmp_path: Path, document: object) -> None:
    (frame,) = frames(tmp_path, "a.json", json.dumps(document))
    assert frame.atoms is not None and str(frame.atoms.symbols) == "CsCl"
    assert frame.atoms.pbc.all() and frame.atoms.cell.volume == pytest.approx(64)
    assert frame.atoms.get_distance(0, 1, mic=True) == pytest.approx(12**0.5)


def test_json_that_leaves_open_what_it_holds(tmp_path: Path) -> None:
    half = json.loads(json.dumps(STRUCTURE))
    half["sites"][0]["species"] = [{"element": "Cs", "occu": 0.5}, {"element": "Rb", "occu": 0.5}]
    lines = "\n".join(json.dumps(each) for each in (STRUCTURE, half)) + "\nno json\n"
    first, second, third = told(frames(tmp_path, "a.jsonl", lines))
    assert first == "CsCl" and "partly occupied" in second and "no JSON" in third
    assert "without a structure" in told(frames(tmp_path, "b.json", '{"x": 1}'))[0]
    assert "nested deeper" in told(frames(tmp_path, "c.json", "[" * 100_000))[0]


def test_json_makes_nothing_that_a_file_names(tmp_path: Path) -> None:
    evil = {
        "@module": "os",
        "@class": "system",
        "command": f"touch {tmp_path / 'ran'}",
        "sites": STRUCTURE["sites"],
        **STRUCTURE,
    }
    assert told(frames(tmp_path, "a.json", json.dumps(evil))) == ["CsCl"]
    assert not (tmp_path / "ran").exists()


CIF = (
    'data_x\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha 90\n_cell_angle_beta 90\n'
    '_cell_angle_gamma 90\nloop_\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n'
    'Cs 0 0 0\nCl .5 .5 .5\n'
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "table", "found"),
    [
        ("a.csv", f'\ufeffmaterial_id,cif\nm,"{CIF}"\n', ["CsCl"]), ("a.csv", f'material_id;CIF\nm;"{CIF}"\n', ["CsCl"]),
        ("a.csv", f'material_id, structure\nm,"{CIF}"\n', ["CsCl"]), ("a.tsv", f'material_id\tcif\nm\t"{CIF}"\n', ["CsCl"]),
        ("a.csv", f'id,cif\nm,"{CIF}{CIF.replace("data_x", "data_y")}"\n', ["CsCl", "CsCl"]),
        ("a.csv", f'id,cif\nm,\nn,"{CIF}"\n', ["empty", "CsCl"]), ("a.csv", "id,cif\nm,folder/m.cif\n", ["not opened"]),
        ("a.csv", "id,cif\nm,\"'data_x\\n_cell'\"\n", ["not evaluated"]), ("a.csv", "id,cif\n", ["no rows"]),
        ("a.csv", "id,b\n1,2\n", ["column named cif"]),
        ("a.csv", 'id,poscar\nm,"' + POSCAR.format("x") + ROW_BY_ROW + '"\n', ["SrTiO3"]),
    ],
)  # fmt: skip
def test_tables(tmp_path: Path, name: str, table: str, found: list[str]) -> None:
    for said, expected in zip(told(frames(tmp_path, name, table)), found, strict=True):
        assert expected in said


# SDF, .res, databases, formats of ASE


def test_every_molecule_of_an_sdf(tmp_path: Path) -> None:
    import io

    text = io.StringIO()
    for name in ("H2O", "CH4", "NH3"):
        write(text, molecule(name), format="sdf")
        text.write("> <mass>\n18\n\n$$$$\n" if "$$$$" not in text.getvalue().splitlines()[-1] else "")
    assert [sorted(set(said)) for said in told(frames(tmp_path, "a.sdf", text.getvalue()))] == [
        sorted(set(str(molecule(name).symbols))) for name in ("H2O", "CH4", "NH3")
    ]


RES = "TITL {} 0 64 -6 0 0 2 (P1) n - 1\nCELL 1 4 4 4 90 90 90\n{}SFAC Cs Cl\nCs 1 0 0 0 {}\nCl 2 .5 .5 .5 1\nEND\n"


def test_res_with_lattice_and_occupancies(tmp_path: Path) -> None:
    both = RES.format("a", "LATT -1\n", 1) + RES.format("b", "LATT -1\n", 0.5)
    first, second = frames(tmp_path, "a.res", both)
    assert first.id == "a" and first.energy == -3
    assert "partly occupied" in second.reason
    (centred,) = frames(tmp_path, "b.res", RES.format("c", "LATT -7\n", 1).replace(".5 .5 .5", ".5 0 .5"))
    assert centred.atoms is not None and centred.atoms.get_chemical_formula() == "Cl2Cs2"


def test_occupancies_that_ase_kept_beside_the_atoms(tmp_path: Path) -> None:
    salt = bulk("RbCl", "cesiumchloride", a=4.2)
    salt.info["occupancy"] = {0: {"Cs": 0.5, "Rb": 0.5}, 1: {"Cl": 1}}
    for name in ("a.traj", "a.extxyz"):
        write(tmp_path / name, salt)
        assert "partly occupied" in told(list(read_file(tmp_path / name)))[0]
    assert "partly occupied" in next(iter(read_frames(salt))).reason
    with connect(tmp_path / "a.db") as database:
        database.write(salt, data={"occupancy": salt.info["occupancy"]})
        database.write(bulk("Si"))
    assert [said[:6] for said in told(list(read_file(tmp_path / "a.db")))] == ["partly", "Si2"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.db", b"SQLite format 3\0" + b"x" * 3000, "no database of ASE"), ("b.db", b"this is none", "no known format"),
        ("a.in", b"", "empty"), ("a.png", b"\x89PNG\r\n\x1a\n\0\0", "holds no structure"), ("a.xyz", b"\n \n", "empty"),
        ("a.txt", b"hello", "no known format"), ("a.gen", b"999999999 S\nNa\n1 1 0 0 0\n", "unparsable"),
    ],
)  # fmt: skip
def test_a_file_without_a_structure_is_listed_in_words(tmp_path: Path, name: str, text: bytes, said: str) -> None:
    (frame,) = frames(tmp_path, name, text)
    assert frame.atoms is None and said in frame.reason


def test_formats_that_ase_would_guess_are_read_here_whatever_they_are_called(tmp_path: Path) -> None:
    bare = DUMP.format(step=0, more="", a="", b="")
    assert "--elements" in told(frames(tmp_path, "odd.name", bare))[0]
    assert "--elements" in told(frames(tmp_path, "odd.lammpstrj", "# a comment first\n" + bare))[0]
    assert told(frames(tmp_path, "odd.dat", xyz())) == ["CsCl"]
