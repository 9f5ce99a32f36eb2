"""Values that take longer than a callback may: computed in a thread, and the page told when they are there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol, TypeVar

import panel as pn

from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.work.door import threads
from platonic_atlas.dashboard.work.failure import Failures, in_words
from platonic_atlas.dashboard.work.together import together
from platonic_atlas.engine.errors import PlatonicError

T = TypeVar("T")


class Source(Protocol):
    """Where values are held by the request for them, and made."""

    def held(self, key: Hashable, /) -> Any:
        """The value, or None."""

    def made(self, request: Request[T], /) -> T:
        """The value, however long it takes."""


class Later:
    """What one session waits for. `arrived` is called in the session's own turn after a value came, or failed."""

    def __init__(self, failures: Failures | None = None) -> None:
        self.arrived: Callable[[], None] = lambda: None
        self.failures = failures or Failures()
        self._waiting: set[Hashable] = set()
        self._failed: dict[type, tuple[Hashable, PlatonicError]] = {}
        self._open, self._early, self._gone = False, False, False
        document = pn.state.curdoc
        if document is not None and document.session_context:
            document.on_session_destroyed(lambda _context: self._leave())

    def _leave(self) -> None:
        """The visitor has gone: nothing more is begun, and nobody is told of what is under way."""
        self._gone = True
        threads.leave(self)

    def page_opened(self) -> None:
        """The browser holds the page. What changed while the page was on its way would be lost: it is told now."""
        self._open = True
        if self._early:
            self._early = False
            self.arrived()

    def value(self, source: Source, request: Request[T]) -> T | None:
        """What the source holds; else None for now, while a thread makes it. Made at once where there is no page.

        A request that failed gives None until another of its kind was made, or the visitor took the message away.
        """
        held: T | None = source.held(request)
        if held is not None or self.error(request) is not None:
            return held
        document = pn.state.curdoc
        if document is None or not document.session_context:
            return source.made(request)
        if request not in self._waiting:
            self._waiting.add(request)
            self.then(partial(source.made, request), lambda future: self._arrive(request, future.exception()))
        return None

    def error(self, request: Request[Any]) -> PlatonicError | None:
        """Why a request has no value, where it failed."""
        of, error = self._failed.get(type(request), (None, None))
        return error if of == request else None

    def then(self, act: Callable[[], T], take: Callable[[Future[T]], object]) -> None:
        """`act` in a thread of the door; `take` gets what came of it in the session's own turn, if the visitor is there.

        The page is heard meanwhile: a callback that awaits holds the page's lock until it ends.
        """
        threads.submit(self, act).add_done_callback(self._in_turn(take))

    def _in_turn(self, take: Callable[[Future[T]], object]) -> Callable[[Future[T]], None]:
        """From a thread into the turn of the session that asks now. That it has gone is known in the server's loop alone."""
        document, loop = pn.state.curdoc, _loop()

        def tell(future: Future[T]) -> None:
            if not self._gone and not future.cancelled() and document is not None:
                document.add_next_tick_callback(partial(take, future))

        def done(future: Future[T]) -> None:
            if loop is None:
                tell(future)
            elif not loop.is_closed():
                loop.call_soon_threadsafe(tell, future)

        return done

    def ahead(self, make: Callable[[], object]) -> None:
        """`make` in the thread for what it leaves behind, such as files that were read; nobody is told."""
        threads.submit(self, make).add_done_callback(_log)

    def try_again(self) -> None:
        """What failed may be asked for again."""
        self._failed.clear()

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def _arrive(self, request: Request[Any], error: BaseException | None) -> None:
        self._waiting.discard(request)
        with together():
            if error is not None:
                self._failed[type(request)] = (request, in_words(request.doing, error))
                self.failures.tell(request.doing, self._failed[type(request)][1])
            else:
                self._failed.pop(type(request), None)
                self.failures.withdraw(request.doing)
            if self._open:
                self.arrived()
            else:
                self._early = True


def _loop() -> asyncio.AbstractEventLoop | None:
    """The server's, in which its callbacks run; None outside of one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _log(future: Future[Any]) -> None:
    if not future.cancelled() and (error := future.exception()):
        in_words("Reading ahead", error)
