"""Checksums: every array and every metadata document of an atlas is sealed and can be verified.

A node's attribute `checksum` holds `metadata` (SHA-256 of its document without that attribute) and, for an
array that is complete, `data` (SHA-256 of its values, little-endian, in C order).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import zarr

from platonic_atlas.engine.store import schema

OF_THE_WRITING = (schema.CHECKSUM, schema.COMPLETE, "created_with")  # attributes that say nothing of what is held


def data_digest(values: np.ndarray[Any, Any]) -> str:
    """SHA-256 of the values of an array; strings are joined by a zero byte."""
    if values.dtype.kind in "OTU":
        payload = "\0".join(str(value) for value in values.ravel()).encode()
    else:
        payload = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"), copy=False)).tobytes()
    return hashlib.sha256(payload).hexdigest()


def sites_digest(sites: np.ndarray[Any, Any]) -> str:
    """What a layout records of its anchors: 16 hexadecimal digits."""
    return data_digest(np.asarray(sites, dtype=np.int32))[:16]


def metadata_digest(node: zarr.Array[Any] | zarr.Group, **changes: Any) -> str:
    """SHA-256 of what a node says of itself: attributes and, for an array, shape, type and dimensions.

    changes : attributes that it is about to be given
    """
    attributes = {key: value for key, value in {**dict(node.attrs), **changes}.items() if key != schema.CHECKSUM}
    described: dict[str, Any] = {"attributes": attributes}
    if isinstance(node, zarr.Array):
        described |= {"shape": list(node.shape), "dtype": str(node.dtype), "chunks": list(node.chunks)}
        described["dimensions"] = list(getattr(node.metadata, "dimension_names", None) or [])
    return hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()


def seal(node: zarr.Array[Any] | zarr.Group) -> None:
    """Record the checksums of one node as it is now."""
    checksum = {"metadata": metadata_digest(node)}
    if isinstance(node, zarr.Array):
        checksum["data"] = data_digest(np.asarray(node[...]))
    node.attrs[schema.CHECKSUM] = checksum


def seal_tree(group: zarr.Group) -> None:
    """Seal a group and everything below it."""
    for _, node in sorted(group.members(max_depth=None)):
        seal(node)
    seal(group)


def complete_tree(group: zarr.Group) -> None:
    """Seal everything below a group, then say in one write that it is complete and sealed: whoever is killed before
    leaves a group that is not complete, and is written again."""
    for _, node in sorted(group.members(max_depth=None)):
        seal(node)
    checksum = {"metadata": metadata_digest(group, **{schema.COMPLETE: True})}
    group.attrs.update({schema.COMPLETE: True, schema.CHECKSUM: checksum})


def damaged(group: zarr.Group) -> Iterator[str]:
    """Yield 'path: what is wrong' for every node whose content no longer fits its seal."""
    pending: list[tuple[str, Any]] = [("", group)]
    while pending:
        path, node = pending.pop()
        yield from _node_damage(path or "/", node)
        if not isinstance(node, zarr.Group):
            continue
        for name in sorted(node.keys()):
            child = f"{path}/{name}" if path else name
            try:
                pending.append((child, node[name]))
            except Exception as error:  # a flipped byte in a document raises whatever its parser raises
                yield f"{child}: its metadata cannot be read ({type(error).__name__})"


def _node_damage(path: str, node: zarr.Array[Any] | zarr.Group) -> Iterator[str]:
    checksum = dict(node.attrs).get(schema.CHECKSUM)
    if not isinstance(checksum, dict):
        if isinstance(node, zarr.Array) or schema.COMPLETE in node.attrs:
            yield from () if _growing(node) else (f"{path}: has no checksum",)
        return
    if checksum.get("metadata") != metadata_digest(node):
        yield f"{path}: its metadata changed"
    if isinstance(node, zarr.Array):
        try:
            same = checksum.get("data") == data_digest(np.asarray(node[...]))
        except Exception as error:  # a damaged chunk raises whatever its codec raises
            yield f"{path}: cannot be decoded ({type(error).__name__})"
            return
        if not same:
            yield f"{path}: its values changed"


def _growing(node: zarr.Array[Any] | zarr.Group) -> bool:
    """Arrays of an embedding that is still being written carry their checksums chunk by chunk instead."""
    if isinstance(node, zarr.Group):
        return not node.attrs.get(schema.COMPLETE, True)
    parent = zarr.open_group(node.store, path=node.path.rsplit("/", 1)[0], mode="r")
    return schema.COMPLETE in parent.attrs and not parent.attrs[schema.COMPLETE]
