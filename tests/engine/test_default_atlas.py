"""The shipped atlas is what its data card and the recipe say."""

from __future__ import annotations

import hashlib
import tomllib

import numpy as np
import pytest

from platonic_atlas.engine.anchors.choose import choose_anchors
from platonic_atlas.engine.space.relative import compute_moments
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.store.files import data_folder
from platonic_atlas.engine.structures.recipe_file import read_recipe
from platonic_atlas.engine.studies.all_pairs import kept_pairs
from platonic_atlas.engine.studies.analogies import kept_analogies
from platonic_atlas.engine.verbs.analogies import analogies
from platonic_atlas.engine.verbs.stitch_all import stitch_all

RECIPE = data_folder() / "recipes" / "default.toml"
FILE = data_folder() / "default.atlas.zip"


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return open_atlas()


def test_it_is_whole_and_small_and_the_one_of_the_card(atlas: Atlas) -> None:
    card = (data_folder() / "README.md").read_text(encoding="utf-8")
    assert atlas.damaged() == []
    assert atlas.incomplete() == []
    assert atlas.stale() == {}
    assert FILE.stat().st_size < 50e6
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() in card
    for number in (atlas.n_structures, atlas.n_atoms, atlas.n_sites):
        assert f"{number:,}" in card
    for name in (*atlas.models(), *atlas.anchor_sets()):
        assert f"`{name}`" in card


def test_every_element_is_there_in_five_environments(atlas: Atlas) -> None:
    numbers, structure = atlas.numbers(), atlas.site_structure()
    kinds = np.unique(np.column_stack([numbers, structure]), axis=0)
    environments = np.bincount(kinds[:, 0])
    wanted = read_recipe(RECIPE).elements
    assert len(wanted) == 89
    assert environments[list(wanted)].min() >= 5
    assert 9_000 <= atlas.n_sites <= 12_000


def test_it_holds_what_the_recipe_asks_for(atlas: Atlas) -> None:
    plan = tomllib.loads(RECIPE.read_text(encoding="utf-8"))["atlas"]
    assert set(atlas.models()) == set(plan["models"])
    controls = {name for name in atlas.models() if atlas.model_attrs(name)["control"]}
    assert controls == {"onehot", "soap", "untrained-mace", "untrained-sevennet", "untrained-orb"}
    assert len(atlas.models()) - len(controls) == 11
    assert "academic" not in "".join(atlas.model_attrs(name)["licence"] for name in atlas.models())
    assert {each["name"] for each in plan["anchors"]} <= set(atlas.anchor_sets())
    assert set(atlas.layouts()["umap-element-89"]) == set(plan["models"])
    for label in ("prototype", "spacegroup", "wyckoff", "orbit", "coordination", "formula"):
        assert (atlas.label(label) != "").all()
    frames = {atlas.layout_attrs("umap-element-89", model)["frame"] for model in plan["models"]}
    assert frames == {"agreement"}


def test_experimental_structures_are_listed_whether_they_are_used_or_not(atlas: Atlas) -> None:
    used = sum(source.startswith("experiment") for source in atlas.structure_field("source"))
    left_out = [reject for reject in atlas.rejects() if str(reject["source"]).startswith("experiment")]
    assert used + len(left_out) == 288 + 87 + 28  # AFLOW's list, the files of crystals and of Dans-Diffraction
    assert all(reject["reason"] for reject in left_out)


@pytest.mark.parametrize("misprint", ["brookite", "anatase"])
def test_misprints_of_the_list_are_left_out_by_their_bonds(atlas: Atlas, misprint: str) -> None:
    assert misprint not in set(atlas.label("prototype"))
    rejects = [str(each["reason"]) for each in atlas.rejects() if "TiO2" in str(each["id"])]
    assert any("radii" in reason or "coordination" in reason for reason in rejects)


@pytest.mark.parametrize(
    ("families", "at_least"),
    [
        (("brucite", "diaspore"), 30), (("sodium peroxide", "barium peroxide", "magnesium peroxide"), 20),
        (("potassium superoxide", "sodium superoxide"), 5), (("calcite", "aragonite"), 30),
        (("nitratine", "niter", "lead nitrate"), 15), (("barite",), 10), (("olivine", "triphylite"), 30), (("garnet",), 5),
        (("delafossite", "sodium ferrite"), 50), (("titanium aluminium carbide", "titanium silicon carbide"), 50),
    ],
)  # fmt: skip
def test_a_chemist_finds_what_was_looked_for(atlas: Atlas, families: tuple[str, ...], at_least: int) -> None:
    prototype, structure = atlas.label("prototype"), atlas.site_structure()
    crystals = np.unique(structure[np.isin(prototype, families)])
    assert len(crystals) >= at_least


