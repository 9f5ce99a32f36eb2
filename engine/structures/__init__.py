"""Structures: reading, checking, symmetry, collection, and the recipes of the default data set."""

from __future__ import annotations

from platonic_atlas.engine.structures.collect import collect, ingest
from platonic_atlas.engine.structures.read import read_frames

__all__ = ["collect", "ingest", "read_frames"]
