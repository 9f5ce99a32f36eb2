"""A page whose name resolves to this machine cannot drive the dashboard."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import panel as pn
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.routing import Rule
from tornado.websocket import websocket_connect

from platonic_atlas.dashboard import gate
from platonic_atlas.dashboard.address import names
from platonic_atlas.dashboard.visit import answer_at_once
from tests.dashboard.serving import threaded

ORIGIN = "atlas.example.org"

told: set[str] = set()


def _patterns(rules: list[Rule]) -> Iterator[str]:
    """Of all routes of a server, those below others too."""
    for rule in rules:
        if regex := getattr(rule.matcher, "regex", None):
            yield regex.pattern
        yield from _patterns(getattr(rule.target, "rules", []))


def page() -> pn.Column:
    return pn.Column("a page")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    answer_at_once()

    def shut(server: object) -> None:
        told.update(_patterns(server._tornado.default_router.rules))  # type: ignore[attr-defined]
        gate.shut(server._tornado, names("127.0.0.1", server.port, [ORIGIN]))  # type: ignore[attr-defined]

    with threaded(page, shut) as port:
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


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/static/js/bokeh.min.js", "/metadata"])
@pytest.mark.parametrize("host", ["evil.example:{}", "127.0.0.1", "127.0.0.1:1", f"{ORIGIN}:8000", f"a.{ORIGIN}", ""])
def test_another_name_is_refused_in_words_whatever_it_asks_for(host: str, path: str, port: int) -> None:
    code, said = status(port, host.format(port), path)
    assert code in (400, 403)  # Tornado itself wants some name
    assert "a page" not in said
    if code == 403:
        assert "--allow-origin" in said


@pytest.mark.parametrize(
    ("host", "origin", "open"),
    [
        ("127.0.0.1:{}", "http://127.0.0.1:{}", True),
        ("[::1]:{}", "http://[::1]:{}", True),
        (ORIGIN, f"https://{ORIGIN}", True),
        ("127.0.0.1:{}", f"https://{ORIGIN}", True),  # a proxy that asks under the server's own name
        ("evil.example:{}", "http://127.0.0.1:{}", False),
        ("127.0.0.1:{}", "http://evil.example", False),
        ("127.0.0.1:{}", "null", False),
    ],
)
def test_a_socket_is_refused_too(host: str, origin: str, open: bool, port: int) -> None:
    async def connect() -> None:
        headers = {"Host": host.format(port), "Origin": origin.format(port)}
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


def test_there_is_no_route_but_to_the_page_and_its_scripts(port: int) -> None:
    """Panel's own of the others import a module, and serve what it lists, of any name in an address."""
    closed = {r"/components/(.*)$", "/autoload.js$", "/metadata$"}
    scripts = {"/static/(?!extensions/)(.*)$", "/static/extensions/(.*)$", "/static/(.*)$", "/favicon.ico$"}
    assert told - closed - scripts <= {"/ws$", "/?$"}
    for path in ("/components/this/a/css/b", "/autoload.js?bokeh-autoload-element=a", "/metadata"):
        assert status(port, f"127.0.0.1:{port}", path)[0] == 404


FOLDERS = ("/static/", "/static/js/", "/static/extensions/", "/static/extensions/panel/")
OUT = (
    "/../../../etc/passwd",
    "/%2e%2e/%2e%2e/%2e%2e/setup.py",
    "//etc/passwd",
    "/..%2f..%2f..%2fserver.py",
    "/..\\..\\a",
)


@pytest.mark.parametrize(
    "path", [*FOLDERS, *(f"/static{way}" for way in OUT), *(f"/static/extensions/panel{way}" for way in OUT)]
)
def test_no_folder_is_listed_and_nothing_outside_is_served(path: str, port: int) -> None:
    code, said = status(port, f"127.0.0.1:{port}", path)
    assert code in (400, 403, 404) and "root:" not in said and "import" not in said


@pytest.mark.parametrize("path", ["/", "/static/js/bokeh.min.js", "/no-such-page"])
def test_every_answer_says_what_a_page_may_do(path: str, port: int) -> None:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    asked.request("GET", path)
    headers = asked.getresponse().headers
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == policy["default-src"] == "'self'" and policy["object-src"] == "'none'"
    assert "http" not in headers["Content-Security-Policy"]


def test_where_every_network_is_served_its_addresses_are_known_and_no_name_is() -> None:
    known = gate._OtherHost(names("0.0.0.0", 5006, []))

    def passes(host: str) -> bool:
        return (
            known.match(HTTPServerRequest("GET", "/", headers=HTTPHeaders({"Host": host}), connection=_Nobody()))
            is None
        )

    assert passes("10.1.2.3:5006") and passes("[fe80::1]:5006") and passes("localhost:5006")
    assert not passes("evil.example:5006") and not passes("10.1.2.3:5007")


class _Nobody:
    context = None
