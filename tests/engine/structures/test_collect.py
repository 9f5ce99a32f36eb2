from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write

from platonic_atlas.engine.errors import AtlasExists, InputError
from platonic_atlas.engine.structures import collect, families
from platonic_atlas.engine.structures.coordination import coordination_numbers, of_structure, one_by_one
from platonic_atlas.engine.structures.voronoi import numbers as at_once_numbers
from platonic_atlas.engine.verbs.ingest import ingest

SALT = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
SPINEL = families.family("ionic", "spinel").decorate([12, 13, 8])
TWINS = Atoms("H2", positions=[[0, 0, 0], [0, 0, 0.1]], cell=[5, 5, 5], pbc=True)


def test_sites_are_orbits() -> None:
    found = collect([SALT, SPINEL, molecule("H2O")], coordination=False)
    assert found.structures["n_atoms"] == [8, 14, 3]
    assert len(found.representative) == 2 + 3 + 3
    assert found.multiplicity.tolist() == [4, 4, 2, 4, 8, 1, 1, 1]
    assert (found.atomic_number[found.representative[found.site]] == found.atomic_number).all()
    assert (found.structure[found.representative[found.site]] == found.structure).all()
    assert (np.diff(found.representative) > 0).all()


def test_labels() -> None:
    spinel = SPINEL.copy()
    spinel.info["prototype"] = "spinel"
    found = collect([SALT, spinel, molecule("H2O")], workers=1)
    assert found.labels["prototype"] == ["AB 225"] * 2 + ["spinel"] * 3 + ["unknown"] * 3
    assert found.labels["spacegroup"] == ["225"] * 2 + ["227"] * 3 + ["unknown"] * 3
    # 8a and 8b (and 16c and 16d) of Fd-3m are the same up to the origin, which spglib is free to choose
    letters = [letter.replace("8b", "8a").replace("16c", "16d") for letter in found.labels["wyckoff"]]
    assert letters == ["4a", "4b", "8a", "16d", "32e", *["unknown"] * 3]
    assert found.labels["coordination"] == ["6", "6", "4", "6", "4", *["unknown"] * 3]
    assert found.labels["formula"] == ["NaCl"] * 2 + ["MgAl2O4"] * 3 + ["H2O"] * 3
    assert found.labels["orbit"][-3:] == ["H2O O1", "H2O H1", "H2O H2"]
    assert {len(values) for values in found.labels.values()} == {8}


def test_every_atom_its_own_site_without_orbits() -> None:
    found = collect(SALT, orbits=False, coordination=False)
    assert found.site.tolist() == list(range(8))
    assert found.structures["spacegroup"] == [225]


def test_input_site_counts_rejects_and_copies() -> None:
    found = collect([SALT, TWINS, SALT], coordination=False)
    assert found.input_site.tolist() == [0, 1] * 4 + [-1, -1] + [2, 3] * 4
    assert [(reject.input_index, reject.reason[:12]) for reject in found.rejects] == [(1, "atoms closer")]
    assert found.structures["input_index"] == [0, 2]


def test_input_site_leads_through_the_primitive_cell() -> None:
    found = collect([SALT, SPINEL * (1, 1, 2)], primitive=True, coordination=False)
    assert found.structures["n_atoms"] == [2, 14]
    assert len(found.input_site) == 8 + 28
    numbers = np.concatenate([SALT.numbers, (SPINEL * (1, 1, 2)).numbers])
    assert (found.atomic_number[found.representative[found.input_site]] == numbers).all()


def test_unparsable_xyz_frame_counts_the_atoms_of_its_header(tmp_path: Path) -> None:
    good = io.StringIO()
    write(good, bulk("NaCl", "rocksalt", a=5.64), format="extxyz")
    (tmp_path / "b.xyz").write_text("3\nbad\nNa 0 0\nNa 0 0\nNa 0 0\n" + good.getvalue())
    found = collect(tmp_path / "b.xyz", coordination=False)
    assert found.input_site.tolist() == [-1, -1, -1, 0, 1]


