"""What is kept says what it was made from: a study whose inputs changed is stale, and none is misread."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.space.relative import compute_moments
from platonic_atlas.engine.stitching import study
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.store.pack import pack
from platonic_atlas.engine.studies.all_pairs import kept_pairs
from platonic_atlas.engine.studies.analogies import kept_analogies
from platonic_atlas.engine.studies.record import AllPairs, Stitch
from platonic_atlas.engine.verbs.stitch import stitch
from platonic_atlas.engine.verbs.stitch_all import stitch_all
from tests.conftest import copy_of, embed_seeded


@pytest.fixture(scope="module")
def two_models(small_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    atlas = copy_of(small_once, tmp_path_factory.mktemp("two"))
    embed_seeded(atlas, "a")
    embed_seeded(atlas, "b", seed=1)
    atlas.write_anchors("few", np.array([0, 2, 4]), {"strategy": "seeded"})
    return Path(atlas.path)


@pytest.fixture
def atlas(two_models: Path, tmp_path: Path) -> Atlas:
    return copy_of(two_models, tmp_path)


def ridge(atlas: Atlas) -> Stitch:
    return stitch(atlas, source="a", target="b", energies=False)


def as_control(atlas: Atlas, model: str) -> None:
    atlas.root[f"embeddings/{model}/readout"].attrs["control"] = True


def embed_anew(atlas: Atlas, model: str, seed: int) -> None:
    del atlas.root[f"embeddings/{model}"]
    embed_seeded(atlas, model, seed=seed)


def test_a_new_control_makes_a_stitch_stale(atlas: Atlas, caplog: pytest.LogCaptureFixture) -> None:
    first = ridge(atlas)
    assert atlas.stale() == {}
    embed_seeded(atlas, "idle", seed=2)
    as_control(atlas, "idle")
    (path,) = atlas.stale()
    assert atlas.stale()[path] == "the control idle is new"
    with caplog.at_level(logging.WARNING):
        again = ridge(atlas)
    assert "a → b (ridge) is made again: the control idle is new." in caplog.text
    assert "idle" not in first.baselines
    assert "idle" in again.baselines
    assert atlas.stale() == {}


def test_a_model_that_was_embedded_anew_makes_its_studies_stale(atlas: Atlas) -> None:
    first, pairs = ridge(atlas), stitch_all(atlas, energies=False)
    embed_anew(atlas, "b", 5)
    assert set(atlas.stale().values()) == {"b was embedded anew"}
    assert len(atlas.stale()) == 2
    assert kept_pairs(atlas) is None
    assert ridge(atlas).scores != first.scores
    assert stitch_all(atlas, energies=False).scores != pairs.scores
    assert atlas.stale() == {}


def test_a_layer_more_leaves_the_studies_of_the_readout_as_they_are(atlas: Atlas) -> None:
    first = ridge(atlas)
    embed_seeded(atlas, "a", n_features=3, seed=9, layer="layer-1")
    assert atlas.layers("a") == ["layer-1", "readout"]
    assert atlas.stale() == {}
    assert ridge(atlas) == first


def test_other_anchors_of_the_same_name_make_a_study_stale(atlas: Atlas) -> None:
    for name in ("a", "b"):
        atlas.write_moments(name, "readout", compute_moments(atlas.embedding(name), atlas.numbers(), Balance.ELEMENTS))
    first = stitch(atlas, source="a", target="b", method="merge", anchors="few")
    atlas.write_anchors("few", np.array([1, 3, 5]), {"strategy": "seeded"})
    assert list(atlas.stale().values()) == ["the anchors few changed"]
    assert stitch(atlas, source="a", target="b", method="merge", anchors="few") != first
    assert atlas.stale() == {}


def test_a_new_model_makes_the_studies_of_all_models_stale(atlas: Atlas) -> None:
    first, named = stitch_all(atlas, energies=False), stitch_all(atlas, models=["b", "a"], energies=False)
    embed_seeded(atlas, "c", seed=2)
    assert list(atlas.stale().values()) == ["the model c is new"]
    assert kept_pairs(atlas) is None
    assert stitch_all(atlas, models=["b", "a"], energies=False) == named
    again = stitch_all(atlas, energies=False)
    assert (first.models, again.models) == (("a", "b"), ("a", "b", "c"))
    embed_seeded(atlas, "idle", seed=3)
    as_control(atlas, "idle")
    assert list(atlas.stale().values()) == ["the control idle is new"]


def test_a_study_that_names_each_model_is_one_of_all(atlas: Atlas) -> None:
    named = stitch_all(atlas, models=atlas.models(), energies=False)
    assert stitch_all(atlas, energies=False) == named == kept_pairs(atlas)


def test_status_lists_them(atlas: Atlas) -> None:
    ridge(atlas)
    embed_anew(atlas, "a", 7)
    told = CliRunner().invoke(app, ["status", str(atlas.path)]).output
    assert "(a was embedded anew)" in told
    (path,) = json.loads(CliRunner().invoke(app, ["status", str(atlas.path), "--json"]).output)["stale"]
    assert path.startswith("studies/stitch/a-b-ridge-")


def test_packing_leaves_studies_as_they_are(atlas: Atlas, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ridge(atlas)
    shipped = open_atlas(pack(atlas, tmp_path / "a.atlas.zip"))
    assert shipped.stale() == {}
    monkeypatch.setattr(study, "over_splits", None)  # nothing is computed again
    assert ridge(shipped) == found


def test_what_is_kept_beside_a_packed_atlas_is_not_read_for_other_models(atlas: Atlas, tmp_path) -> None:
    """The folder beside is named by the structures: another file of the same ones finds it."""
    shipped = open_atlas(pack(atlas, tmp_path / "a.atlas.zip"))
    found = stitch(shipped, source="a", target="b", method="affine", energies=False)
    embed_anew(atlas, "b", 5)
    other = open_atlas(pack(atlas, tmp_path / "b.atlas.zip"))
    assert other.beside == shipped.beside
    assert stitch(other, source="a", target="b", method="affine", energies=False).scores != found.scores


def test_studies_of_an_earlier_version_are_made_again_with_a_word(
    atlas: Atlas, caplog: pytest.LogCaptureFixture
) -> None:
    old = {"parameters": {"source": "a"}, "study": {"r2": 99.0, "baselines": {}}}
    atlas._replace("stitching/a/b/ridge-0123456789ab", {}, old)
    assert list(atlas.stale()) == ["stitching/a/b/ridge-0123456789ab"]
    with caplog.at_level(logging.WARNING):
        assert ridge(atlas).scores["r2"].value != 99.0
    assert "an earlier version made it" in caplog.text
    assert atlas.stale() == {}
    assert atlas.damaged() == []


@pytest.mark.parametrize("spoil", [
    {"scores": None}, {"kind": "all-pairs"}, {"left_out": ["x"]}, {"baselines": {"a": {"r2": {"value": "high"}}}},
    {"made_from": {"atlas": ""}}, {"made_from": "x"}, {"made_from": 7}, {"made_from": [1]}, {"made_from": None},
    {"of tomorrow": 1},
])  # fmt: skip
def test_a_document_that_is_not_one_is_never_misread(atlas: Atlas, spoil: dict, caplog) -> None:
    found = ridge(atlas)
    document = found.to_json() | spoil
    with pytest.raises(AtlasError) as caught:
        Stitch.from_json(document)
    assert caught.value.expected
    assert caught.value.next_step
    (name,) = atlas._group("studies/stitch")
    atlas.write_study("stitch", name, document)
    with caplog.at_level(logging.WARNING):
        assert CliRunner().invoke(app, ["status", str(atlas.path)]).exit_code == 0
        assert ridge(atlas) == found
    assert "is made again" in caplog.text


@pytest.mark.parametrize("held", ["x", 7, [1], None])
def test_a_document_that_is_no_object_says_nothing(atlas: Atlas, tmp_path, held: object) -> None:
    shipped = open_atlas(pack(atlas, tmp_path / "a.atlas.zip"))
    file, path = tmp_path / "a.atlas.studies.json", "studies/all-pairs/ridge-matrix-1"
    file.write_text(json.dumps({"checksum": shipped.checksum, "studies": {path: held}}))
    assert "does not say what it was made from" in shipped.stale()[path]
    atlas._replace("studies/stitch/a-b-1", {}, {"study": held})
    assert list(atlas.stale()) == ["studies/stitch/a-b-1"]


def test_a_study_beside_a_packed_atlas_that_changed_hides_none_that_is_shipped(atlas: Atlas, tmp_path) -> None:
    shipped = open_atlas(pack(atlas, tmp_path / "a.atlas.zip"))
    found = stitch_all(shipped, energies=False)
    shipped.ship_studies()
    old = replace(found, sites=1, made_from=replace(found.made_from, format=3))
    (path,) = shipped._kept()
    shipped.write_study("all-pairs", path.split("/")[-1], old.to_json())
    assert kept_pairs(shipped) == found
    assert shipped.stale() == {}


def test_what_no_longer_holds_is_not_shipped(atlas: Atlas, tmp_path) -> None:
    shipped = open_atlas(pack(atlas, tmp_path / "a.atlas.zip"))
    found = stitch_all(shipped, energies=False)
    old = replace(found, made_from=replace(found.made_from, format=3))
    shipped.write_study("all-pairs", "ridge-matrix-old", old.to_json())
    file = shipped.ship_studies()
    assert list(json.loads(file.read_text())["studies"].values()) == [json.loads(json.dumps(found.to_json()))]


def test_packing_leaves_studies_of_an_earlier_version_out(atlas: Atlas, tmp_path) -> None:
    atlas._replace("stitching/a/b/ridge-0123456789ab", {}, {"study": {"r2": 99.0}})
    assert open_atlas(pack(atlas, tmp_path / "a.atlas.zip")).stale() == {}


def test_another_format_is_made_again(atlas: Atlas) -> None:
    found = ridge(atlas)
    (name,) = atlas._group("studies/stitch")
    old = replace(found, made_from=replace(found.made_from, format=3))
    atlas.write_study("stitch", name, old.to_json())
    assert list(atlas.stale().values()) == ["format 3 is now 4"]
    assert ridge(atlas) == found


def test_records_come_back_as_they_were(atlas: Atlas) -> None:
    pairs = stitch_all(atlas, energies=True)
    assert AllPairs.from_json(json.loads(json.dumps(pairs.to_json()))) == pairs
    assert kept_pairs(atlas) == pairs
    assert set(pairs.printed()) == {
        "models", "controls", "sites", "left_out", "scores", "ladder", "reversals", "reasons",
    }  # fmt: skip
    assert kept_analogies(atlas) is None


def test_a_shipped_file_of_an_earlier_version_is_said_to_be_one(atlas: Atlas, tmp_path, caplog) -> None:
    shipped = open_atlas(pack(atlas, tmp_path / "a.atlas.zip"))
    file = tmp_path / "a.atlas.studies.json"
    file.write_text(json.dumps({"checksum": shipped.checksum, "studies": {"stitching/all/all/analogies-1": {"n": 3}}}))
    with caplog.at_level(logging.WARNING):
        assert kept_pairs(shipped) is None
    assert "is of an earlier version" in caplog.text
