"""The verb `stitch_all` and its command, on the atlas that ships."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest
from typer.testing import CliRunner

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import InputError, NotInAtlas
from platonic_atlas.engine.stitching import matrix
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.studies.all_pairs import kept_pairs
from platonic_atlas.engine.verbs.stitch_all import stitch_all

MODELS = ("sevennet-0", "sevennet-l3i5", "chgnet-0.3.0", "mace-mp-0-small", "onehot", "untrained-sevennet")


@pytest.fixture(autouse=True)
def three_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten, which differ in nothing but their seed (`tests/engine/stitching` tries that)."""
    monkeypatch.setattr(matrix, "ridge_matrix", partial(matrix.ridge_matrix, n_splits=3))


def test_kin_explain_each_other_best_and_controls_least() -> None:
    atlas = open_atlas()
    heard: list[float] = []
    found = stitch_all(
        atlas, models=MODELS, energies=False, progress=lambda what, part, seconds=0.0: heard.append(part)
    )
    assert heard[-1] == 1.0
    rungs = {rung.name: rung for rung in found.ladder}
    assert rungs["itself"].low > 0.98
    assert rungs["same family"].mean > rungs["other family"].mean > rungs["control"].mean
    assert found.controls == ("onehot", "untrained-sevennet")
    r2 = np.array(found.scores["r2"].mean, dtype=float)
    own, sister, *others = (found.models.index(name) for name in MODELS)
    assert r2[own, sister] > max(r2[others, sister])  # nothing explains SevenNet-l3i5 as well as its sister does
    formulas = set(atlas.structure_field("formula")[list(found.left_out)])
    assert "H3S" in formulas
    assert found.sites > 0.99 * atlas.n_sites
    assert stitch_all(atlas, models=MODELS, energies=False) == found  # kept beside the atlas, not computed again
    whole = kept_pairs(atlas)
    assert whole is not None  # shipped beside the atlas, of all models
    assert list(whole.models) == atlas.models() != list(MODELS)


def test_the_command_prints_the_ladder_and_json() -> None:
    words = ["stitch-all", "--model", "sevennet-0", "--model", "onehot", "--no-energies"]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0
    assert "control" in shown.output
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert told["scores"]["r2"]["mean"][0][1] is None  # nothing is left of one-hot without its element


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(InputError, match="nothing to be compared with"):
        stitch_all(open_atlas(), models=["onehot"])
    with pytest.raises(NotInAtlas):
        stitch_all(open_atlas(), models=["onehot", "no-such-model"])
