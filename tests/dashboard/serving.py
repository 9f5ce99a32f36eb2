"""A Panel server for tests that look at pages of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import panel as pn
from bokeh.client import pull_session


@contextmanager
def threaded(
    page: Callable[[], Any], prepare: Callable[[Any], object] = lambda server: None, **options: Any
) -> Iterator[int]:
    """Serve a page from a thread with a loop of its own (that of the test may be a browser's); yields the port.

    prepare : is given the server before it starts ; options : of the server
    """
    began, servers = threading.Event(), list[Any]()

    def run() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        # not threaded by Panel: only so is the port known
        server = pn.serve(page, port=0, address="127.0.0.1", show=False, start=False, verbose=False, **options)
        prepare(server)
        servers.append(server)
        server.start()
        server.io_loop.add_callback(began.set)
        server.io_loop.start()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert began.wait(30)
    yield servers[0].port
    servers[0].io_loop.add_callback(servers[0].io_loop.stop)
    thread.join(10)


class Visitor:
    """Somebody on a page of a server of ours, in a thread: this one may run a browser's loop."""

    def __init__(self, port: int) -> None:
        self._own = ThreadPoolExecutor(1)
        self._session = self._own.submit(self._came, port).result(60)

    @staticmethod
    def _came(port: int) -> Any:
        asyncio.set_event_loop(asyncio.new_event_loop())
        return pull_session(url=f"http://127.0.0.1:{port}/")

    def leaves(self) -> None:
        """Close the page."""
        self._own.submit(self._session.close).result(60)
        self._own.shutdown()
