"""A page whose name resolves to this machine cannot drive the dashboard."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import panel as pn
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from platonic_atlas.dashboard import gate
from tests.dashboard.serving import threaded

ORIGIN = "atlas.example.org"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    def shut(server: object) -> None:
        gate.shut(server._tornado, gate.names("127.0.0.1", server.port, [ORIGIN]))  # type: ignore[attr-defined]

    with threaded(lambda: pn.Column("a page"), shut) as port:
        yield port


def status(port: int, host: str, path: str = "/") -> tuple[int, str]:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    asked.putrequest("GET", path, skip_host=True)
    if host:
        asked.putheader("Host", host)
    asked.endheaders()
    answer = asked.getresponse()
    return answer.status, answer.read().decode(errors="replace")


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LocalHost:{}", ORIGIN, f"{ORIGIN}:443"])
def test_who_names_the_server_is_answered(host: str, port: int) -> None:
    assert status(port, host.format(port))[0] == 200


@pytest.mark.parametrize("path", ["/", "/autoload.js?bokeh-autoload-element=a", "/static/js/bokeh.min.js", "/metadata"])
@pytest.mark.parametrize("host", ["evil.example:{}", "127.0.0.1", "127.0.0.1:1", f"{ORIGIN}:8000", f"a.{ORIGIN}", ""])
def test_another_name_is_refused_in_words_whatever_it_asks_for(host: str, path: str, port: int) -> None:
    code, said = status(port, host.format(port), path)
    assert code in (400, 403)  # Tornado itself wants some name
    assert "a page" not in said
    if code == 403:
        assert "--allow-origin" in said


@pytest.mark.parametrize(("host", "open"), [("127.0.0.1:{}", True), ("evil.example:{}", False)])
def test_a_socket_is_refused_too(host: str, open: bool, port: int) -> None:
    async def connect() -> None:
        headers = {"Host": host.format(port), "Origin": f"http://127.0.0.1:{port}"}
        asked = HTTPRequest(f"ws://127.0.0.1:{port}/ws", headers=headers)
        (await websocket_connect(asked, subprotocols=["bokeh", "no-token"])).close()

    def code() -> int:
        with pytest.raises(HTTPClientError) as refused:
            asyncio.run(connect())
        return refused.value.code

    with ThreadPoolExecutor(1) as threads:
        if open:
            threads.submit(lambda: asyncio.run(connect())).result()
        else:
            assert threads.submit(code).result() == 403


def test_everybody_is_let_in_where_that_was_asked_for() -> None:
    with threaded(lambda: pn.Column("a page"), lambda server: gate.shut(server._tornado, ["*"])) as port:
        assert status(port, "any.example:99")[0] == 200
