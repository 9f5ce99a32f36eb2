"""Results kept by key, and values that come later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import panel as pn
import pytest

from platonic_atlas.dashboard.atlas.cache import MB, Cache, Shelf, nbytes
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.work.door import Turns
from platonic_atlas.dashboard.work.thread import Later


def test_a_result_is_computed_once_however_many_ask_and_others_do_not_wait() -> None:
    cache, calls, go = Cache(), [], threading.Event()

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
    cache = Cache()
    with pytest.raises(ZeroDivisionError):
        cache.get("x", lambda: 1 / 0)
    assert cache.get("x", lambda: 2) == 2


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_took_minutes_stays_however_much_comes_that_takes_milliseconds() -> None:
    clock = Clock()
    cache = Cache([Shelf(0.0, 10 * MB), Shelf(2.0, 10 * MB)], clock)

    def taking(seconds: float) -> np.ndarray:
        clock.now += seconds
        return np.zeros(MB, dtype=np.uint8)

    cache.get("study", lambda: taking(120.0))
    for tap in range(1000):
        cache.get(tap, lambda: taking(0.01))
    assert cache.held("study") is not None
    assert [tap for tap in range(1000) if cache.held(tap) is not None] == list(range(990, 1000))  # ten of them
    for study in range(10):
        cache.put(("study", study), np.zeros(MB, dtype=np.uint8), seconds=60.0)
    assert cache.held("study") is None  # it was the oldest of what took as long
    assert cache.held(999) is not None


def test_what_was_used_last_stays_and_the_newest_always_does() -> None:
    cache = Cache([Shelf(0.0, 2 * MB)])
    for key in "ab":
        cache.get(key, lambda: np.zeros(MB, dtype=np.uint8))
    cache.held("a")
    cache.get("c", lambda: np.zeros(MB, dtype=np.uint8))
    assert [key for key in "abc" if cache.held(key) is not None] == ["a", "c"]
    cache.get("large", lambda: np.zeros(5 * MB, dtype=np.uint8))
    assert [key for key in (*"abc", "large") if cache.held(key) is not None] == ["large"]
    cache.forget(lambda key: key == "large")
    assert cache.held("large") is None


def test_bytes_are_counted_wherever_they_lie_and_once() -> None:
    array = np.zeros(100)
    assert nbytes(array) == nbytes([array, (array,)]) == 800
    assert nbytes({"a": Shelf(0.0, 1.0), "b": array}) > 800
    assert nbytes(None) > 0


class Document(SimpleNamespace):
    """What `Later` needs of a Bokeh document that belongs to a visitor."""

    def __init__(self) -> None:
        super().__init__(session_context=object(), asked=[], on_session_destroyed=lambda gone: None)

    def add_next_tick_callback(self, callback: object) -> None:
        self.asked.append(callback)


@dataclass(frozen=True)
class Wanted(Request[int]):
    """What a page waits for in these tests."""

    value: int = 5

    def make(self, data: object) -> int:
        return self.value


@dataclass(frozen=True)
class Failing(Request[int]):
    doing = "Dividing"

    def make(self, data: object) -> int:
        raise ZeroDivisionError("nothing to divide")


@dataclass(frozen=True)
class Fraction(Request[float]):
    of: int

    doing = "Halving"

    def make(self, data: object) -> float:
        return 1 / self.of


class Held:
    """Where values are held, as in an atlas."""

    def __init__(self) -> None:
        self.values: dict[object, int] = {}

    def held(self, key: object) -> int | None:
        return self.values.get(key)

    def made(self, request: Request[int]) -> int:
        return request.make(self)  # type: ignore[arg-type]


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Document:
    found = Document()
    monkeypatch.setattr(type(pn.state), "curdoc", property(lambda _: found))
    monkeypatch.setattr("platonic_atlas.dashboard.work.thread.together", nullcontext)
    return found


def wait_for(document: Document) -> None:
    end = time.monotonic() + 10
    while not document.asked:
        assert time.monotonic() < end
        time.sleep(0.01)
    document.asked.pop(0)()


def test_on_a_page_a_value_comes_later_and_the_page_is_told(document: Document) -> None:
    later, held, told = Later(), Held(), []
    later.arrived = lambda: told.append(1)
    later.page_opened()
    assert told == []
    assert later.value(held, Wanted()) is None
    assert later.value(held, Wanted()) is None  # asked again while it is made
    assert later.waiting
    wait_for(document)
    assert (told, later.waiting, document.asked) == ([1], False, [])
    held.values[Wanted()] = 5
    assert later.value(held, Wanted()) == 5


def test_what_comes_while_the_page_is_on_its_way_is_told_when_it_has_opened(document: Document) -> None:
    later, held, told = Later(), Held(), []
    later.arrived = lambda: told.append(1)
    later.value(held, Wanted())
    wait_for(document)
    assert told == []
    later.page_opened()
    later.page_opened()
    assert told == [1]


def test_what_fails_is_told_in_words_and_may_be_asked_for_again(
    document: Document, caplog: pytest.LogCaptureFixture
) -> None:
    later, held, told = Later(), Held(), []
    later.page_opened()
    later.arrived = lambda: told.append(1)
    later.value(held, Failing())
    wait_for(document)
    assert (told, later.waiting) == ([1], False)
    ((name, error),) = later.failures.told()
    assert (name, error.happened) == ("dividing", "Dividing failed (ZeroDivisionError).")
    assert error.expected and error.next_step
    assert "Traceback" in caplog.text and "nothing to divide" in caplog.text
    assert later.value(held, Failing()) is None  # not again and again
    assert (later.waiting, later.error(Failing())) == (False, error)
    later.try_again()
    assert later.value(held, Failing()) is None
    assert later.waiting
    wait_for(document)


def test_what_fails_is_tried_again_once_its_like_has_worked(document: Document) -> None:
    later, held = Later(), Held()
    later.page_opened()
    later.value(held, Fraction(0))
    wait_for(document)
    assert later.error(Fraction(0)) is not None
    later.value(held, Fraction(2))
    wait_for(document)
    assert (later.failures.told(), later.error(Fraction(0))) == ([], None)


def test_without_a_page_a_value_is_made_at_once() -> None:
    assert Later().value(Held(), Wanted()) == 5


def test_what_is_made_ahead_is_made_and_nobody_is_told(document: Document, caplog: pytest.LogCaptureFixture) -> None:
    later, made = Later(), threading.Event()
    later.page_opened()
    later.ahead(lambda: 1 / 0)
    later.ahead(made.set)
    assert made.wait(10)
    assert (document.asked, later.waiting) == ([], False)
    wait_until(lambda: "Reading ahead failed" in caplog.text)


def test_visitors_take_turns_and_nobody_holds_all_threads() -> None:
    turns, go, begun = Turns(threads=2, each=1), threading.Event(), []

    def work(name: str) -> str:
        begun.append(name)
        go.wait(10)
        return name

    asked = [turns.submit("greedy", lambda i=i: work(f"greedy {i}")) for i in range(3)]
    other = turns.submit("other", lambda: work("other"))
    wait_until(lambda: len(begun) == 2)
    assert sorted(begun) == ["greedy 0", "other"]
    turns.leave("greedy")
    go.set()
    assert (asked[0].result(10), other.result(10)) == ("greedy 0", "other")
    assert all(each.cancelled() for each in asked[1:])
    assert turns.submit("greedy", lambda: 5).result(10) == 5
    with pytest.raises(ZeroDivisionError):
        turns.submit("greedy", lambda: 1 / 0).result(10)


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
