"""The way to the files of an atlas: documents are admitted and chunks measured before Zarr sees them."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import LocalStore, WrapperStore

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store.admit import Chunks, admit

DOCUMENT = "zarr.json"
CHUNK = "/c/"
MAX_STRING_BYTES = 64 * 1024**2  # of one chunk of strings
BLOSC_HEADER, GZIP = 16, 31


class Guarded(WrapperStore[Store]):
    """A store from which only what the format writes can be read; a folder's links and pipes are not followed, neither
    for reading nor for writing."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._chunks: dict[str, Chunks | None] = {}
        self._folder = Path(os.path.realpath(store.root)) if isinstance(store, LocalStore) else None

    def _with_store(self, store: Store) -> Guarded:
        return type(self)(store)

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        self._refuse_links(key)
        held = await self._store.get(key, prototype, byte_range)
        if held is None:
            return None
        path, _, name = key.rpartition("/")
        if name == DOCUMENT:
            self._chunks[path] = admit(path, held.to_bytes())
        elif CHUNK in key and byte_range is None:
            path = key.rpartition(CHUNK)[0]
            if chunks := self._chunks.get(path):
                _measure(path, chunks, held)
        return held

    async def set(self, key: str, value: Buffer) -> None:
        self._refuse_links(key)
        await self._store.set(key, value)

    async def set_if_not_exists(self, key: str, value: Buffer) -> None:
        self._refuse_links(key)
        await self._store.set_if_not_exists(key, value)

    async def _set_many(self, values: Iterable[tuple[str, Buffer]]) -> None:
        for key, value in values:
            await self.set(key, value)

    async def delete(self, key: str) -> None:
        self._refuse_links(key)
        await self._store.delete(key)

    async def delete_dir(self, prefix: str) -> None:
        self._refuse_links(prefix)
        await self._store.delete_dir(prefix)

    async def _get_many(
        self, requests: Iterable[tuple[str, BufferPrototype, ByteRequest | None]]
    ) -> AsyncGenerator[tuple[str, Buffer | None], None]:
        for key, prototype, byte_range in requests:
            yield key, await self.get(key, prototype, byte_range)

    def _refuse_links(self, key: str) -> None:
        if self._folder is not None:
            _refuse_links(self._folder, key)


def _refuse_links(folder: Path, key: str) -> None:
    path = folder / key
    if os.path.realpath(path) != os.path.normpath(path):
        raise _not_followed(key, "is, or lies behind, a link")
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise _not_followed(key, "is no file")


def _not_followed(key: str, what: str) -> AtlasError:
    return AtlasError(
        f"{key} {what}.",
        "An atlas consists of plain files and folders.",
        "Copy the atlas with its links resolved, if you trust where they lead: cp -rL OLD NEW",
    )


def _measure(path: str, chunks: Chunks, held: Buffer) -> None:
    """Refuse a chunk that unpacks to more than it may hold."""
    if "blosc" in chunks.codecs:
        header = held.to_bytes()[:BLOSC_HEADER]
        if len(header) < BLOSC_HEADER or int.from_bytes(header[4:8], "little") > chunks.nbytes:
            raise _bomb(path)
    elif chunks.strings:
        text = held.to_bytes()
        if "gzip" in chunks.codecs:
            unpacking = zlib.decompressobj(GZIP)
            try:
                text = unpacking.decompress(text, MAX_STRING_BYTES)
            except zlib.error:
                return  # Zarr says so
            if unpacking.unconsumed_tail:
                raise _bomb(path)
        if int.from_bytes(text[:4], "little") > chunks.items:
            raise _bomb(path)
    elif len(held) > chunks.nbytes:
        raise _bomb(path)


def _bomb(path: str) -> AtlasError:
    return AtlasError(
        f"A chunk of {path} unpacks to more than a chunk of it holds.",
        "Chunks are no larger than the shape that the array names.",
        "Do not use this file; get the atlas from a place you trust, or make it again.",
    )
