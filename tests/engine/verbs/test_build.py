"""Recipes: read, refused in words, based on one another, and built from a csv with the controls alone."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.io.cif import CifWriter

from platonic_atlas import remove
from platonic_atlas.engine.errors import AtlasExists, InputError, UsageError
from platonic_atlas.engine.models.catalogue import PRESETS, spelled_out
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.store.files import data_folder
from platonic_atlas.engine.structures.recipe_file import read_recipe_tables
from platonic_atlas.engine.verbs.build import build

PAPER = data_folder() / "recipes" / "paper.toml"


def write_csv(file: Path, crystals: list[Atoms]) -> None:
    """A csv in the form of CDVAE: material_id, cif, spacegroup.number."""
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["material_id", "spacegroup.number", "cif"])
        for i, atoms in enumerate(crystals):
            rows.writerow([f"mp-{i}", 1, str(CifWriter(AseAtomsAdaptor.get_structure(atoms)))])


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """Based on the paper's: six crystals, controls only, three anchors of its own."""
    salts = [bulk(pair, "rocksalt", a=a) for pair, a in (("NaCl", 5.6), ("MgO", 4.2), ("LiF", 4.0))]
    write_csv(tmp_path / "small.csv", [*salts, bulk("Fe"), bulk("Cu"), bulk("Si")])
    (tmp_path / "paper.toml").write_text(PAPER.read_text(encoding="utf-8"))
    file = tmp_path / "small.toml"
    file.write_text(
        'name = "small"\nbased_on = "paper.toml"\n[atlas]\ninputs = ["small.csv"]\nmodels = ["onehot"]\n'
        "expected = { structures = 6, atoms = 10 }\nlayouts = []\n"
        'anchors = [{ name = "own", strategy = "file", file = "own.txt", reference = "onehot" }]\n'
    )
    (tmp_path / "own.txt").write_text("0, 3\n6")
    return file


def test_a_recipe_takes_what_it_does_not_say_from_the_one_that_it_is_based_on(recipe: Path, tmp_path: Path) -> None:
    atlas = open_atlas(build(recipe, to=tmp_path / "s.atlas.zarr"))
    assert atlas.models() == ["onehot"]
    assert atlas.numbers()[atlas.anchors("own")].tolist() == [11, 8, 26]
    packed = open_atlas(build(recipe, to=tmp_path / "s.atlas.zip"))
    assert packed.read_only
    np.testing.assert_array_equal(packed.anchors("own"), atlas.anchors("own"))


def test_another_input_than_the_expected_is_refused_before_its_anchors_are_used(recipe: Path, tmp_path: Path) -> None:
    recipe.write_text(recipe.read_text().replace("atoms = 10", "atoms = 282847"))
    with pytest.raises(InputError, match="has 10 atoms") as caught:
        build(recipe, to=tmp_path / "s.atlas.zarr")
    assert "282,847" in caught.value.expected
    assert open_atlas(tmp_path / "s.atlas.zarr").anchor_sets() == []


def test_an_input_that_cannot_be_had_says_where_to_put_it(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = recipe.read_text().replace('"small.csv"', '"mp/none.csv"')
    recipe.write_text(text.replace("[atlas]", '[atlas]\ndownload = "http://127.0.0.1:9/train.csv"'))
    with pytest.raises(InputError, match="could not be fetched") as caught:
        build(recipe, to=tmp_path / "s.atlas.zarr")
    assert "none.csv" in caught.value.next_step
    assert not list(tmp_path.glob("mp/.*"))


def test_another_recipe_does_not_go_on_with_what_this_one_began(recipe: Path, tmp_path: Path) -> None:
    to = tmp_path / "s.atlas.zarr"
    build(recipe, to=to)
    (tmp_path / "own.txt").write_text("0")
    with pytest.raises(AtlasExists, match="'own' of s.atlas.zarr are not those of small.toml .atoms") as caught:
        build(recipe, to=to)
    assert f"platonic remove {to} --anchors own" in caught.value.next_step
    write_csv(tmp_path / "small.csv", [bulk("Si"), bulk("Fe"), bulk("Cu")])
    with pytest.raises(AtlasExists, match="not built from the structures that small.toml names"):
        build(recipe, to=to)
    (tmp_path / "small.csv").unlink()  # what cannot be compared is not fetched again
    remove(open_atlas(to), anchors=["own"])
    assert open_atlas(build(recipe, to=to)).anchors("own").tolist() == [0]


def test_what_lies_at_the_target_is_looked_at_first_and_said(recipe: Path, tmp_path: Path) -> None:
    to = tmp_path / "s.atlas.zip"
    to.write_text("hello")
    with pytest.raises(AtlasExists, match="is no atlas"):
        build(recipe, to=to)
    assert not (tmp_path / "s.atlas.zarr").exists()
    to.unlink()
    moved: list[Path] = []
    build(recipe, to=to, moved=moved.append)
    assert moved == []
    (tmp_path / "s.atlas.zarr").rename(tmp_path / "first")
    recipe.write_text(recipe.read_text().replace('name = "own"', 'name = "mine"'))
    build(recipe, to=to, moved=moved.append)
    assert [open_atlas(aside.rename(tmp_path / "old.atlas.zip")).anchor_sets() for aside in moved] == [["own"]]


@pytest.mark.parametrize("address", ["nonsense", "http://[::1", "file:///etc/passwd", "ftp://a/b", "http://"])
def test_a_recipe_fetches_from_the_web_alone(recipe: Path, address: str, tmp_path: Path) -> None:
    recipe.write_text(recipe.read_text().replace("[atlas]", f'[atlas]\ndownload = "{address}"'))
    with pytest.raises(UsageError, match="download of"):
        build(recipe, to=tmp_path / "s.atlas.zarr")


@pytest.mark.parametrize("outside", ["../escaped/x.csv", "/escaped/x.csv"])
def test_a_recipe_fetches_nothing_to_a_place_outside(
    recipe: Path, outside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = recipe.read_text().replace('"small.csv"', f'"{outside}"')
    recipe.write_text(text.replace("[atlas]", '[atlas]\ndownload = "http://127.0.0.1:9/x"'))
    with pytest.raises(UsageError, match="outside of this folder"):
        build(recipe, to=tmp_path / "s.atlas.zarr")


def test_recipes_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text("name = ")
    with pytest.raises(InputError, match="cannot be read as a recipe"):
        build(file)
    file.write_text('name = "r"\n[atlas]\nmodels = []\nmodel = 1\n')
    with pytest.raises(UsageError, match="strange in it: model"):
        build(file)
    file.write_text('name = "r"\nbased_on = "nowhere.toml"\n')
    with pytest.raises(InputError, match="nowhere.toml"):
        build(file)


def test_the_papers_recipe_names_its_models_layers_counts_and_anchors() -> None:
    plan = read_recipe_tables(PAPER)["atlas"]
    assert spelled_out(plan["models"])[:7] == list(PRESETS["paper"])
    assert {name for name in PRESETS["paper"] if name.startswith("mace")} == set(plan["layers"])
    assert plan["expected"] == {"structures": 27136, "atoms": 282847}
    text = (PAPER.parent / "paper-anchors.txt").read_text(encoding="utf-8")
    positions = [int(word) for line in text.splitlines() if not line.startswith("#") for word in line.split()]
    assert len(set(positions)) == 100
    assert max(positions) < 282847
