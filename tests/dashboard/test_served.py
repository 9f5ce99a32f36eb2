"""What is embedded or kept while a server runs is told, and shown on request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.served import Contents, Served, told
from platonic_atlas.dashboard.pages.base import page_kinds
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.engine.store import Atlas, create_atlas, open_atlas
from platonic_atlas.engine.store.pack import pack
from tests.dashboard.conftest import add_model, seeded_collection


@pytest.fixture
def growing(tmp_path: Path) -> Atlas:
    atlas = create_atlas(tmp_path / "growing.atlas.zarr", seeded_collection())
    add_model(atlas, "ares", 0)
    add_model(atlas, "bia", 1)
    atlas.write_anchors("first", [0, 6, 12], {"strategy": "file"})  # type: ignore[arg-type]
    return atlas


def shown(shell: Shell) -> list[str]:
    return [message["happened"] for message in shell.sentence.data["messages"]]


def test_a_model_and_anchors_that_come_while_a_page_is_open_are_told_and_shown(growing: Atlas) -> None:
    served = Served(AtlasData(open_atlas(growing.path), keeps=True))
    shell = Shell(served.data, page_kinds(), served)
    shell.news.look()
    assert shown(shell) == []
    add_model(growing, "circe", 2)
    growing.write_anchors("second", [1, 7], {"strategy": "file"})  # type: ignore[arg-type]
    shell.news.look()
    assert shown(shell) == ["New in this atlas: circe embedded, anchors second kept."]
    assert shell.sentence.data["messages"][0]["action"] == "Show"
    served.renew()
    assert "circe" in served.data.models and "circe" not in shell.session.data.models
    shell.sentence.intent = {"kind": "act", "id": "news", "n": 1}
    assert shell.header.data["reloads"] == 1
    later = Shell(served.data, page_kinds(), served)
    later.news.look()
    assert shown(later) == []


def test_what_a_visitor_keeps_or_forgets_is_no_news_to_that_visitor(growing: Atlas) -> None:
    served = Served(AtlasData(open_atlas(growing.path), keeps=True))
    mine, other = (Shell(served.data, page_kinds(), served) for _ in range(2))
    mine.session.keep_set("mine")
    for shell in (mine, other):
        shell.news.look()
    assert shown(mine) == [] and shown(other) == ["New in this atlas: anchors mine kept."]
    mine.session.forget_set("mine")
    for shell in (mine, other):
        shell.news.look()
    assert shown(mine) == [] == shown(other)


def test_a_notice_that_was_taken_away_comes_again_with_other_news_only(growing: Atlas) -> None:
    served = Served(AtlasData(open_atlas(growing.path), keeps=True))
    shell = Shell(served.data, page_kinds(), served)
    add_model(growing, "circe", 2)
    shell.news.look()
    shell.sentence.intent = {"kind": "dismiss", "id": "news", "n": 1}
    shell.news.look()
    assert shown(shell) == []
    add_model(growing, "dione", 3)
    shell.news.look()
    assert shown(shell) == ["New in this atlas: circe, dione embedded."]


def test_what_is_kept_beside_a_shipped_atlas_is_told(
    growing: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATONIC_DATA", str(tmp_path / "data"))
    zipped = open_atlas(pack(growing, tmp_path / "shipped.atlas.zip"))
    served = Served(AtlasData(zipped, keeps=True))
    open_atlas(zipped.path).write_anchors("beside", [2, 8], {"strategy": "file"})  # type: ignore[arg-type]
    assert served.news(served.read) == "anchors beside kept"


def test_many_names_are_counted() -> None:
    now = Contents(frozenset("abcdef"), frozenset({"x"}))
    assert told(now, replace(now, labels=frozenset("yz"))) == "labels y, z added"
    assert told(Contents(), now) == "a, b, c and 3 more embedded, anchors x kept"
    assert told(now, Contents(), known=frozenset("x")) == "a, b, c and 3 more taken away"
