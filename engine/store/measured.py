"""How much a chunk unpacks to, told before Zarr unpacks it: a few bytes of a stranger's could fill the memory."""

from __future__ import annotations

import struct
import zlib

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store.admit import Chunks

MAX_STRING_BYTES = 64 * 1024**2  # of one chunk of strings
BLOSC_HEADER, GZIP, LENGTH = 16, 31, 4
FREE, MOST_TIMES = 1024**3, 256  # an array unpacks to so many bytes whatever it is, and to so many times its chunks


def unpacked(path: str, chunks: Chunks, held: memoryview) -> int:
    """Bytes that a chunk of an array unpacks to.

    Raises
    ------
    AtlasError
        They are more than the chunk may hold, or some of its bytes are no part of what it holds.
    """
    if "blosc" in chunks.codecs:
        return _blosc(path, chunks, held)
    if chunks.strings:
        return _strings(path, chunks, held)
    if len(held) > chunks.nbytes:
        raise bomb(path)
    return len(held)


def most_stored(chunks: Chunks | None, otherwise: int) -> int:
    """Bytes that the file of a chunk may have: packing never makes it much larger."""
    if chunks is None:
        return otherwise
    return (max(MAX_STRING_BYTES, LENGTH * chunks.items) if chunks.strings else chunks.nbytes) * 2 + 4096


def _blosc(path: str, chunks: Chunks, held: memoryview) -> int:
    if len(held) < BLOSC_HEADER:
        raise bomb(path)
    nbytes, blocksize, cbytes = struct.unpack("<III", held[4:BLOSC_HEADER])
    if nbytes > chunks.nbytes or blocksize > chunks.nbytes:
        raise bomb(path)
    if cbytes != len(held):
        raise _beyond(path)
    return int(nbytes)


def _strings(path: str, chunks: Chunks, held: memoryview) -> int:
    text = bytes(held)
    if "gzip" in chunks.codecs:
        unpacking = zlib.decompressobj(GZIP)
        try:
            text = unpacking.decompress(text, MAX_STRING_BYTES)
        except zlib.error:
            return 0  # Zarr says so
        if unpacking.unconsumed_tail:
            raise bomb(path)
        if unpacking.unused_data:  # another member, of any size
            raise _beyond(path)
    n_strings = int.from_bytes(text[:LENGTH], "little")
    if n_strings > chunks.items or LENGTH * n_strings > len(text):
        raise bomb(path)
    if _end(text, n_strings) < len(text):
        raise _beyond(path)
    return len(text)


def _end(text: bytes, n_strings: int) -> int:
    """Where so many strings end, each of which is led by its length."""
    place, last = LENGTH, len(text) - LENGTH
    for _ in range(n_strings):
        if place > last:
            return len(text)  # cut short: Zarr says so
        place += LENGTH + int.from_bytes(text[place : place + LENGTH], "little")
    return place


def bomb(path: str) -> AtlasError:
    """The error of a chunk that is larger than it may be."""
    return AtlasError(
        f"A chunk of {path} unpacks to more than a chunk of it holds.",
        "Chunks are no larger than the shape that the array names.",
        "Do not use this file; get the atlas from a place you trust, or make it again.",
    )


def _beyond(path: str) -> AtlasError:
    return AtlasError(
        f"A chunk of {path} has bytes beyond what it holds.",
        "Each part of an atlas is as it was written.",
        "See what else is wrong with: platonic verify ATLAS; then get the atlas again from where it came.",
    )
