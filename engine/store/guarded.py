"""The way to the files of an atlas: documents are admitted and chunks measured before Zarr sees them."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncGenerator, Iterable, Mapping
from pathlib import Path

from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import LocalStore, WrapperStore

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import schema
from platonic_atlas.engine.store.admit import MAX_DOCUMENT_BYTES, Chunks, admit
from platonic_atlas.engine.store.measured import FREE, MOST_TIMES, bomb, most_stored, unpacked

DOCUMENT = schema.DOCUMENT
CHUNK = "/c/"


class Guarded(WrapperStore[Store]):
    """A store from which only what the format writes can be read; a folder's links and pipes are not followed, neither
    for reading nor for writing."""

    def __init__(self, store: Store, sizes: Mapping[str, int] | None = None) -> None:
        """sizes : bytes of each member of a zip"""
        super().__init__(store)
        self._chunks: dict[str, Chunks | None] = {}
        self._sizes = sizes or {}
        self._stored: dict[str, int] = {}  # bytes of the chunks of an array that were read, and what they unpacked to
        self._unpacked: dict[str, int] = {}
        self._folder = Path(os.path.realpath(store.root)) if isinstance(store, LocalStore) else None

    def _with_store(self, store: Store) -> Guarded:
        return type(self)(store, self._sizes)

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        self._refuse_links(key)
        self._refuse_large(key)
        held = await self._store.get(key, prototype, byte_range)
        if held is None:
            return None
        path, _, name = key.rpartition("/")
        if name == DOCUMENT:
            self._chunks[path] = admit(path, held.to_bytes())
        elif CHUNK in key and byte_range is None:
            path = key.rpartition(CHUNK)[0]
            if chunks := self._chunks.get(path):
                self._measure(path, chunks, memoryview(held.as_numpy_array()))
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

    def _measure(self, path: str, chunks: Chunks, held: memoryview) -> None:
        """Refuse a chunk that unpacks to more than it may hold, or with those before it to far more than they take."""
        self._unpacked[path] = self._unpacked.get(path, 0) + unpacked(path, chunks, held)
        self._stored[path] = self._stored.get(path, 0) + len(held)
        if self._unpacked[path] > FREE + MOST_TIMES * self._stored[path]:
            raise bomb(path)

    def _refuse_large(self, key: str) -> None:
        """Refuse a file that is larger than what it is read as, before it is read."""
        name = key.rpartition("/")[2]
        of_array = self._chunks.get(key.rpartition(CHUNK)[0]) if CHUNK in key else None
        most = (
            MAX_DOCUMENT_BYTES
            if key == schema.REJECTS or name == DOCUMENT
            else most_stored(of_array, schema.MAX_MEMBER_BYTES)
        )
        if (size := self._size(key)) > most:
            raise AtlasError(
                f"{key} has {size:,} bytes.",
                f"It has {most:,} at most.",
                "Do not use this file; get the atlas from a place you trust, or make it again.",
            )

    def _size(self, key: str) -> int:
        """Bytes of a file, 0 where it is not there or at a URL."""
        if self._folder is None:
            return self._sizes.get(key, 0)
        try:
            return (self._folder / key).lstat().st_size
        except OSError:
            return 0

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
