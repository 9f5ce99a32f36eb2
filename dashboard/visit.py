"""How a visitor gets the page: its frame and a picture of the maps at once, the live page behind it.

Bokeh builds a visitor's session, a second of work, before it answers. But the answer holds nothing of the session except
a token that names it: here it is written once and goes out at once, and the session is built while the browser loads
the scripts. One session is built ahead, for whoever comes first and asks for nothing particular.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from bokeh.server.session import ServerSession
from bokeh.server.urls import per_app_patterns
from bokeh.util.token import generate_jwt_token, generate_session_id
from panel.io.resources import Resources
from panel.io.server import DocHandler, WSHandler, server_html_page_for_session
from panel.io.state import set_curdoc
from tornado.httpclient import AsyncHTTPClient
from tornado.ioloop import IOLoop

from platonic_atlas.dashboard.address import named, visited
from platonic_atlas.dashboard.gate import SocketHandler

TOKEN = "@token@"
SCRIPTS = (
    0.15  # seconds in which a browser asks for the scripts, before the session that keeps the server busy is built
)
CONNECTED = 60.0  # seconds that a session which is handed out waits for its browser
UNUSED = ("bokeh-mathjax", "bokeh-gl")
REHEARSAL = {"Sec-Purpose": "prefetch"}  # who asks so does not look at the page


@dataclass
class Written:
    """The page of an application: its text, and a session that nobody has yet."""

    html: str
    spare: ServerSession | None


_WRITTEN: WeakKeyDictionary[Any, Written] = WeakKeyDictionary()


class PageHandler(DocHandler):
    """Answers before there is a session."""

    async def get(self, *args: Any, **kwargs: Any) -> None:
        self.set_header("Cache-Control", "no-store")  # a token is good for minutes
        self.set_header("Content-Type", "text/html")
        page = _WRITTEN.get(self.application_context) or await self._write_page()
        looks = "Sec-Purpose" not in self.request.headers
        spare = self._claim(page) if looks else None
        name = spare.id if spare else generate_session_id(self.application.secret_key, self.application.sign_sessions)
        token = self._token(name)
        if spare:
            IOLoop.current().call_later(CONNECTED, spare.unblock_expiration)
        elif looks:
            build = self.application_context.create_session_if_needed
            IOLoop.current().call_later(SCRIPTS, build, name, self.request, token)
        self.write(page.html.replace(TOKEN, token))

    async def _write_page(self) -> Written:
        asked: Any = self.get_session()  # Panel wraps it for those who log in, and its type with it
        session: ServerSession = await asked
        document = session.document
        with set_curdoc(document):
            html = server_html_page_for_session(
                session, self._resources(), document.title, TOKEN, document.template, document.template_variables,
            )  # fmt: skip
        session.block_expiration()
        return _WRITTEN.setdefault(self.application_context, Written(html, session))

    def _resources(self) -> Resources:
        """Scripts and styles that every page loads: formulas and WebGL, which no map uses, are a third of them."""
        all_of_them = self.application.resources()
        all_of_them.components = [name for name in all_of_them.components if name not in UNUSED]
        return Resources.from_bokeh(all_of_them)

    def _claim(self, page: Written) -> ServerSession | None:
        """The session that was built ahead, if it is still there and nothing particular is asked for."""
        if self.request.query:
            return None
        spare, page.spare = page.spare, None
        return spare

    def _token(self, session: Any) -> str:
        app = self.application
        return generate_jwt_token(
            session, secret_key=app.secret_key, signed=app.sign_sessions, expiration=app.session_token_expiration,
            extra_payload=self._generate_token_payload(),
        )  # fmt: skip


def answer_at_once() -> None:
    """Let servers that are made from now on answer so."""
    ours: dict[Any, Any] = {DocHandler: PageHandler, WSHandler: SocketHandler}
    per_app_patterns[:] = [(path, ours.get(kind, kind)) for path, kind in per_app_patterns]


def write_anew() -> None:
    """What every page begins with has changed: the next visitor's is written, and built, from what there is then."""
    for page in _WRITTEN.values():
        if page.spare:
            page.spare.unblock_expiration()
    _WRITTEN.clear()


async def rehearse(address: str, port: int) -> None:
    """Ask for the page as a browser does: it is written, and what it computes and imports, the first visitor finds done."""
    await AsyncHTTPClient().fetch(f"http://{named(visited(address))}:{port}/", headers=REHEARSAL, request_timeout=0)
