"""Work beside the server that a page follows: at most a few at once (see `door`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

from platonic_atlas.dashboard.work import door
from platonic_atlas.dashboard.work.process import Report, Task

POLL = 200  # milliseconds

_running: set[Task] = set()


class Followed:
    """The one task that a piece of a page may have under way; `poll` is called while it runs, and ends with the page."""

    def __init__(self, poll: Callable[[], None]) -> None:
        self.task: Task | None = None
        self._poll = poll
        self._stop_polling: Callable[[], None] = lambda: None
        document = pn.state.curdoc
        if document is not None and document.session_context:
            document.on_session_destroyed(lambda _context: self._leave())

    def start(self, function: str, **arguments: Any) -> bool:
        """Start a function of the engine (see `Task`); False where the server has enough to do."""
        if len(_running) >= door.PROCESSES:
            return False
        self.task = Task(function, **arguments)
        _running.add(self.task)
        document = pn.state.curdoc
        if document is not None and document.session_context:
            polling = document.add_periodic_callback(self._poll, POLL)
            self._stop_polling = lambda: document.remove_periodic_callback(polling)
        return True

    def report(self) -> Report | None:
        """How the task stands, None where there is none; one that is done is let go."""
        if self.task is None:
            return None
        report = self.task.poll()
        if report.done:
            self._let_go()
        return report

    def cancel(self) -> bool:
        """End what is under way; False where nothing is."""
        if self.task is None:
            return False
        self.task.cancel()
        self._let_go()
        return True

    def _leave(self) -> None:
        """The page is gone, and its callbacks with it: there is nothing to take off it."""
        self._stop_polling = lambda: None
        self.cancel()

    def _let_go(self) -> None:
        if self.task is not None:
            _running.discard(self.task)
        self._stop_polling()
        self._stop_polling = lambda: None
        self.task = None
