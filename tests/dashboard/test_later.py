"""Results kept by key, and values that come later."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from types import SimpleNamespace

import panel as pn
import pytest

from platonic_atlas.dashboard.atlas.arrays import Cache
from platonic_atlas.dashboard.work.thread import Later


def test_a_result_is_computed_once_however_many_ask_and_others_do_not_wait() -> None:
    cache, calls, go = Cache(4), [], threading.Event()

    def slow() -> int:
        calls.append(1)
        go.wait(10)
        return 7

    found: list[int] = []
    asking = [threading.Thread(target=lambda: found.append(cache.get("slow", slow))) for _ in range(3)]
    for thread in asking:
        thread.start()
    while not calls:
        time.sleep(0.01)
    assert cache.held("slow") is None
    assert cache.get("quick", lambda: 3) == 3  # while "slow" is being made
    go.set()
    for thread in asking:
        thread.join(10)
    assert (found, len(calls), cache.held("slow")) == ([7, 7, 7], 1, 7)


def test_a_failure_is_told_and_tried_again() -> None:
    cache = Cache(4)
    with pytest.raises(ZeroDivisionError):
        cache.get("x", lambda: 1 / 0)
    assert cache.get("x", lambda: 2) == 2


def test_the_oldest_result_goes_first() -> None:
    cache = Cache(2)
    for key in "abc":
        cache.get(key, lambda key=key: key)
    assert [cache.held(key) for key in "abc"] == [None, "b", "c"]
    cache.forget(lambda key: key == "b")
    assert cache.held("b") is None


class Document(SimpleNamespace):
    """What `Later` needs of a Bokeh document that belongs to a visitor."""

    def __init__(self) -> None:
        super().__init__(session_context=object(), asked=[])

    def add_next_tick_callback(self, callback: object) -> None:
        self.asked.append(callback)


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Document:
    found = Document()
    monkeypatch.setattr(type(pn.state), "curdoc", property(lambda _: found))
    monkeypatch.setattr("platonic_atlas.dashboard.work.thread.hold", nullcontext)
    return found


def wait_for(document: Document) -> None:
    end = time.monotonic() + 10
    while not document.asked:
        assert time.monotonic() < end
        time.sleep(0.01)
    document.asked.pop(0)()


def test_on_a_page_a_value_comes_later_and_the_page_is_told(document: Document) -> None:
    later, told = Later(), []
    later.arrived = lambda: told.append(1)
    later.page_opened()
    assert told == []
    assert later.value("k", None, lambda: 5) is None
    assert later.value("k", None, lambda: 5) is None  # asked again while it is made
    assert later.waiting
    wait_for(document)
    assert (told, later.waiting, document.asked) == ([1], False, [])
    assert later.value("k", 5, lambda: 6) == 5


def test_what_comes_while_the_page_is_on_its_way_is_told_when_it_has_opened(document: Document) -> None:
    later, told = Later(), []
    later.arrived = lambda: told.append(1)
    later.value("k", None, lambda: 5)
    wait_for(document)
    assert told == []
    later.page_opened()
    later.page_opened()
    assert told == [1]


def test_what_fails_is_not_asked_for_again_and_again(document: Document) -> None:
    later = Later()
    later.value("k", None, lambda: 1 / 0)
    wait_for(document)
    assert later.value("k", None, lambda: 1 / 0) is None
    assert not later.waiting


def test_without_a_page_a_value_is_made_at_once() -> None:
    assert Later().value("k", None, lambda: 5) == 5


def test_what_is_made_ahead_is_made_and_nobody_is_told(document: Document, caplog: pytest.LogCaptureFixture) -> None:
    later, made = Later(), threading.Event()
    later.page_opened()
    later.ahead(lambda: 1 / 0)
    later.ahead(made.set)
    assert made.wait(10)
    assert (document.asked, later.waiting) == ([], False)
    assert "could not be computed" in caplog.text
