"""Embedding arithmetic, against a space in which it holds by construction, and against all pairs written out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.stitching.analogies import Analogies, chance, hosts, sample_analogies, score, sums
from platonic_atlas.engine.stitching.scores import nearest_by_cosine
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.verbs.analogies import analogies
from tests.conftest import embed_seeded

ELEMENTS, HOSTS = (11, 19, 37), (9, 17, 35, 53)


def salts() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every cation with every anion in rocksalt: cation first."""
    numbers = np.array([z for cation in ELEMENTS for anion in HOSTS for z in (cation, anion)])
    n = len(numbers) // 2
    return (
        numbers,
        np.repeat(np.arange(n), 2),
        np.ones(2 * n, int),
        np.full(2 * n, "rocksalt"),
        np.tile(["4a", "4b"], n),
    )


def test_a_host_holds_what_differs_by_its_own_element_only() -> None:
    numbers, structure, multiplicity, prototype, wyckoff = salts()
    found = hosts(numbers, structure, multiplicity, prototype, wyckoff)
    cations = [members for members in found.values() if set(members) == set(ELEMENTS)]
    assert len(cations) == len(HOSTS)
    for members in cations:
        partners = {int(numbers[site + 1]) for site in members.values()}
        assert len(partners) == 1
    assert hosts(numbers, structure, multiplicity, np.full(len(numbers), ""), wyckoff) == {}


def test_analogies_are_what_they_say_and_do_not_repeat() -> None:
    numbers, structure, *rest = salts()
    made = sample_analogies(hosts(numbers, structure, *rest), 10_000)
    cation_pairs, anion_pairs = 3 * 2 * 4 * 3, 4 * 3 * 3 * 2
    assert len(made) == cation_pairs + anion_pairs  # all there are
    assert len(set(zip(made.a, made.b, made.c, made.answer, strict=True))) == len(made)
    assert (numbers[made.a] == numbers[made.answer]).all()
    assert (numbers[made.b] == numbers[made.c]).all()
    assert (numbers[made.a] != numbers[made.b]).all()
    again = sample_analogies(hosts(numbers, structure, *rest), 20, seed=3)
    assert np.array_equal(again.a, sample_analogies(hosts(numbers, structure, *rest), 20, seed=3).a)


def test_where_features_add_up_every_analogy_is_found() -> None:
    numbers, structure, *rest = salts()
    made = sample_analogies(hosts(numbers, structure, *rest), 50)
    rng = np.random.default_rng(0)
    own, around = rng.normal(size=(119, 16)), rng.normal(size=(119, 16))
    partner = numbers.reshape(-1, 2)[:, ::-1].ravel()
    space = own[numbers] + around[partner]
    space /= np.linalg.norm(space, axis=1, keepdims=True) * 0 + 1
    found = score(made, sums(made, space), space / np.linalg.norm(space, axis=1, keepdims=True), {"element": numbers})
    assert found["site_at_1"] == 1.0
    noise = rng.normal(size=space.shape)
    random = score(made, sums(made, noise), noise, {"element": numbers})
    assert random["site_at_1"] < 0.3
    expected = chance(made, {"element": numbers}, len(numbers))
    assert expected["site_at_1"] == pytest.approx(1 / len(numbers))
    assert expected["element_at_1"] == pytest.approx(np.mean([(numbers == numbers[i]).mean() for i in made.answer]))


def test_answers_are_the_nearest_but_for_the_inputs() -> None:
    rng = np.random.default_rng(1)
    space, asked = rng.normal(size=(40, 5)), rng.normal(size=(7, 5))
    excluded = rng.integers(0, 40, (7, 3))
    cosine = asked @ (space / np.linalg.norm(space, axis=1, keepdims=True)).T
    for i, row in enumerate(excluded):
        cosine[i, row] = -np.inf
    assert np.array_equal(nearest_by_cosine(asked, space, 5, excluded), np.argsort(-cosine, axis=1)[:, :5])


def test_on_the_shipped_atlas_untrained_networks_add_up_best(tmp_path) -> None:
    atlas = open_atlas()
    models = ["mace-mp-0-small", "sevennet-0", "untrained-orb", "onehot"]
    found = analogies(atlas, models=models, n=300)
    scores = {name: each.sum for name, each in found.models.items()}
    assert scores["mace-mp-0-small"]["element_at_1"] > 0.7
    assert (
        scores["untrained-orb"]["site_at_1"] > scores["mace-mp-0-small"]["site_at_1"] > 10 * found.chance["site_at_1"]
    )
    assert found.models["sevennet-0"].only_c["element_at_1"] < 0.1
    assert set(found.across["sevennet-0"]) == set(models) - {"sevennet-0"}
    assert analogies(atlas, models=models, n=300) == found  # kept


def test_the_command_prints_a_table_and_json() -> None:
    run = CliRunner().invoke(app, ["analogies", "-n", "40", "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.output)["n"] == 40
    assert "mace-mp-0-small" in CliRunner().invoke(app, ["analogies", "-n", "40"]).output


def test_an_atlas_without_analogies_says_so(small_atlas: Atlas) -> None:
    embed_seeded(small_atlas, "ares")
    with pytest.raises(InputError, match="no anchors"):
        analogies(small_atlas)
    small_atlas.write_anchors("few", np.array([0, 1]), {})
    with pytest.raises(InputError, match="no analogies"):
        analogies(small_atlas)
    assert len(Analogies(*np.zeros((4, 3), int))) == 3
