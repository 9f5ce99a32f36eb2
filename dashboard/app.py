"""The server's entry: an atlas in, a page for each visitor out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import holoviews as hv
import numpy as np
import panel as pn

from dashboard.data import AtlasData
from dashboard.pages.page import Page
from dashboard.plots.raster import Window, raster
from dashboard.theme import asset
from engine.store import open_atlas

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def build(data: AtlasData) -> pn.template.Template:
    """A new visitor's page on an atlas that is loaded once."""
    page = Page(data)
    template = pn.template.Template(asset("page.html"), nb_template=None)
    for name, root in page.roots().items():
        template.add_panel(name, root)
    template.add_variable("page_css", asset("page.css"))
    template.add_variable("cells", len(page.grid.cells))
    return template


def warm() -> None:
    """Compile the raster kernels before the first visitor waits for them."""
    places, colours = np.zeros((2, 2), dtype=np.float32), np.zeros((2, 3), dtype=np.float32)
    raster(places, colours, Window((-1, 1), (-1, 1), 4, 4))


def load(path: Path | str | None, *, keeps: bool = False) -> AtlasData:
    """Open an atlas and compute what the first page needs, kernels compiling meanwhile.

    keeps : see `AtlasData`
    """
    compiling = threading.Thread(target=warm)
    compiling.start()
    hv.extension("bokeh", logo=False)
    data = AtlasData(open_atlas(path), keeps=keeps)
    if data.models:
        from dashboard.session import Session

        Session(data).picture()
    compiling.join()
    return data


def start(
    path: Path | str | None, *, address: str, port: int, origins: Sequence[str], show: bool, ready: Callable[[], None]
) -> None:
    """Serve an atlas until the process is stopped."""
    data = load(path, keeps=address in LOOPBACK)
    server = pn.serve(
        {"/": lambda: build(data)}, address=address, port=port, show=show, start=False, title="Platonic Atlas",
        websocket_origin=[f"{host}:{port}" for host in {address, "localhost", "127.0.0.1"}] + list(origins),
        websocket_max_message_size=20 * 1024**2, threaded=False,
    )  # fmt: skip
    ready()
    server.run_until_shutdown()
