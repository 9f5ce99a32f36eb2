"""`platonic status`: what no longer holds, and why, for people and for programs."""

from __future__ import annotations

import json

import numpy as np
from typer.testing import CliRunner

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.store import Atlas
from tests.conftest import embed_seeded

PATH = "layouts/pca-few/a"


def status(atlas: Atlas, *options: str) -> str:
    return CliRunner().invoke(app, ["status", str(atlas.path), *options]).output


def test_what_is_stale_is_listed_with_its_reason(small_atlas: Atlas) -> None:
    embed_seeded(small_atlas, "a")
    small_atlas.write_anchors("few", np.array([0, 2]), {})
    made_with = {"anchors": "few", "anchors_digest": small_atlas.anchors_digest("few")}
    small_atlas.write_layout("pca-few", "a", np.zeros((small_atlas.n_sites, 2)), made_with)
    held = json.loads(status(small_atlas, "--json"))
    assert (held["stale"], held["stale_because"]) == ([], {})
    small_atlas.write_anchors("few", np.array([1, 2]), {})
    held = json.loads(status(small_atlas, "--json"))
    assert held["stale"] == [PATH]
    assert held["stale_because"] == {PATH: "its anchors changed"}
    assert f"{PATH} (its anchors changed)" in status(small_atlas)
    assert "stale_because" not in status(small_atlas)
