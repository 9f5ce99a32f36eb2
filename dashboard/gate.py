"""Who is let in: only who asks for the server by a name that it is served under.

A page of another site may let its own name resolve to this machine, and would then be of one origin with the dashboard:
what tells it apart is the name that it asks for, the header Host.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import Application, RequestHandler

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
USUAL_PORTS = ("80", "443")


def names(address: str, port: int, origins: Iterable[str]) -> list[str]:
    """The hosts, each with its port where it has one, under which a server is asked for."""
    own = f"[{address}]" if ":" in address else address
    return [*dict.fromkeys(f"{host}:{port}" for host in (own, *LOOPBACK)), *origins]


def shut(application: Application, known: Iterable[str]) -> None:
    """Refuse all requests, those for a socket too, that name another host than the known ones; `*` lets everybody in."""
    application.default_router.rules.insert(0, Rule(_OtherHost(known), _Refused))


class _OtherHost(Matcher):
    def __init__(self, known: Iterable[str]) -> None:
        self.known = {_plain(name) for name in known}

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """None where the request may pass."""
        asked = _plain(request.headers.get("Host", ""))
        return None if "*" in self.known or asked in self.known else {}


def _plain(host: str) -> str:
    """A host in small letters; without the port that a browser leaves out."""
    host = host.strip().lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port in USUAL_PORTS else host


class _Refused(RequestHandler):
    def prepare(self) -> None:
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(
            f"This dashboard is not served as {self.request.headers.get('Host', '')!r}.\n"
            "It answers under the address that `platonic serve` prints, and under those named to it.\n"
            "Name another one: platonic serve --allow-origin HOST:PORT\n"
        )
