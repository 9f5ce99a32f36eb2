"""The verb `open_atlas`: an atlas that is there, or the shipped one. The store opens it."""

from __future__ import annotations

from platonic_atlas.engine.store import open_atlas

__all__ = ["open_atlas"]
