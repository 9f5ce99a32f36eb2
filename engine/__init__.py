"""Platonic Atlas, the engine: numbers and files; no drawing, no web.

The public verbs take an atlas first and everything else by keyword; what they compute is stored in the atlas
with its parameters. Nothing heavy is loaded before a verb needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_VERBS = {
    "open_atlas": "engine.store",
    "ingest": "engine.structures.collect",
    "embed": "engine.extract.runner",
    "choose_anchors": "engine.verbs",
    "layout": "engine.verbs",
    "sites": "engine.labelled",
    "embedding": "engine.labelled",
    "coordinates": "engine.labelled",
    "cosines": "engine.labelled",
    "stitch": "engine.studies",
    "stitch_all": "engine.pairs",
    "analogies": "engine.arithmetic",
    "build": "engine.building",
}

__all__ = list(_VERBS)


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_VERBS[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
