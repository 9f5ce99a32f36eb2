"""An atlas on disk: opening, creating, verifying, packing."""

from platonic_atlas.engine.store.create import create_atlas
from platonic_atlas.engine.store.embedding_writer import EmbeddingWriter, begin_embedding, only_writer
from platonic_atlas.engine.store.opening import open_atlas
from platonic_atlas.engine.store.remote import AtlasUrl, is_url
from platonic_atlas.engine.store.seal import sites_digest
from platonic_atlas.engine.store.store import Atlas

__all__ = [
    "Atlas",
    "AtlasUrl",
    "EmbeddingWriter",
    "begin_embedding",
    "create_atlas",
    "is_url",
    "only_writer",
    "open_atlas",
    "sites_digest",
]
