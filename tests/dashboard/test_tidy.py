"""Memory goes back when the last visitor has left, and not before."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import panel as pn
import pytest
from bokeh.document import Document

from platonic_atlas.dashboard import tidy
from platonic_atlas.dashboard.shell.news import LOOK
from tests.dashboard.serving import Visitor, threaded


def test_it_is_collected_once_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    trimmed, watch = list[int](), tidy.Tidy()
    monkeypatch.setattr(tidy, "trim", lambda: trimmed.append(watch.there))
    monkeypatch.setattr(tidy, "AFTER", 0.1)

    def page() -> pn.pane.Str:
        watch.came()
        return pn.pane.Str("a page")

    lives = {"unused_session_lifetime_milliseconds": 200, "check_unused_sessions_milliseconds": 50}
    with threaded(page, **lives) as port:
        stays, goes = Visitor(port), Visitor(port)
        goes.leaves()
        given_up = time.monotonic() + 10
        while watch.there > 1:
            assert time.monotonic() < given_up
            time.sleep(0.02)
        assert trimmed == []
        stays.leaves()
        while not trimmed:
            assert time.monotonic() < given_up
            time.sleep(0.02)
    assert trimmed == [0]


def test_a_session_that_looked_now_and_then_is_collected_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that is called off holds the session that asked for it until it would have been due."""
    look, margin, trim = 0.6, tidy.AFTER - LOOK / 1000, tidy.trim
    assert margin > 0
    watch, pages, lived = tidy.Tidy(), weakref.WeakSet[Document](), list[int]()

    def trimmed() -> None:
        trim()
        lived.append(len(pages))

    def page() -> pn.pane.Str:
        watch.came()
        document = pn.state.curdoc
        assert document is not None
        pages.add(document)
        document.add_periodic_callback(lambda: None, int(1000 * look))
        return pn.pane.Str("a page")

    monkeypatch.setattr(tidy, "trim", trimmed)
    monkeypatch.setattr(tidy, "AFTER", look + margin / 2)
    lives = {"unused_session_lifetime_milliseconds": 100, "check_unused_sessions_milliseconds": 50}
    with threaded(page, **lives) as port:
        Visitor(port).leaves()
        given_up = time.monotonic() + 20
        while not lived:
            assert time.monotonic() < given_up
            time.sleep(0.02)
    assert lived == [0]


def test_what_refers_to_itself_is_let_go() -> None:
    class Page:
        own: Page

    def left() -> weakref.ref[Page]:
        page = Page()
        page.own = page
        return weakref.ref(page)

    gc.disable()
    try:
        page = left()
        assert page() is not None
        in_thread = threading.Thread(target=tidy.trim)
        in_thread.start()
        in_thread.join()
        assert page() is None
    finally:
        gc.enable()
