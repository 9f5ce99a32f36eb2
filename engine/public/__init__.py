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
    from platonic_atlas.engine.verbs.agreement import agreement as agreement
    from platonic_atlas.engine.verbs.analogies import analogies as analogies
    from platonic_atlas.engine.verbs.anchor_report import anchor_report as anchor_report
    from platonic_atlas.engine.verbs.build import build as build
    from platonic_atlas.engine.verbs.choose_anchors import choose_anchors as choose_anchors
    from platonic_atlas.engine.verbs.coordinates import coordinates as coordinates
    from platonic_atlas.engine.verbs.cosines import cosines as cosines
    from platonic_atlas.engine.verbs.embed import embed as embed
    from platonic_atlas.engine.verbs.embedding import embedding as embedding
    from platonic_atlas.engine.verbs.ingest import ingest as ingest
    from platonic_atlas.engine.verbs.label import label as label
    from platonic_atlas.engine.verbs.layout import layout as layout
    from platonic_atlas.engine.verbs.open_atlas import open_atlas as open_atlas
    from platonic_atlas.engine.verbs.remove import remove as remove
    from platonic_atlas.engine.verbs.sites import sites as sites
    from platonic_atlas.engine.verbs.stitch import stitch as stitch
    from platonic_atlas.engine.verbs.stitch_all import stitch_all as stitch_all

_VERBS = (
    "open_atlas",
    "ingest",
    "label",
    "embed",
    "choose_anchors",
    "layout",
    "remove",
    "sites",
    "embedding",
    "coordinates",
    "cosines",
    "agreement",
    "anchor_report",
    "stitch",
    "stitch_all",
    "analogies",
    "build",
)

__all__ = list(_VERBS)


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"module 'platonic_atlas' has no attribute {name!r}")
    return getattr(import_module(f"platonic_atlas.engine.verbs.{name}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
