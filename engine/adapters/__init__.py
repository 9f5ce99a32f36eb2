"""Adapters: one file a family, all behind one protocol. They run inside a worker only."""

from platonic_atlas.engine.adapters.base import Adapter, family_adapter, family_names
from platonic_atlas.engine.adapters.loading import load_adapter

__all__ = ["Adapter", "family_adapter", "family_names", "load_adapter"]
