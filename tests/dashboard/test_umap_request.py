"""UMAP on request: made beside the page, shown when it is there, ended when the view moves on."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.umap_request import UmapRequest
from platonic_atlas.engine.store import open_atlas


@pytest.fixture
def request_of(session: Session) -> UmapRequest:
    return UmapRequest(session, lambda: None)


def finished(request: UmapRequest, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while request.task is not None:
        assert time.monotonic() < end
        request.poll()
        time.sleep(0.05)


def test_a_stored_umap_is_shown_at_once(session: Session, request_of: UmapRequest) -> None:
    assert request_of.missing() == []
    request_of.ask()
    assert request_of.task is None
    assert session.view.layout == "umap"
    assert set(session.layout().coordinates) == set(session.view.models)


def test_a_stored_umap_of_other_settings_is_not_taken_for_these(session: Session, request_of: UmapRequest) -> None:
    session.view.balance = "atoms"
    assert request_of.missing() == session.view.models
    session.view.balance = "elements"
    session.view.use_anchors("element-89", session.view.anchor_sites[1:])
    assert request_of.missing() == session.view.models


def test_umap_of_kept_anchors_is_made_shown_and_stored(seeded_atlas: Path) -> None:
    session = Session(AtlasData(open_atlas(seeded_atlas), keeps=True))
    session.view.use_anchors("by hand", np.array([1, 9, 20, 33, 47, 60, 75, 90]))
    session.keep_set("mine", strategy="hand")
    session.view.models = ["ares", "echo"]
    request = UmapRequest(session, lambda: None)
    request.ask()
    assert request.progress is not None
    finished(request)
    assert request.message is None
    assert session.view.layout == "umap"
    places = session.layout().coordinates["ares"]
    assert np.isfinite(places).all()
    again = open_atlas(seeded_atlas)
    assert again.anchor_sets() == ["element-89", "few", "mine"]
    assert again.layouts()["umap-mine"] == ["ares", "echo"]
    other = Session(AtlasData(again, keeps=True))
    other.choose_set("mine")
    other.view.param.update(models=["ares", "echo"], layout="umap")
    np.testing.assert_array_equal(other.layout().coordinates["ares"], places)
    other.forget_set("mine")
    assert open_atlas(seeded_atlas).anchor_sets() == ["element-89", "few"]


def test_other_anchors_end_the_work(session: Session, request_of: UmapRequest) -> None:
    session.choose_set("few")
    request_of.ask()
    task = request_of.task
    assert task is not None
    session.view.toggle_anchor(50)
    assert request_of.task is None
    assert task.poll().done
    assert session.view.layout == "pca"


def test_what_visitors_name_stays_in_their_session_where_the_server_is_not_theirs(
    session: Session, data: AtlasData
) -> None:
    session.view.use_anchors("by hand", np.array([1, 2, 3]))
    session.keep_set("mine")
    assert "mine" in session.anchor_sets
    assert "mine" not in Session(data).anchor_sets
    assert "mine" not in data.atlas.anchor_sets()
    session.forget_set("mine")
    assert session.view.anchors == "by hand"
