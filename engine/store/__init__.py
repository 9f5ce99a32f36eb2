"""An atlas on disk: opening, creating, verifying, packing."""

from engine.store.seal import sites_digest
from engine.store.store import Atlas, create_atlas, open_atlas

__all__ = ["Atlas", "create_atlas", "open_atlas", "sites_digest"]
