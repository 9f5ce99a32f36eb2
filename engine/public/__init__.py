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
    from platonic_atlas.engine.arithmetic import analogies as analogies
    from platonic_atlas.engine.building import build as build
    from platonic_atlas.engine.extract.runner import embed as embed
    from platonic_atlas.engine.labelled import coordinates as coordinates
    from platonic_atlas.engine.labelled import cosines as cosines
    from platonic_atlas.engine.labelled import embedding as embedding
    from platonic_atlas.engine.labelled import sites as sites
    from platonic_atlas.engine.pairs import stitch_all as stitch_all
    from platonic_atlas.engine.store import open_atlas as open_atlas
    from platonic_atlas.engine.structures.collect import ingest as ingest
    from platonic_atlas.engine.studies import stitch as stitch
    from platonic_atlas.engine.verbs import choose_anchors as choose_anchors
    from platonic_atlas.engine.verbs import layout as layout

_VERBS = {
    "open_atlas": "store",
    "ingest": "structures.collect",
    "embed": "extract.runner",
    "choose_anchors": "verbs",
    "layout": "verbs",
    "sites": "labelled",
    "embedding": "labelled",
    "coordinates": "labelled",
    "cosines": "labelled",
    "stitch": "studies",
    "stitch_all": "pairs",
    "analogies": "arithmetic",
    "build": "building",
}

__all__ = list(_VERBS)


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"module 'platonic_atlas' has no attribute {name!r}")
    return getattr(import_module(f"platonic_atlas.engine.{_VERBS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
