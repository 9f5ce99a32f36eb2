"""What comes along with structures: which frames of a folder, labels, names, and what was changed on reading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write

from platonic_atlas.engine.errors import InputError, UsageError
from platonic_atlas.engine.structures.collect import collect
from platonic_atlas.engine.structures.read import read_frames, reading_of
from tests.engine.structures.written import HEAD, frames, told, xyz

# what a folder holds


def test_atlases_are_passed_over_and_never_read_as_structures(tmp_path: Path) -> None:
    from platonic_atlas.engine.verbs.ingest import ingest

    write(tmp_path / "a.cif", bulk("Si"))
    ingest(tmp_path / "a.cif", tmp_path / "b.atlas.zarr", coordination=False)
    (tmp_path / "c.atlas.zip").write_bytes(b"PK")
    assert told(list(read_frames(tmp_path))) == ["Si2"]
    with pytest.raises(InputError, match="is an atlas"):
        list(read_frames(tmp_path / "b.atlas.zarr"))


@pytest.mark.parametrize(("every", "last", "ids"), [(1, False, "0123456"), (3, False, "036"), (1, True, "6")])
def test_every_so_many_frames_or_the_last(tmp_path: Path, every: int, last: bool, ids: str) -> None:
    (tmp_path / "a.extxyz").write_text("".join(xyz(f"id={k}") for k in range(7)))
    found = collect(tmp_path / "a.extxyz", every=every, last=last, coordination=False)
    assert "".join(found.structures["id"]) == ids


def test_options_that_cannot_be_meant() -> None:
    with pytest.raises(UsageError, match="takes no frame"):
        reading_of(every=0)
    with pytest.raises(UsageError, match="is no element"):
        reading_of(elements=["Si", "Xx"])


# labels


def test_labels_that_come_with_structures(tmp_path: Path) -> None:
    head = HEAD + ":forces:R:3:magmom:R:1"
    rows = "Cs 0 0 0 3 4 0 1.5\nCl 2 2 2 0 0 0 0\n"
    (tmp_path / "a.extxyz").write_text(
        xyz("temperature=300 same=1", rows, head) + xyz("temperature=600 same=1", rows, head)
    )
    labels = collect(tmp_path / "a.extxyz", coordination=False, orbits=False).labels
    assert labels["temperature"] == ["300", "300", "600", "600"]
    assert labels["frame"] == ["0", "0", "1", "1"]
    assert labels["force"] == ["5", "0"] * 2
    assert labels["magmom"] == ["1.5", "0"] * 2
    assert "same" not in labels


def test_a_name_for_each_structure_is_no_label(tmp_path: Path) -> None:
    (tmp_path / "a.extxyz").write_text("".join(xyz(f"run=r{k} T={k} kind=k{k % 3}") for k in range(60)))
    labels = collect(tmp_path / "a.extxyz", coordination=False).labels
    assert "T" in labels and "kind" in labels and "run" not in labels


def test_a_molecule_is_called_what_its_file_calls_it(tmp_path: Path) -> None:
    water = molecule("H2O")
    water.info["name"] = "water"
    write(tmp_path / "a.extxyz", water)
    assert collect(tmp_path / "a.extxyz", coordination=False).structures["prototype"] == ["water"]


def test_labels_follow_the_atoms_into_the_primitive_cell(tmp_path: Path) -> None:
    salt = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    salt.arrays["charge"] = np.where(salt.numbers == 11, 1.0, -1.0)
    write(tmp_path / "a.extxyz", salt)
    found = collect(tmp_path / "a.extxyz", primitive=True, coordination=False)
    assert dict(zip(found.atomic_number[found.representative].tolist(), found.labels["charge"], strict=True)) == {
        11: "1",
        17: "-1",
    }


@pytest.mark.parametrize("cells", [0, 30, 300])
def test_atoms_outside_are_wrapped_and_it_says_so(cells: int) -> None:
    salt = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    moved = salt.copy()
    moved.positions[1] += cells * salt.cell[0] - cells * salt.cell[2]
    found = collect(moved, coordination=False)
    assert np.allclose(found.position, salt.positions, atol=1e-6)
    assert ("note" in found.structures) == (cells > 0)


def test_no_warning_of_a_library_reaches_the_user(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    lattices = ("1e300 0 0 0 1e300 0 0 0 1e300", "nan 0 0 0 4 0 0 0 4", "4 0 0 0 4 0 0 0 4")
    (tmp_path / "a.extxyz").write_text("".join(xyz(head=HEAD.replace("4 0 0 0 4 0 0 0 4", each)) for each in lattices))
    (tmp_path / "b.json").write_text('{"numbers": [1, 1], "positions": [[0, 0, 0], [1e308, 1e308, 1e308]]}')
    assert collect(tmp_path, coordination=False).structures["n_atoms"] == [2]
    assert [str(each.message) for each in recwarn] == []


def test_nothing_of_a_cell_that_is_absurd(tmp_path: Path) -> None:
    lattices = ("1e9 0 0 0 1e9 0 0 0 1e9", "1e300 0 0 0 1e300 0 0 0 1e300", "4 0 0 99999 0.001 0 0 0 4")
    text = "".join(xyz(head=HEAD.replace("4 0 0 0 4 0 0 0 4", lattice)) for lattice in lattices) + xyz("id=good")
    (tmp_path / "a.extxyz").write_text(text)
    found = collect(tmp_path / "a.extxyz", coordination=False)
    assert found.structures["id"] == ["good"]
    skew = Atoms(
        "H2", positions=[[0, 0, 0], [1, 0, 0]], cell=[[3, 0, 0], [3e4, 0.001, 0], [0, 0, 1]], pbc=(True, False, False)
    )
    assert collect(skew, coordination=False).structures["n_atoms"] == [2]


def test_names_of_labels_are_names_of_folders(tmp_path: Path) -> None:
    (frame,) = frames(tmp_path, "a.extxyz", f"1\n{HEAD}:zarr.json:I:1 zarr.json=1 band_gap.value=2\nNa 0 0 0 7\n")
    assert frame.labels == {"zarr_json": "1", "band_gap_value": "2"}
    assert frame.atom_labels == {"zarr_json": ["7"]}
