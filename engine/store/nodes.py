"""Reading the nodes of an atlas: whatever a damaged one makes Zarr raise becomes a sentence that names the node."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import zarr
from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync

from platonic_atlas.engine.errors import AtlasError, PlatonicError
from platonic_atlas.engine.names import is_name
from platonic_atlas.engine.store import schema
from platonic_atlas.engine.store.disk import not_read

DOCUMENT = schema.DOCUMENT
LARGE = 256 * 1024**2  # bytes of an array whose chunks are counted before it is read
TEXT = 2 * 1024**3  # bytes of an array of strings, above which none may be far longer than the others
UNEVEN = 64  # times the mean


@contextmanager
def told(path: str) -> Iterator[None]:
    """Every parser and codec has its own exceptions; all mean to a user that this node is damaged."""
    try:
        yield
    except (PlatonicError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the system, not of Zarr
            raise not_read(path or "The root", error) from error
        raise unreadable(path, type(error).__name__) from error


def unreadable(path: str, why: str) -> AtlasError:
    """The error of a node that is missing or cannot be read."""
    return AtlasError(
        f"{path or 'The root'} cannot be read ({why}).",
        "Each part of an atlas is as it was written.",
        "See what else is wrong with: platonic verify ATLAS; then get the atlas again from where it came.",
    )


def find(root: zarr.Group, path: str) -> Any:
    """A node, in one look; None where there is none, AtlasError where it cannot be read."""
    with told(path):
        try:
            return root[path]
        except KeyError:
            return None


def has(root: zarr.Group, path: str) -> bool:
    """Whether a node is there; one that cannot be read is an AtlasError."""
    return find(root, path) is not None


def node(root: zarr.Group, path: str) -> Any:
    """A node; AtlasError where it is missing or cannot be read."""
    return present(find(root, path), path)


def present(found: Any, path: str) -> Any:
    """What was found; AtlasError where that is nothing."""
    if found is None:
        raise unreadable(path, "it is missing")
    return found


def group(root: zarr.Group, path: str) -> zarr.Group:
    found = node(root, path)
    if not isinstance(found, zarr.Group):
        raise unreadable(path, "it is no group")
    return found


def as_array(found: Any, path: str) -> zarr.Array[Any]:
    """A node that must be an array."""
    if not isinstance(present(found, path), zarr.Array):
        raise unreadable(path, "it is no array")
    return found


def values(found: zarr.Array[Any], path: str) -> np.ndarray[Any, Any]:
    """All values of an array, as they are stored."""
    with told(path):
        _refuse_hollow(path, found)
        return np.asarray(found[...])


def as_strings(values: np.ndarray[Any, Any], path: str) -> np.ndarray[Any, Any]:
    """Strings in NumPy's own type, in which each takes as much as the longest."""
    plain = values.astype(object).ravel()
    lengths = [len(value) for value in plain if isinstance(value, str)]
    room = 4 * max(lengths, default=0) * len(plain)
    if room > TEXT and room > UNEVEN * 4 * sum(lengths):
        raise unreadable(path, f"one of its {len(plain):,} strings has {max(lengths):,} characters")
    return plain.astype(str).reshape(values.shape)


def _refuse_hollow(path: str, found: zarr.Array[Any]) -> None:
    """A large array of which most is not there would fill the memory with nothing."""
    if math.prod(found.shape) * found.dtype.itemsize <= LARGE:
        return
    chunks = math.prod(-(-extent // chunk) for extent, chunk in zip(found.shape, found.chunks, strict=True))
    there = sync(_count(found.store.list_prefix(f"{path}/c/")))
    if there < chunks / 2:
        raise unreadable(path, f"{there:,} of its {chunks:,} chunks are there")


async def _count(keys: AsyncIterator[str]) -> int:
    return sum([1 async for _ in keys])


def names(root: zarr.Group, path: str) -> list[str]:
    """Names in a group that follow the rule; none where there is no group."""
    found = find(root, path)
    if found is None:
        return []
    if not isinstance(found, zarr.Group):
        raise unreadable(path, "it is no group")
    with told(path):
        return sorted(name for name in found if is_name(name))


def is_complete(found: Any) -> bool:
    """Whether a node is a group that was written to its end; what was not is seen by no reader."""
    return isinstance(found, zarr.Group) and found.attrs.get(schema.COMPLETE) is True


def complete(root: zarr.Group, path: str) -> bool:
    return is_complete(find(root, path))


def raw(root: zarr.Group, key: str) -> bytes | None:
    """The bytes of one file of an atlas, None where there is none."""
    held = sync(root.store.get(key, default_buffer_prototype()))
    return None if held is None else held.to_bytes()


def document(path: str) -> str:
    """The key of a node's document."""
    return f"{path}/{DOCUMENT}" if path else DOCUMENT
