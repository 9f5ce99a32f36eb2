"""The verb and the command `agreement`: what is told of whom, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from platonic_atlas import agreement
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import InputError, NotInAtlas, UsageError
from platonic_atlas.engine.store import Atlas, create_atlas
from tests.dashboard.conftest import ELEMENTS, PER_ELEMENT, add_model, seeded_collection


@pytest.fixture
def atlas(tmp_path: Path) -> Atlas:
    """Three trained models, one of them without a site, and a control."""
    made = create_atlas(tmp_path / "a.atlas.zarr", seeded_collection())
    for seed, name in enumerate(("ares", "bia", "circe")):
        add_model(made, name, seed, masked=(5,) if name == "bia" else ())
    add_model(made, "onehot", 9, control=True)
    made.write_anchors("first", np.arange(len(ELEMENTS)) * PER_ELEMENT, {"strategy": "element"})
    return made


def test_each_model_and_control_is_told_beside_the_null(atlas: Atlas) -> None:
    found = agreement(atlas, draws=2)
    assert found.anchors == "first"
    assert found.shaping == ("ares", "bia", "circe")
    assert found.controls == ("onehot",)
    assert list(found.agreement) == ["ares", "bia", "circe", "onehot"]
    assert (np.diff(found.shared) <= 0).all() and 0 < found.shared[0] <= 1
    assert {name: values.shape for name, values in found.null.items()} == dict.fromkeys(
        ("all_sites", "within_elements"), found.shared.shape
    )
    assert 0 <= found.beyond("all_sites") <= len(found.shared)
    again = agreement(atlas, draws=2)
    assert again.printed() == found.printed()  # seeded


def test_a_model_that_embeds_less_changes_no_other(atlas: Atlas) -> None:
    before = agreement(atlas, draws=0)
    add_model(atlas, "dione", 7, masked=tuple(range(1, 60, 6)))
    add_model(atlas, "eris", 8, masked=(0,))
    found = agreement(atlas, shaping=before.shaping, draws=0)
    assert found.null == {}
    for name, values in before.agreement.items():
        np.testing.assert_allclose(found.agreement[name], values)
    assert np.isfinite(found.agreement["dione"]).all()
    assert "eris" not in found.agreement
    assert "1 of 20 anchors are not embedded" in found.left_out["eris"]


def test_within_elements_is_another_question(atlas: Atlas) -> None:
    whole, within = agreement(atlas, draws=0), agreement(atlas, within_elements=True, draws=0)
    assert within.within_elements
    assert not np.allclose(whole.shared, within.shared)


def test_what_cannot_agree_gets_a_sentence(atlas: Atlas) -> None:
    with pytest.raises(InputError, match="1 trained model has nothing to agree with"):
        agreement(atlas, shaping=["ares"])
    with pytest.raises(UsageError, match="onehot is a control"):
        agreement(atlas, shaping=["ares", "onehot"])
    with pytest.raises(NotInAtlas):
        agreement(atlas, anchors="none")
    with pytest.raises(NotInAtlas):
        agreement(atlas, shaping=["ares", "nobody"])
    with pytest.raises(UsageError, match="-1 is no number of draws"):
        agreement(atlas, draws=-1)
    with pytest.raises(UsageError, match="no balance 'heavy'"):
        agreement(atlas, balance="heavy")


def test_the_command_prints_tables_or_one_object(atlas: Atlas) -> None:
    told = CliRunner().invoke(app, ["agreement", str(atlas.path), "--draws", "1"])
    assert told.exit_code == 0, told.output
    for words in ("shared", "shuffled within elements", "axis 2", "control"):
        assert words in told.stdout
    held = CliRunner().invoke(app, ["agreement", str(atlas.path), "--within-elements", "--draws", "1", "--json"])
    found = json.loads(held.stdout)
    assert set(found) == {
        "anchors", "within_elements", "shaping", "lambda", "null", "agreement", "controls", "left_out"
    }  # fmt: skip
    assert found["within_elements"] is True
    assert len(found["lambda"]) == len(found["null"]["all_sites"]) == len(found["null"]["within_elements"])
    assert all(len(axes) == 2 for axes in found["agreement"].values())
