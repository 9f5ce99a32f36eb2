"""A page that was closed while something is computed for it is not called."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import panel as pn
import pytest

from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.work.thread import Later
from tests.dashboard.serving import Visitor, threaded


@dataclass(frozen=True)
class Seven(Request[int]):
    """Made by whom it is asked for."""

    def make(self, data: object) -> int:
        return 7


class Slow:
    """What makes a value for as long as it is told to."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def held(self, key: object) -> None:
        return None

    def made(self, request: Any) -> int:
        self.begun.set()
        self.go.wait(20)
        return 7


def asked_for(later: Later, slow: Slow, shown: pn.pane.Str) -> None:
    later.value(slow, Seven())


def handed_over(later: Later, slow: Slow, shown: pn.pane.Str) -> None:
    later.then(partial(slow.made, None), lambda future: setattr(shown, "object", str(future.result())))


@pytest.mark.parametrize("ask", [asked_for, handed_over])
def test_a_closed_page_is_not_called(
    ask: Callable[[Later, Slow, pn.pane.Str], None], caplog: pytest.LogCaptureFixture
) -> None:
    slow, gone, laters = Slow(), threading.Event(), list[Later]()

    def page() -> pn.pane.Str:
        shown, later = pn.pane.Str("nothing yet"), Later()
        later.arrived = lambda: setattr(shown, "object", "arrived")
        assert pn.state.curdoc is not None
        pn.state.curdoc.on_session_destroyed(lambda context: gone.set())
        pn.state.curdoc.add_next_tick_callback(lambda: ask(later, slow, shown))
        laters.append(later)
        return shown

    lives = {"unused_session_lifetime_milliseconds": 200, "check_unused_sessions_milliseconds": 50}
    with caplog.at_level(logging.WARNING), threaded(page, **lives) as port:
        visitor = Visitor(port)
        assert slow.begun.wait(20)
        visitor.leaves()
        assert gone.wait(20)
        slow.go.set()
        time.sleep(0.5)  # in which nothing is to happen
    assert [record.getMessage() for record in caplog.records if record.exc_info or "rror" in record.getMessage()] == []
    assert laters


def test_a_page_is_heard_while_something_is_computed_for_it() -> None:
    """Who awaited in a callback held the page's lock: while a picture was drawn, no tap and no Cancel was heard."""
    slow, heard = Slow(), threading.Event()

    def page() -> pn.pane.Str:
        shown, later = pn.pane.Str(""), Later()
        document = pn.state.curdoc
        assert document is not None
        document.add_next_tick_callback(lambda: handed_over(later, slow, shown))
        document.add_timeout_callback(lambda: heard.set() if slow.begun.wait(10) else None, 50)
        return shown

    with threaded(page) as port:
        visitor = Visitor(port)
        assert heard.wait(10) and not slow.go.is_set()
        slow.go.set()
        visitor.leaves()
