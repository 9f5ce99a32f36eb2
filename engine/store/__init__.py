"""An atlas on disk: opening, creating, verifying, packing."""

from engine.store.create import create_atlas
from engine.store.remote import AtlasUrl, is_url
from engine.store.seal import sites_digest
from engine.store.store import Atlas, open_atlas

__all__ = ["Atlas", "AtlasUrl", "create_atlas", "is_url", "open_atlas", "sites_digest"]
