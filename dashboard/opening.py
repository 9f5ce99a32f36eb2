"""An atlas and its first picture, without Panel or Bokeh: they are imported meanwhile.

Reading, unpacking and long sums let the interpreter go; what they take is hidden behind a second and a half of imports.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from threadpoolctl import threadpool_limits

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import layout
from platonic_atlas.dashboard.atlas.values import anchor_bytes
from platonic_atlas.dashboard.colourings import disagreement, registry
from platonic_atlas.dashboard.colourings.scheme import Seen
from platonic_atlas.dashboard.plots.raster import warm
from platonic_atlas.dashboard.state.choices import TABLE
from platonic_atlas.dashboard.state.view import layout_key
from platonic_atlas.engine.anchors.default import preferred
from platonic_atlas.engine.store import open_atlas


def read(path: Path | str | None, *, keeps: bool = False) -> AtlasData:
    """Open an atlas and compute what its first picture shows.

    keeps : see `AtlasData`
    """
    data = AtlasData(open_atlas(path), keeps=keeps)
    # LLVM compiles without the interpreter lock, while this thread reads and computes
    threading.Thread(target=warm, args=(data.n_sites,), daemon=True).start()
    # a second thread of BLAS waits by spinning, and takes from the imports what it gives to small products
    with threadpool_limits(1, user_api="blas"):
        _first_picture(data)
    return data


def begin(path: Path | str | None, *, keeps: bool = False) -> Future[AtlasData]:
    """`read` in a thread."""
    with_one = ThreadPoolExecutor(1, thread_name_prefix="opening")
    reading = with_one.submit(read, path, keeps=keeps)
    with_one.shutdown(wait=False)
    return reading


def _first_picture(data: AtlasData) -> None:
    """Layout and colours of a view in which nothing was chosen, kept for the first that asks."""
    sets = {name: data.atlas.anchors(name) for name in data.atlas.anchor_sets()}
    anchors = preferred({name: len(sites) for name, sites in sets.items()})
    view = SimpleNamespace(**{name: row.default for name, row in TABLE.items()})
    view.models, view.anchors = data.default_models(), anchors
    key, sites = layout_key(view), np.asarray(sets.get(anchors, view.anchor_sites), dtype=np.int32)
    layout(data, key, sites)
    seen = Seen(key, anchor_bytes(sites), (), None, view.consensus, bool(view.dark))
    for scheme in (registry.scheme(view.colour), disagreement.SCHEME):
        data.made(scheme.colours(data, seen))
