"""What fails is told on the page in words, and nothing waits for ever."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.values import Disagreement
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.engine.store import open_atlas
from tests.dashboard.conftest import shell_of


@pytest.fixture
def page(seeded_atlas: Path) -> Shell:
    return shell_of(AtlasData(open_atlas(seeded_atlas)))


def failed() -> Future[Any]:
    """Work in a thread that went wrong."""
    future = Future[Any]()
    future.set_exception(RuntimeError("of nobody's making"))
    return future


def messages(page: Shell) -> dict[str, dict[str, str]]:
    return {each["id"]: each for each in page.sentence.data["messages"]}


def test_a_search_for_anchors_that_fails_ends_in_words(page: Shell) -> None:
    page.view.page = "anchors"
    anchors = page.pages["anchors"]
    anchors.number, anchors.working, anchors._run = 7, True, 1
    wanted = anchors._wanted("random", page.session.data.eligible())
    anchors._chosen(wanted, 1, failed())
    assert anchors.panel.data["progress"] is None
    said = messages(page)["choosing-anchors"]
    assert "RuntimeError" in said["happened"] and said["expected"] and said["next"]
    page.sentence.intent = {"kind": "dismiss", "id": "choosing-anchors", "n": 1}
    assert messages(page) == {}


def test_what_is_chosen_is_what_was_asked_for_though_the_slider_moves_meanwhile(
    page: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, embedding = page.session.data, page.session.data.embedding

    def moved(model: str, layer: str) -> Any:
        page.pages["anchors"].number = 13
        return embedding(model, layer)

    monkeypatch.setattr(data, "embedding", moved)
    page.view.page = "anchors"
    page.pages["anchors"].strategy = "random"
    page.pages["anchors"].panel.intent = {"kind": "number", "value": 20, "n": 1}
    assert len(page.view.anchor_sites) == 20
    other = shell_of(data)
    other.view.page, other.pages["anchors"].strategy = "anchors", "random"
    other.pages["anchors"].panel.intent = {"kind": "number", "value": 20, "n": 1}
    assert len(other.view.anchor_sites) == 20


def test_an_answer_that_is_on_its_way_does_not_take_the_place_of_anchors_by_hand(page: Shell) -> None:
    page.view.page = "anchors"
    wanted = page.pages["anchors"]._wanted("random", page.session.data.eligible())
    run = page.pages["anchors"]._run
    page.pages["anchors"].panel.intent = {"kind": "paste", "text": "Fe O", "n": 1}
    page.pages["anchors"]._take(wanted, page.session.data.made(wanted), run)
    assert len(page.view.anchor_sites) == 2


def test_a_picture_that_cannot_be_drawn_is_told(page: Shell) -> None:
    page._drawn(failed())
    assert page.sentence.data["progress"] is None
    assert "Drawing the picture failed" in messages(page)["drawing-the-picture"]["happened"]
    assert page.download is None


def test_a_value_that_fails_is_told_and_shown_as_unknown(page: Shell) -> None:
    wanted = Disagreement.of(page.session.key, page.view.anchor_sites)
    later = page.session.later
    later.page_opened()
    page.session.data.forget(lambda key: key == wanted)
    later._waiting.add(wanted)
    later._arrive(wanted, failed().exception())
    assert "Computing the disagreement failed" in messages(page)["computing-the-disagreement"]["happened"]
    assert not later.waiting
    page.sentence.intent = {"kind": "dismiss", "id": "computing-the-disagreement", "n": 1}
    assert messages(page) == {}
    assert page.session.disagreement() is not None  # it may be tried again
