"""Memory goes back to the system when the last visitor has left."""

from __future__ import annotations

import ctypes
import gc
import sys

from panel.io.state import state
from tornado.ioloop import IOLoop

from platonic_atlas.dashboard.shell.news import LOOK

# Seconds after a session ended: those of a window that is closed end together, and a look that was due, though it is
# called off, keeps the whole session until its time has come
AFTER = LOOK / 1000 + 2.0


def trim() -> None:
    """Collect what refers to itself, as pages do, and let the C library return what is free; glibc keeps it otherwise."""
    gc.collect()
    if sys.platform == "linux":
        release = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if release is not None:
            release(0)


class Tidy:
    """Counts who is there; `came` in a session's own turn, as it is built."""

    def __init__(self) -> None:
        self.there = 0

    def came(self) -> None:
        document = state.curdoc
        if document is not None and document.session_context:
            self.there += 1
            document.on_session_destroyed(lambda _context: self._left())

    def _left(self) -> None:
        self.there -= 1
        IOLoop.current().call_later(AFTER, self._tidy)

    def _tidy(self) -> None:
        """It stops the server for a moment: only where nobody waits for it."""
        if self.there == 0:
            trim()
