"""Values that take longer than a callback may: computed in a thread, and the page told when they are there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

import panel as pn
from panel.io import hold

from platonic_atlas.dashboard.atlas.request import Request

T = TypeVar("T")
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="later")
_log = logging.getLogger(__name__)


class Source(Protocol):
    """Where values are held by the request for them, and made."""

    def held(self, key: Hashable, /) -> Any:
        """The value, or None."""

    def made(self, request: Request[T], /) -> T:
        """The value, however long it takes."""


class Later:
    """What one session waits for. `arrived` is called in the session's own turn after a value came."""

    def __init__(self) -> None:
        self.arrived: Callable[[], None] = lambda: None
        self._waiting: set[Hashable] = set()
        self._failed: set[Hashable] = set()
        self._open, self._early = False, False

    def page_opened(self) -> None:
        """The browser holds the page. What changed while the page was on its way would be lost: it is told now."""
        self._open = True
        if self._early:
            self._early = False
            self.arrived()

    def value(self, source: Source, key: Request[T]) -> T | None:
        """What the source holds; else None for now, while a thread makes it. Made at once where there is no page."""
        held: T | None = source.held(key)
        if held is not None or key in self._failed:
            return held
        make = partial(source.made, key)
        document = pn.state.curdoc
        if document is None or not document.session_context:
            return make()
        if key not in self._waiting:
            self._waiting.add(key)
            done = partial(self._done, document, key)
            _THREAD.submit(make).add_done_callback(done)
        return None

    def ahead(self, make: Callable[[], object]) -> None:
        """`make` in the thread for what it leaves behind, such as files that were read; nobody is told."""
        _THREAD.submit(make).add_done_callback(_report)

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def _done(self, document: Any, key: Hashable, future: Future[Any]) -> None:
        if _report(future):
            self._failed.add(key)
        document.add_next_tick_callback(partial(self._arrive, key))

    def _arrive(self, key: Hashable) -> None:
        self._waiting.discard(key)
        if not self._open:
            self._early = True
            return
        with hold():
            self.arrived()


def _report(future: Future[Any]) -> bool:
    """Whether it failed; said in the log."""
    error = future.exception()
    if error:
        _log.error("a value could not be computed", exc_info=error)
    return bool(error)
