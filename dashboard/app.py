"""The server's entry: an atlas in, a page for each visitor out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import panel as pn
from bokeh.document import Document
from bokeh.util.browser import view
from panel.io.resources import LOCAL_DIST
from tornado.websocket import WebSocketClosedError

from platonic_atlas.dashboard import gate
from platonic_atlas.dashboard.address import named, visited
from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.served import Served
from platonic_atlas.dashboard.components.structure_view import VIEWER_ROUTE, viewer_folder
from platonic_atlas.dashboard.location import take_apart
from platonic_atlas.dashboard.opening import first_maps
from platonic_atlas.dashboard.pages.base import page_kinds
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.dashboard.theme import asset
from platonic_atlas.dashboard.tidy import Tidy
from platonic_atlas.dashboard.visit import answer_at_once, rehearse, write_anew


class PageTemplate(pn.template.Template):
    """Panel's template, put together at once.

    Bokeh looks through all models again for each of the page's 21 roots, and Panel prints the whole template for each:
    two thirds of what a visitor waits for the server.
    """

    def __repr__(self) -> str:
        return "Platonic Atlas"

    def _init_doc(self, doc: Document | None = None, *rest: Any, **more: Any) -> Document:
        document = doc or pn.state.curdoc or Document()
        # From where styles are fetched: Panel says it where it writes a page, and ours is written from another session
        document.template_variables["dist_url"] = LOCAL_DIST
        with document.models.freeze():
            return super()._init_doc(document, *rest, **more)


def build(served: Served) -> PageTemplate:
    """A new visitor's page on an atlas that is loaded once."""
    data = served.data
    shell = Shell(data, page_kinds(), served)
    template = PageTemplate(asset("page.html"), nb_template=None, location=True)
    for name, root in shell.roots().items():
        template.add_panel(name, root)
    template.add_variable("page_css", asset("page.css"))
    template.add_variable("opening_js", asset("opening.js"))
    template.add_variable("first_maps", partial(first_maps, data))
    template.add_variable("cells", len(shell.grid.cells))
    template.add_variable("mains", [name for name, page in shell.pages.items() if page.room is not None])
    return template


def _say_nothing_of_closed_pages() -> None:
    """A visitor who leaves while the server writes is no event: no traceback in the terminal."""
    logging.getLogger("bokeh.server.views.ws").setLevel(logging.ERROR)

    def of_interest(record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], WebSocketClosedError))

    logging.getLogger("asyncio").addFilter(of_interest)


def start(
    reading: Future[AtlasData],
    *,
    address: str,
    port: int,
    hosts: Sequence[str],
    show: bool,
    ready: Callable[[], None],
) -> None:
    """Serve an atlas that is being read, until the process is stopped.

    hosts : the names under which it may be asked for (`address.names`)
    """
    _say_nothing_of_closed_pages()
    answer_at_once()
    take_apart()
    served, failed, tidy = Served(reading.result(), renewed=write_anew), list[Exception](), Tidy()

    def page() -> PageTemplate:
        tidy.came()
        try:
            return build(served)
        except Exception as error:  # Panel makes a page of it
            failed.append(error)
            raise

    server = pn.serve(
        {"/": page}, address=address, port=port, show=False, start=False, title="Platonic Atlas", verbose=False,
        websocket_max_message_size=20 * 1024**2, threaded=False, static_dirs={VIEWER_ROUTE: str(viewer_folder())},
    )  # fmt: skip
    gate.shut(server._tornado, hosts)
    server.io_loop.run_sync(partial(rehearse, address, port))
    if failed:
        raise failed[0]
    ready()
    if show:
        view(f"http://{named(visited(address))}:{port}/")
    server.run_until_shutdown()
