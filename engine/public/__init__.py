"""Platonic Atlas: what foundation interatomic potentials have learned, in one shared space.

The public verbs take an atlas first and everything else by keyword; what they compute is stored in the atlas
with its parameters. Nothing heavy is loaded before a verb needs it.

    import platonic_atlas as pa

    atlas = pa.open_atlas()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what `__getattr__` finds, for type checkers and editors
    from platonic_atlas.engine.extract.runner import embed as embed
    from platonic_atlas.engine.store import open_atlas as open_atlas
    from platonic_atlas.engine.structures.collect import ingest as ingest
    from platonic_atlas.engine.verbs.analogies import analogies as analogies
    from platonic_atlas.engine.verbs.build import build as build
    from platonic_atlas.engine.verbs.choose_anchors import choose_anchors as choose_anchors
    from platonic_atlas.engine.verbs.labelled import coordinates as coordinates
    from platonic_atlas.engine.verbs.labelled import cosines as cosines
    from platonic_atlas.engine.verbs.labelled import embedding as embedding
    from platonic_atlas.engine.verbs.labelled import sites as sites
    from platonic_atlas.engine.verbs.layout import layout as layout
    from platonic_atlas.engine.verbs.stitch import stitch as stitch
    from platonic_atlas.engine.verbs.stitch_all import stitch_all as stitch_all

_VERBS = {
    "open_atlas": "store",
    "ingest": "structures.collect",
    "embed": "extract.runner",
    "choose_anchors": "verbs.choose_anchors",
    "layout": "verbs.layout",
    "sites": "verbs.labelled",
    "embedding": "verbs.labelled",
    "coordinates": "verbs.labelled",
    "cosines": "verbs.labelled",
    "stitch": "verbs.stitch",
    "stitch_all": "verbs.stitch_all",
    "analogies": "verbs.analogies",
    "build": "verbs.build",
}

__all__ = list(_VERBS)


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"module 'platonic_atlas' has no attribute {name!r}")
    return getattr(import_module(f"platonic_atlas.engine.{_VERBS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
