"""Every format and every reason for rejection, on files that ASE writes."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.db import connect
from ase.io import write

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.structures import checks
from platonic_atlas.engine.structures.checks import reason_to_reject
from platonic_atlas.engine.structures.read import read_frames

SALT = bulk("NaCl", "rocksalt", a=5.64)
SILICON = bulk("Si")


def cif(atoms: Atoms) -> str:
    buffer = io.BytesIO()
    write(buffer, atoms, format="cif")
    return buffer.getvalue().decode()


def formulas(path: Path) -> list[str]:
    return [frame.atoms.get_chemical_formula() if frame.atoms else "" for frame in read_frames(path)]


@pytest.mark.parametrize(
    ("name", "format"), [("a.cif", "cif"), ("POSCAR", "vasp"), ("a.xyz", "extxyz"), ("a.json", "json")]
)
def test_formats_that_ase_reads(tmp_path: Path, name: str, format: str) -> None:
    write(tmp_path / name, SALT, format=format)
    (frame,) = read_frames(tmp_path / name)
    assert frame.atoms is not None
    assert frame.atoms.get_chemical_formula() == "ClNa"
    assert frame.atoms.cell.volume == pytest.approx(SALT.cell.volume, rel=1e-4)
    assert frame.source == name


def test_several_frames_keep_their_order_and_info(tmp_path: Path) -> None:
    named = SILICON.copy()
    named.info = {"id": "mp-149", "prototype": "diamond", "source": "Materials Project"}
    write(tmp_path / "many.xyz", [SALT, named, SALT])
    frames = list(read_frames(tmp_path / "many.xyz"))
    assert [frame.id for frame in frames] == ["many.xyz#0", "mp-149", "many.xyz#2"]
    assert frames[1].labels == {"prototype": "diamond"}
    assert frames[1].source == "Materials Project"


def test_several_blocks_of_a_cif(tmp_path: Path) -> None:
    write(tmp_path / "two.cif", [SALT, SILICON], format="cif")
    assert formulas(tmp_path / "two.cif") == ["ClNa", "Si2"]


def test_database_rows(tmp_path: Path) -> None:
    with connect(tmp_path / "some.db") as database:
        database.write(SALT, prototype="rock salt")
        database.write(SILICON)
    frames = list(read_frames(tmp_path / "some.db"))
    assert [frame.n_atoms for frame in frames] == [2, 2]
    assert [frame.labels for frame in frames] == [{"prototype": "rock salt"}, {}]


def test_folder_is_read_in_order_of_paths_without_hidden_files(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "b").mkdir(parents=True)
    write(folder / "b" / "POSCAR", SALT, format="vasp")
    write(folder / "a.cif", SILICON)
    (folder / ".hidden").write_text("not a structure")
    assert [frame.source for frame in read_frames(folder)] == ["set/a.cif", "set/b/POSCAR"]
    assert formulas(folder) == ["Si2", "ClNa"]


def test_what_a_folder_holds_and_is_not_read_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, other = tmp_path / "set", tmp_path / "other"
    for each in (folder / "shut", other):
        each.mkdir(parents=True)
    write(folder / "Co.atlas.cif", SILICON)
    (folder / "x.atlas.zarr.old").mkdir()
    (folder / "x.atlas.studies.json").write_text("{}")
    (folder / "link").symlink_to(other)
    (folder / "lost").symlink_to(tmp_path / "nothing")
    as_it_is = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path.name == "shut":
            raise PermissionError(13, "Permission denied")
        return as_it_is(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    found = {frame.source: frame.reason for frame in read_frames(folder)}
    assert list(found) == ["set/Co.atlas.cif", "set/link", "set/lost", "set/shut"]
    assert found["set/Co.atlas.cif"] == ""
    assert "not followed" in found["set/link"] and "link to nothing" in found["set/lost"]
    assert "cannot be opened" in found["set/shut"]


def test_names_that_cannot_be_written_are_marked(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.xyz"))
    path.write_text(
        '1\nid="\\ud800" Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3\nNa 0 0 0\n1\n\nQq 0 0 0\n'
    )
    (tmp_path / "a.json").write_text(
        '{"id": "\\ud800", "phase": "\\udfff", "symbols": ["Na"], "positions": [[0, 0, 0]]}'
    )
    for frame in read_frames([path, tmp_path / "a.json"]):
        for text in (frame.id, frame.source, frame.reason, *frame.labels.values()):
            text.encode()
    with pytest.raises(InputError, match="no file or folder"):
        list(read_frames("a" * 300))


def test_several_inputs_and_atoms_in_memory(tmp_path: Path) -> None:
    write(tmp_path / "a.cif", SILICON)
    frames = list(read_frames([tmp_path / "a.cif", SALT]))
    assert [frame.n_atoms for frame in frames] == [2, 2]
    assert frames[1].source == "memory"


def test_csv_of_cifs(tmp_path: Path) -> None:
    path = tmp_path / "mp20.csv"
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, ["", "material_id", "spacegroup.number", "cif"])
        rows.writeheader()
        rows.writerow({"": 7, "material_id": "mp-22862", "spacegroup.number": 225, "cif": cif(SALT)})
        rows.writerow({"": 8, "material_id": "mp-0", "spacegroup.number": 1, "cif": "nonsense"})
        rows.writerow({"": 9, "material_id": "mp-149", "spacegroup.number": 227, "cif": cif(SILICON)})
    first, second, third = read_frames(path)
    assert (first.id, first.n_atoms, first.labels) == ("mp-22862", 2, {"spacegroup": "225"})
    assert second.atoms is None and second.reason == "the cell holds no structure"
    assert third.id == "mp-149" and third.atoms is not None


def test_csv_without_cif_column(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    (frame,) = read_frames(tmp_path / "x.csv")
    assert "column named cif" in frame.reason


def test_reading_goes_on_after_a_broken_frame_of_xyz(tmp_path: Path) -> None:
    good = io.StringIO()
    write(good, SALT, format="extxyz")
    broken = "2\nProperties=species:S:1:pos:R:3\nNa 0 0 zero\nCl 1 1 1\n"
    (tmp_path / "b.xyz").write_text(good.getvalue() + broken + good.getvalue())
    frames = list(read_frames(tmp_path / "b.xyz"))
    assert [frame.atoms is not None for frame in frames] == [True, False, True]
    assert frames[1].n_atoms == 2


@pytest.mark.parametrize(
    ("text", "said"), [("3\n\nNa 0 0 0\n", "ends after 1 of 3"), ("two\n\nNa 0 0 0\n", "not a number")]
)
def test_xyz_that_breaks_off(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "c.xyz").write_text(text)
    (frame,) = read_frames(tmp_path / "c.xyz")
    assert frame.atoms is None
    assert said in frame.reason


@pytest.mark.parametrize(
    ("name", "content"),
    [("POSCAR", "junk\n"), ("a.cif", "data_a\n_cell_length_a 1\n"), ("readme.txt", "hello"), ("e.cif", "")],
)
def test_files_that_hold_no_structure(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    (frame,) = read_frames(tmp_path / name)
    assert frame.atoms is None
    assert frame.reason.startswith("unparsable")


def test_partial_occupancy_is_not_read_as_full(tmp_path: Path) -> None:
    alloy = SALT.copy()
    text = cif(alloy).replace(" 1.0000 ", " 0.5000 ", 1).replace("  1.0000\n", "  0.5000\n", 1)
    assert "0.5000" in text
    (tmp_path / "half.cif").write_text(text)
    (frame,) = read_frames(tmp_path / "half.cif")
    assert "partly occupied" in frame.reason


def test_missing_path() -> None:
    with pytest.raises(InputError, match="no file or folder"):
        list(read_frames("nowhere.cif"))


def at(*positions: tuple[float, float, float], cell: object = (5, 5, 5), pbc: object = True) -> Atoms:
    return Atoms("H" * len(positions), positions=positions, cell=cell, pbc=pbc)


@pytest.mark.parametrize(
    ("atoms", "said"),
    [
        (Atoms(), "no atoms"),
        (Atoms("X", cell=[3, 3, 3], pbc=True), "atomic number 0"),
        (Atoms(numbers=[119], cell=[3, 3, 3], pbc=True), "atomic number 119"),
        (at((0, 0, np.nan)), "NaN or infinite"),
        (at((0, np.inf, 0)), "NaN or infinite"),
        (at((0, 0, 0), cell=[[5, 0, 0], [0, 5, 0], [0, np.nan, 5]]), "NaN or infinite"),
        (at((0, 0, 0), cell=[5, 5, 0]), "zero-volume"),
        (at((0, 0, 0), cell=[[5, 0, 0], [0, 5, 0], [5, 5, 0]]), "zero-volume"),
        (at((0, 0, 0), cell=[[5, 0, 0], [10, 0, 0], [0, 0, 9]], pbc=(True, True, False)), "zero-volume"),
        (at((0, 0, 0), (0, 0, 0.39)), "closer than 0.4"),
        (at((0, 0, 0.1), (0, 0, 4.9)), "closer than 0.4"),
        (at((0, 0, 0), cell=[5, 5, 0.3]), "own image"),
        (at((0, 0, 0), cell=[[5, 0, 0], [5, 0.2, 0], [0, 0, 5]]), "closer than 0.4"),
        (at((0, 0, 0), (0, 0, 0.39), pbc=False), "closer than 0.4"),
        (at((0, 0, 0), cell=[[10, 0, 0], [9.9999, 1e-4, 0], [0, 0, 10]]), "own image"),
        (at((0, 0, 0), cell=[[100, 0, 0], [99.5, 1e-3, 0], [0, 0, 1]]), "own image"),
        (at((0, 0, 0), (0, 0, 9), cell=[[99, 0, 0], [98.5, 1e-3, 0], [0, 0, 9]], pbc=(True, True, False)), "own image"),
        (at((0, 0, 0), (2.1, 2.1, 0), (2, 2, 0), cell=[[5, 0, 0], [500, 5, 0], [0, 0, 5]]), "0.14 Å"),
        (at((0, 0, 0), cell=[[5, 0, 0], [600, 5, 0], [0, 0, 5]]), "so skew that more than 100 images"),
    ],
)
def test_reasons_to_reject(atoms: Atoms, said: str) -> None:
    assert said in reason_to_reject(atoms)


@pytest.mark.parametrize(
    "atoms",
    [
        SALT,
        molecule("H2O"),
        at((0, 0, 0), (0, 0, 0.41)),
        at((0, 0, 0.1), (0, 0, 4.9), pbc=False),
        at((0, 0, 0), cell=[5, 5, 0], pbc=(True, True, False)),
        at((0, 0, 0), cell=[[5, 0, 0], [100, 5, 0], [0, 0, 5]]),
        Atoms(numbers=[118], cell=[4, 4, 4], pbc=True),
    ],
)
def test_nothing_to_reject(atoms: Atoms) -> None:
    assert reason_to_reject(atoms) == ""


@pytest.mark.parametrize("pbc", [True, False])
def test_atoms_in_one_place_are_not_paired_with_one_another(monkeypatch: pytest.MonkeyPatch, pbc: bool) -> None:
    """They have n² pairs, of which memory holds few thousand atoms'."""
    monkeypatch.setattr(checks, "near_pairs", lambda *_: pytest.fail("all pairs were looked for"))
    assert "atoms closer" in reason_to_reject(at(*[(0, 0, 1e-3 * k) for k in range(200)], pbc=pbc))
