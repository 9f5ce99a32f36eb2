"""Maps of a layer that only some models have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.engine.store import create_atlas
from tests.dashboard.conftest import ELEMENTS, PER_ELEMENT, add_model, seeded_collection, shell_of


@pytest.fixture
def page(tmp_path: Path) -> Shell:
    """A model with two layers beside two that have one."""
    atlas = create_atlas(tmp_path / "layers.atlas.zarr", seeded_collection())
    add_model(atlas, "ares", 0, layers=("readout", "layer-1"))
    add_model(atlas, "bia", 1)
    add_model(atlas, "circe", 2)
    atlas.write_anchors("element-89", np.arange(len(ELEMENTS)) * PER_ELEMENT, {"strategy": "element"})
    return shell_of(AtlasData(atlas))


def test_a_model_without_the_layer_is_shown_at_its_readout(page: Shell) -> None:
    before = page.session.layout()
    page.view.layer = "layer-1"
    layout = page.session.layout()
    assert layout.reasons == {}
    assert list(layout.coordinates) == ["ares", "bia", "circe"]
    assert layout.consensus is not None
    assert np.isfinite(page.session.disagreement()).all()
    own = {name: page.session.data.embedding(name, "layer-1") for name in ("ares", "bia")}
    assert np.array_equal(own["ares"], page.session.data.embedding("ares", "readout") ** 2)
    assert own["bia"] is page.session.data.embedding("bia", "readout")
    assert not np.allclose(before.coordinates["ares"], layout.coordinates["ares"])


def test_each_map_names_its_layer_where_they_differ(page: Shell) -> None:
    assert "layer" not in str(page.titles.panes[0].object)
    page.view.layer = "layer-1"
    assert "layer 1" in str(page.titles.panes[0].object)
    assert "layer readout" in str(page.titles.panes[1].object)
