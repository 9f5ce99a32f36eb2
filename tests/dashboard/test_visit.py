"""How a visitor gets the page: at once, with a session of its own."""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import panel as pn
import pytest
from bokeh.server import urls
from bokeh.util.token import get_session_id

from platonic_atlas.dashboard import app, visit
from platonic_atlas.dashboard.address import free_port, names
from platonic_atlas.dashboard.opening import begin
from platonic_atlas.dashboard.visit import answer_at_once, rehearse
from tests.dashboard.serving import threaded


def in_thread(act: Callable[[], object]) -> None:
    """Where no other loop runs: that of a browser may, in the thread of the tests."""

    def run() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        act()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(run).result()


@dataclass
class Served:
    """A server whose page counts how often it is built."""

    port: int = 0
    built: list[str] = field(default_factory=list)

    def page(self) -> pn.Column:
        self.built.append(pn.state.curdoc.session_context.id)
        return pn.Column("a page")

    def session(self, query: str = "") -> str:
        """The session that is named in an answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{query}") as answer:
            assert answer.headers["Cache-Control"] == "no-store"
            found = re.search(r'"token":"([^"]+)"', answer.read().decode())
        assert found
        return get_session_id(found[1])

    def builds(self, n: int) -> list[str]:
        """The sessions that were built, once there are `n`."""
        end = time.monotonic() + 20
        while len(self.built) < n and time.monotonic() < end:
            time.sleep(0.02)
        return self.built


@pytest.fixture
def served() -> Iterator[Served]:
    before = list(urls.per_app_patterns)
    answer_at_once()
    assert visit.PageHandler in [kind for _, kind in urls.per_app_patterns]
    served = Served()
    with threaded(served.page) as served.port:
        in_thread(lambda: asyncio.run(rehearse("127.0.0.1", served.port)))
        yield served
    urls.per_app_patterns[:] = before


@pytest.fixture
def unused_port() -> Iterator[int]:
    before = list(urls.per_app_patterns)
    yield free_port("127.0.0.1", 5590)
    urls.per_app_patterns[:] = before


def test_the_first_visitor_gets_the_session_that_was_built_ahead(served: Served) -> None:
    (ahead,) = served.built
    assert served.session() == ahead
    assert served.built == [ahead]


def test_every_other_visitor_gets_a_session_of_its_own(served: Served) -> None:
    names = [served.session() for _ in range(3)]
    assert len(set(names)) == 3
    assert sorted(served.builds(3)) == sorted(names)


def test_a_link_is_answered_by_a_session_that_read_it(served: Served) -> None:
    (ahead,) = served.built
    linked = served.session("?colour=period")
    assert linked != ahead
    assert served.builds(2) == [ahead, linked]
    assert served.session() == ahead  # which is still there for the next who wants nothing particular


def test_a_page_that_cannot_be_built_is_no_ready_server(
    seeded_atlas: Path, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    def broken(data: object) -> None:
        raise RuntimeError("no such page")

    monkeypatch.setattr(app, "build", broken)
    told: list[str] = []
    with pytest.raises(RuntimeError, match="no such page"):
        in_thread(partial(app.start, begin(seeded_atlas), address="127.0.0.1", port=unused_port, hosts=names("127.0.0.1", unused_port, []), show=False,
                          ready=lambda: told.append("ready")))  # fmt: skip
    assert told == []
