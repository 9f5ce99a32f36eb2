"""Who is let in, to what: whoever asks for the server by a name that it is served under, to the page and its scripts.

A page of another site may let its own name resolve to this machine, and would then be of one origin with the dashboard:
what tells it apart is the name that it asks for, the header Host.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlparse

from bokeh.server.tornado import BokehTornado
from panel.io.server import WSHandler
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.routing import Matcher, PathMatches, Rule
from tornado.web import OutputTransform, RequestHandler

from platonic_atlas.dashboard.address import EVERYWHERE, named

USUAL_PORTS = ("80", "443")
ANYBODY = "*"
# Panel serves files of any module that it can import, and pages for other sites to hold: nothing here asks for either
UNUSED = r"/(components/.*|autoload\.js|metadata)"
# What Bokeh and Panel do: scripts in the page, made from text and from blobs; nothing of another machine, in no other's frame
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob: data:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
)


def shut(application: BokehTornado, known: Iterable[str]) -> None:
    """Refuse requests, those for a socket too, that name another host than the known ones, and all for what no page
    uses; `*` lets everybody in. Every answer tells the browser what the page may do.
    """
    known = list(known)
    application.websocket_origins.update(known)
    application.default_router.rules[:0] = [
        Rule(_OtherHost(known), _Refused),
        Rule(PathMatches(UNUSED), _NotHere),
    ]
    application.add_transform(_Told)


class SocketHandler(WSHandler):
    """A socket for pages of the host that it is asked from, and for those that a proxy serves."""

    def check_origin(self, origin: str) -> bool:
        asking = _plain(urlparse(origin).netloc)
        known = {_plain(name) for name in self.application.websocket_origins}
        return asking == _plain(self.request.headers.get("Host", "")) or bool({asking, ANYBODY} & known)


class _OtherHost(Matcher):
    def __init__(self, known: Iterable[str]) -> None:
        self.known = {_plain(name) for name in known}
        self.ports = {
            name.rpartition(":")[2] for name in self.known if name.rpartition(":")[0] in map(named, EVERYWHERE)
        }

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """None where the request may pass."""
        asked = _plain(request.headers.get("Host", ""))
        return None if ANYBODY in self.known or asked in self.known or self._is_address(asked) else {}

    def _is_address(self, asked: str) -> bool:
        """One of this machine's addresses, where all are served: only a name can be made to resolve to it."""
        host, _, port = asked.rpartition(":")
        try:
            ip_address(host.strip("[]"))
        except ValueError:
            return False
        return port in self.ports


def _plain(host: str) -> str:
    """A host in small letters; without the port that a browser leaves out."""
    host = host.strip().lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port in USUAL_PORTS else host


class _Told(OutputTransform):
    """Headers of every answer."""

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "SAMEORIGIN"
        headers["Referrer-Policy"] = "no-referrer"
        return status_code, headers, chunk


class _NotHere(RequestHandler):
    def prepare(self) -> None:
        self.set_status(404)
        self.finish()


class _Refused(RequestHandler):
    def prepare(self) -> None:
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(
            f"This dashboard is not served as {self.request.headers.get('Host', '')!r}.\n"
            "It answers under the address that `platonic serve` prints, and under those named to it.\n"
            "Name another one: platonic serve --allow-origin HOST:PORT\n"
        )
