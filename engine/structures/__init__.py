"""Structures: reading, checking, symmetry, collection, and the recipes of the default data set."""

from __future__ import annotations

from platonic_atlas.engine.structures.collect import collect
from platonic_atlas.engine.structures.read import read_frames

__all__ = ["collect", "read_frames"]
