"""The verb `stitch` on the shipped atlas, where real models stand beside real controls."""

from __future__ import annotations

import json
from functools import partial

import pytest
from typer.testing import CliRunner

from platonic_atlas import open_atlas, stitch
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import InputError, NotInAtlas, UsageError
from platonic_atlas.engine.stitching import curves, study
from platonic_atlas.engine.store import Atlas
from platonic_atlas.engine.studies.pairing import left_out, paired
from platonic_atlas.engine.studies.record import Reason, Stitch
from tests.conftest import embed_seeded


@pytest.fixture(scope="module")
def shipped() -> Atlas:
    return open_atlas()


@pytest.fixture(autouse=True)
def three_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten, which differ in nothing but their seed (`tests/engine/stitching` tries that)."""
    monkeypatch.setattr(study, "over_splits", partial(study.over_splits, n_splits=3))
    monkeypatch.setattr(curves, "pairs_curve", partial(curves.pairs_curve, n_splits=3))


def test_a_relative_beats_every_control_within_elements_and_the_result_is_kept(
    shipped: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = stitch(shipped, source="sevennet-0", target="sevennet-l3i5", energies=False)
    assert found.scores["r2"].range[0] < found.scores["r2"].value < found.scores["r2"].range[1]
    controls = [
        found.baselines[name]["r2"].value or 0.0
        for name in ("onehot", "untrained-mace", "untrained-sevennet", "untrained-orb", "shuffled pairs")
    ]
    assert max(controls) < 0.35 < 0.5 < found.scores["r2"].value
    assert found.baselines["element means"]["r2_raw"].value > 0.3  # the element alone explains much of the raw features
    assert found.scores["element_at_1"].value > found.scores["atom_at_1"].value > 0.05
    monkeypatch.setattr(study, "over_splits", None)  # nothing is computed again
    assert stitch(shipped, source="sevennet-0", target="sevennet-l3i5", energies=False) == found


def test_through_anchors_and_in_the_relative_space(shipped: Atlas) -> None:
    merged = stitch(shipped, source="sevennet-0", target="sevennet-l3i5", method="merge")
    assert merged.anchors == "element-89"
    assert merged.scores["element_at_1"].value > 0.1
    assert "r2" not in merged.scores
    read = stitch(shipped, source="sevennet-0", target="sevennet-l3i5", method="relative-ridge")
    assert read.baselines["self"]["energy_mae"].value < read.baselines["element means"]["energy_mae"].value


def test_the_command_prints_one_object(onehot_atlas: Atlas) -> None:
    for seed, name in enumerate(("a", "b")):
        embed_seeded(onehot_atlas, name, seed=seed)
    words = ["stitch", str(onehot_atlas.path), "--source", "a", "--target", "b", "--method", "procrustes"]
    result = CliRunner().invoke(app, [*words, "--no-energies", "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert {"source", "target", "method", "r2", "r2_range", "r2_raw", "r2_raw_range", "retrieval", "baselines"} <= set(
        found
    )
    assert set(found["retrieval"]) == {f"{name}_at_{k}" for name in ("atom", "element", "structure") for k in (1, 5)}
    assert (
        set(found["intervals"])
        == {"r2", "r2_raw", *found["retrieval"]}
        == set(found["baselines"]["onehot"]["intervals"])
    )


def test_people_read_a_table_of_the_stitch_and_its_baselines(small_atlas: Atlas) -> None:
    embed_seeded(small_atlas, "a")
    embed_seeded(small_atlas, "b", seed=1)
    result = CliRunner().invoke(app, ["stitch", str(small_atlas.path), "--source", "a", "--target", "b"])
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["r2", "r2_raw", "atom_at_1", "element_at_1", "structure_at_1"]
    assert [line.split("  ")[0] for line in lines[1:4]] == ["a → b", "element means", "shuffled pairs"]
    assert "one's own" in lines[4]


def test_what_cannot_be_stitched_gets_a_sentence(small_atlas: Atlas) -> None:
    embed_seeded(small_atlas, "a")
    embed_seeded(small_atlas, "b", masked=(0, 1, 2, 3))
    embed_seeded(small_atlas, "c", masked=(4, 5, 6))
    with pytest.raises(InputError, match="both 'a'"):
        stitch(small_atlas, source="a", target="a")
    with pytest.raises(UsageError, match="no stitching method 'magic'"):
        stitch(small_atlas, source="a", target="b", method="magic")
    with pytest.raises(InputError, match="No site is embedded by both b and c"):
        stitch(small_atlas, source="b", target="c")
    with pytest.raises(InputError, match="has no anchors"):
        stitch(small_atlas, source="a", target="b", method="anchors")
    with pytest.raises(NotInAtlas):
        stitch(small_atlas, source="a", target="nowhere")


def test_an_atlas_without_controls_says_what_it_can(small_atlas: Atlas) -> None:
    embed_seeded(small_atlas, "a")
    embed_seeded(small_atlas, "b", seed=1)
    found = stitch(small_atlas, source="a", target="b")
    assert set(found.baselines) == {"element means", "shuffled pairs"}
    assert found.no_energies is not None
    assert found.no_energies.reason is Reason.OWN_CHECKPOINT
    json.dumps(found.printed(), allow_nan=False)
    assert Stitch.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_what_a_model_throws_far_off_is_left_out_and_named(shipped: Atlas) -> None:
    named = {"source": "mace-mp-0-small", "target": "mattersim-1m"}
    found, whole = stitch(shipped, **named, energies=False), paired(shipped, named["source"], named["target"], far=True)
    assert "H3S" in set(shipped.structure_field("formula")[list(found.left_out)])
    assert left_out(shipped, named["source"], named["target"], whole) == []
    assert (
        found.scores["r2"].range[0]
        > 0.35
        > min(study.within_elements_r2(whole, "ridge", whole.split(seed)).value for seed in range(10))
    )
    for control in ("onehot", "soap", "untrained-mace", "untrained-orb", "untrained-sevennet"):
        assert found.scores["r2"].value > (found.baselines[control]["r2"].value or 0.0)
    assert found.curve.points[-1].mean == pytest.approx(found.scores["r2"].value)
