"""An atlas and its first picture, without Panel or Bokeh: they are imported meanwhile.

Reading, unpacking and long sums let the interpreter go; what they take is hidden behind a second and a half of imports.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from threadpoolctl import threadpool_limits

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Layout, layout
from platonic_atlas.dashboard.atlas.spaces import anchor_bytes
from platonic_atlas.dashboard.colourings import disagreement, registry
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.colourings.scheme import Seen
from platonic_atlas.dashboard.plots.raster import warm
from platonic_atlas.dashboard.plots.still import still
from platonic_atlas.dashboard.state.choices import MAPS
from platonic_atlas.dashboard.state.view import View, layout_key
from platonic_atlas.engine.anchors.default import preferred
from platonic_atlas.engine.store import open_atlas


@dataclass(frozen=True)
class FirstMap:
    """A map as the page shows it before it is alive: title, and addresses of its pictures, empty where nothing is drawn."""

    title: str
    light: str = ""
    dark: str = ""


def read(path: Path | str | None, *, keeps: bool = False) -> AtlasData:
    """Open an atlas and compute what its first picture shows.

    keeps : see `AtlasData`
    """
    data = AtlasData(open_atlas(path), keeps=keeps)
    # LLVM compiles without the interpreter lock, while this thread reads and computes
    threading.Thread(target=warm, args=(data.n_sites,), daemon=True).start()
    # a second thread of BLAS waits by spinning, and takes from the imports what it gives to small products
    with threadpool_limits(1, user_api="blas"):
        view = _opening_view(data)
        _layout(data, view)
        _colours(data, view, dark=False)
    return data


def begin(path: Path | str | None, *, keeps: bool = False) -> Future[AtlasData]:
    """`read` in a thread, which then draws `first_maps` while a page is built."""
    with_one = ThreadPoolExecutor(1, thread_name_prefix="opening")
    reading = with_one.submit(read, path, keeps=keeps)
    reading.add_done_callback(lambda done: None if done.exception() else first_maps(done.result()))
    with_one.shutdown(wait=False)
    return reading


def first_maps(data: AtlasData) -> tuple[FirstMap, ...]:
    """The maps of a view in which nothing was chosen, the consensus last; layout and colours are kept for the first visitor."""
    made: tuple[FirstMap, ...] = data.keep(("first maps",), lambda: _made(data))
    return made


def _made(data: AtlasData) -> tuple[FirstMap, ...]:
    view = _opening_view(data)
    pictures = [_pictures(data, view, dark) for dark in (False, True)]
    titles = [data.models[name].title for name in view.models]
    titles += [""] * (MAPS - len(titles)) + ["Consensus"]
    return tuple(FirstMap(*each) for each in zip(titles, *pictures, strict=True))


def _opening_view(data: AtlasData) -> View:
    """The choices with which a session begins."""
    sets = {name: data.atlas.anchors(name) for name in data.atlas.anchor_sets()}
    view = View(data.n_sites, models=data.default_models())
    if name := preferred({name: len(sites) for name, sites in sets.items()}):
        view.use_anchors(name, sets[name])
    return view


def _layout(data: AtlasData, view: View) -> Layout:
    return layout(data, layout_key(view), view.anchor_sites)


def _colours(data: AtlasData, view: View, *, dark: bool) -> tuple[Colouring, Colouring]:
    """Of the maps, and of the consensus."""
    seen = Seen(layout_key(view), anchor_bytes(view.anchor_sites), (), None, view.consensus, dark)
    own = data.made(registry.scheme(view.colour).colours(data, seen))
    disagree = view.consensus == "disagreement" and disagreement.values(data, seen) is not None
    return own, data.made(disagreement.SCHEME.colours(data, seen)) if disagree else own


def _pictures(data: AtlasData, view: View, dark: bool) -> list[str]:
    """Addresses of the pictures of all maps on light or dark ground; empty where nothing is drawn."""
    shown, (own, middle) = _layout(data, view), _colours(data, view, dark=dark)
    maps = [(shown.coordinates.get(name), own.of(name)[0]) for name in view.models]
    maps += [(None, own.rgb)] * (MAPS - len(maps)) + [(shown.consensus, middle.rgb)]
    return ["" if places is None else still(places, rgb, shown.extent) for places, rgb in maps]
