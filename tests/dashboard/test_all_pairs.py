"""All pairs of models on the page: computed beside the server, shared by its sessions, cancelled."""

from __future__ import annotations

import time

import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.engine.store import open_atlas
from tests.dashboard.conftest import shell_of


@pytest.fixture
def page(seeded_atlas) -> Shell:
    made = shell_of(AtlasData(open_atlas(seeded_atlas)))
    made.view.page = "stitching"
    return made


def wait_for(page: Shell) -> dict:
    until = time.monotonic() + 120
    while page.pages["stitching"].pairs.work.task is not None and time.monotonic() < until:
        time.sleep(0.1)
        page.pages["stitching"].pairs.poll()
    return page.pages["stitching"].scores.data["pairs"]


def test_all_pairs_are_computed_once_for_every_session(page: Shell) -> None:
    assert "names" not in page.pages["stitching"].scores.data["pairs"]
    page.pages["stitching"].scores.intent = {"kind": "pairs", "n": 1}
    assert page.pages["stitching"].scores.data["pairs"]["progress"] is not None
    shown = wait_for(page)
    assert shown["names"] == ["ares", "bia", "circe", "dione", "echo"]
    assert shown["titles"][0] == "Ares"
    assert shown["controls"] == ["echo"]
    assert [rung["label"] for rung in shown["ladder"]] == ["Itself", "Same family", "From a control"]
    assert len(shown["scores"]["r2"]["mean"]) == 5
    assert all("beats" in words for words in shown["reversals"])
    other = shell_of(page.session.data)
    other.view.page = "stitching"
    assert other.pages["stitching"].scores.data["pairs"]["names"] == shown["names"]
    other.pages["stitching"].scores.intent = {"kind": "pairs", "n": 2}
    assert other.pages["stitching"].pairs.work.task is None


def test_a_cell_leads_to_its_pair(page: Shell) -> None:
    page.pages["stitching"].scores.intent = {"kind": "pair", "source": "circe", "target": "ares", "n": 1}
    assert (page.view.stitch_source, page.view.stitch_target, page.view.stitch_method) == ("circe", "ares", "ridge")
    page.pages["stitching"].scores.intent = {"kind": "pair", "source": "nobody", "target": "ares", "n": 2}
    assert page.view.stitch_source == "circe"


def test_it_can_be_cancelled_and_asked_for_again(page: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    page.pages["stitching"].scores.intent = {"kind": "pairs", "n": 1}
    page.pages["stitching"].scores.intent = {"kind": "pairs_cancel", "n": 2}
    assert page.pages["stitching"].pairs.work.task is None
    assert page.pages["stitching"].scores.data["pairs"]["progress"] is None
    monkeypatch.setattr("platonic_atlas.dashboard.work.door.PROCESSES", 0)
    page.pages["stitching"].scores.intent = {"kind": "pairs", "n": 3}
    assert "Try again in a minute" in page.pages["stitching"].scores.data["pairs"]["problem"]