def test_csv_row_that_is_rejected_counts_its_atoms(tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["material_id", "cif"])
        for name, atoms in (("close", TWINS), ("salt", SALT)):
            buffer = io.BytesIO()
            write(buffer, atoms, format="cif")
            rows.writerow([name, buffer.getvalue().decode()])
    found = collect(tmp_path / "t.csv", coordination=False)
    assert found.input_site.tolist() == [-1, -1] + [0, 1] * 4
    assert found.structures["id"] == ["salt"]


def test_repeated_ids_get_a_number() -> None:
    named = []
    for name in ("a", "a", "a-2", "a"):
        atoms = SALT.copy()
        atoms.info["id"] = name
        named.append(atoms)
    ids = collect(named, coordination=False).structures["id"]
    assert ids[0] == "a" and len(set(ids)) == 4 and "a-2" in ids


def test_on_error_fail_stops() -> None:
    with pytest.raises(InputError, match=r"Structure 1 .*closer than"):
        collect([SALT, TWINS], on_error="fail", coordination=False)


def test_nothing_usable_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="None of the 1 structures"):
        ingest(TWINS, tmp_path / "a.atlas.zarr")
    with pytest.raises(InputError, match="None of the 0 structures"):
        ingest([], tmp_path / "a.atlas.zarr")
    assert list(tmp_path.iterdir()) == []


def test_ingest_writes_once_and_force_moves_aside(tmp_path: Path) -> None:
    target = tmp_path / "a.atlas.zarr"
    atlas = ingest([SALT, TWINS], target, coordination=False)
    assert (atlas.n_structures, atlas.n_atoms, atlas.n_sites) == (1, 8, 2)
    assert "closer than" in (target / "rejects.json").read_text()
    with pytest.raises(AtlasExists):
        ingest(SPINEL, target, coordination=False)
    assert ingest(SPINEL, target, force=True, coordination=False).n_sites == 3
    assert len(list(tmp_path.iterdir())) == 2


def test_progress_is_reported() -> None:
    seen: list[tuple[str, int, int]] = []
    collect([SALT, SPINEL], workers=1, progress=lambda *step: seen.append(step))
    assert seen == [
        ("reading", 1, 0),
        ("reading", 2, 0),
        *((what, k, 2) for what in ("neighbours", "coordination") for k in (1, 2)),
    ]


def test_processes_agree_with_one() -> None:
    structures = [bulk("NaCl", "rocksalt", a=5 + k / 20) for k in range(16)] + [bulk("Cu")]
    chosen = [np.arange(len(atoms)) for atoms in structures]
    numbers = coordination_numbers(structures, chosen, workers=2)
    assert numbers == [["6", "6"]] * 16 + [["12"]]


def test_coordination_gives_up_after_the_time_limit() -> None:
    assert one_by_one(SALT, np.array([0, 1]), time_limit=1e-6) == ["unknown", "unknown"]


@pytest.mark.parametrize("moved", [0.0, 0.05, 0.2])
def test_coordination_of_all_sites_at_once_is_that_of_crystalnn(moved: float) -> None:
    crystals = [
        SALT,
        SPINEL,
        bulk("Cu"),
        bulk("Si"),
        bulk("Mg"),
        bulk("ZnO", "wurtzite", a=3.25, c=5.2),
        bulk("CsCl", "cesiumchloride", a=4.1),
    ]
    for seed, crystal in enumerate(crystals):
        crystal = crystal.copy()
        crystal.rattle(moved, seed=seed)
        every = np.arange(len(crystal))
        assert len(at_once_numbers(crystal, every)) == len(crystal)
        assert of_structure(crystal, every) == one_by_one(crystal, every)


def test_a_cell_of_kilometres_has_no_coordination_and_takes_no_time() -> None:
    wide = Atoms(
        "CsCl", positions=[[0, 0, 0], [2000, 2, 0.5]], cell=[[99999, 0, 0], [0, 99999, 0], [0, 0, 1]], pbc=True
    )
    began = time.monotonic()
    assert of_structure(wide, np.arange(2)) == ["unknown"] * 2
    assert time.monotonic() - began < 1


def test_coordination_of_an_open_structure_is_left_to_pymatgen() -> None:
    chain = Atoms("C2", positions=[[0, 0, 0], [0, 0, 1.4]], cell=[12, 12, 2.8], pbc=True)
    every = np.arange(2)
    assert at_once_numbers(chain, every) == {}
    assert of_structure(chain, every) == one_by_one(chain, every)