def test_complex_anions_are_whole_in_the_shipped_crystals(atlas: Atlas) -> None:
    """Each carbon of a carbonate has three oxygens as near as in calcite, and no hydroxide a stretched bond."""
    prototype, structure = atlas.label("prototype"), atlas.site_structure()
    for families, ligand, centre, bond, number in (
        (("calcite", "aragonite"), 8, 6, 1.29, 3), (("brucite",), 8, 1, 0.97, 1), (("olivine", "garnet"), 8, 14, 1.65, 4),
    ):  # fmt: skip
        for index in np.unique(structure[np.isin(prototype, families)]):
            atoms = atlas.structure(int(index))
            near = (atoms * (2, 2, 2)).get_all_distances(mic=True)
            numbers = np.tile(atoms.numbers, 8)
            around = np.sort(near[np.ix_(numbers == centre, numbers == ligand)], axis=1)[:, :number]
            np.testing.assert_allclose(around, bond, rtol=0.1)


@pytest.mark.parametrize("model", ["mace-mp-0-small", "chgnet-0.3.0", "untrained-sevennet"])
def test_stored_moments_are_those_of_the_stored_features(atlas: Atlas, model: str) -> None:
    """To the precision of the packed features, whose rounding (float16) is 5e-4 of a value."""
    held, features = atlas.moments(model), atlas.embedding(model)
    again = compute_moments(features, atlas.numbers(), "elements")
    np.testing.assert_allclose(held.mean0, again.mean0, atol=1e-4)
    np.testing.assert_allclose(held.second, again.second, atol=1e-4)
    np.testing.assert_allclose(held.rho, again.rho, rtol=3e-3)


def test_the_element_medoids_come_out_again(atlas: Atlas) -> None:
    eligible = np.logical_and.reduce([atlas.present(model) for model in atlas.models()])
    again = choose_anchors(
        "element", embedding=atlas.embedding("mace-mp-0-small"), moments=atlas.moments("mace-mp-0-small"),
        atomic_numbers=atlas.numbers(), eligible=eligible,
    )  # fmt: skip
    same = np.mean(np.isin(again.sites, atlas.anchors("element-89")))
    assert same > 0.95  # two sites at nearly the same distance may change places when features are rounded


def test_what_turning_changes_is_kept_for_the_models_that_it_changes(atlas: Atlas) -> None:
    held = {name: atlas.extra(name, "rotation_spread") for name in atlas.models()}
    turning = {name for name, spread in held.items() if spread is not None}
    assert turning == {"orb-d3-xs-v2", "untrained-orb"}
    assert 0.005 < np.nanmedian(held["orb-d3-xs-v2"]) < 0.5  # many atoms here sit where symmetry leaves no direction
    changes = atlas.model_attrs("orb-d3-xs-v2")["parameters"]["changes"]["readout"]
    assert changes["permutation"]["median"] < 1e-4 < changes["rotation"]["maximum"]


def test_all_pairs_and_analogies_are_shipped_beside_it(atlas: Atlas) -> None:
    pairs, sums = kept_pairs(atlas), kept_analogies(atlas)
    assert pairs is not None
    assert sums is not None
    assert (stitch_all(atlas), analogies(atlas)) == (pairs, sums)
    energies = np.array(pairs.scores["energy_mae"].median, dtype=float)
    names, controls = pairs.models, pairs.controls
    trained = [i for i, name in enumerate(names) if name not in controls]
    others = np.array([energies[i, j] for i in trained for j in trained if i != j])
    lost = np.array([energies[i, j] for i, name in enumerate(names) if name in controls for j in trained])
    assert np.nanmedian(others) < 0.6 * np.nanmedian(lost)
    assert np.nanmax(np.diag(energies)) < 0.02  # a model into itself
    assert list(pairs.no_energies or {}) == ["orb-d3-xs-v2"]
