"""Checksums: every array and every document of an atlas is sealed, and the root names what the atlas consists of.

A node's attribute `checksum` holds `metadata` (SHA-256 of what the node says of itself), for an array `data` (of its
values, little-endian, in C order), and for a group that is written as one, a unit, `children`: name -> SHA-256 of the
document of each node in it. The root has `children` too: path -> SHA-256 of the document of each complete unit, and of
the list of what was left out. Groups on the way to a unit hold nothing but a seal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import zarr

from platonic_atlas.engine.store import nodes, schema

CHILDREN = "children"
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


def metadata_digest(
    node: zarr.Array[Any] | zarr.Group, children: Mapping[str, str] | None = None, **changes: Any
) -> str:
    """SHA-256 of what a node says of itself: attributes and, for an array, shape, type and dimensions.

    children : what a group says that it consists of ; changes : attributes that it is about to be given
    """
    attributes = {key: value for key, value in {**dict(node.attrs), **changes}.items() if key != schema.CHECKSUM}
    described: dict[str, Any] = {"attributes": attributes}
    if children is not None:
        described[CHILDREN] = dict(children)
    if isinstance(node, zarr.Array):
        described |= {"shape": list(node.shape), "dtype": str(node.dtype), "chunks": list(node.chunks)}
        described["dimensions"] = list(getattr(node.metadata, "dimension_names", None) or [])
    return _digest(described)


def _digest(described: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()


def bytes_digest(held: bytes) -> str:
    return hashlib.sha256(held).hexdigest()


# The whole content of a group on the way to units
ON_THE_WAY: dict[str, Any] = {schema.CHECKSUM: {"metadata": _digest({"attributes": {}})}}

# And that of a root in which there is no unit yet
NOTHING_YET: dict[str, Any] = {schema.CHECKSUM: {"metadata": _digest({"attributes": {}, CHILDREN: {}}), CHILDREN: {}}}


def document_digest(root: zarr.Group, path: str) -> str | None:
    """SHA-256 of the document of a node as it lies there, None where there is none."""
    held = nodes.raw(root, nodes.document(path))
    return None if held is None else bytes_digest(held)


def _seal_array(node: zarr.Array[Any]) -> None:
    node.attrs[schema.CHECKSUM] = {"metadata": metadata_digest(node), "data": data_digest(np.asarray(node[...]))}


def seal_unit(group: zarr.Group, **changes: Any) -> None:
    """Seal all below a group, then name it in the group in one write: who is killed before leaves a group that is not
    sealed (and, with complete=True among the changes, not complete), and is written again."""
    below = zarr.open_group(group.store, path=group.path, mode="r+")
    children: dict[str, str] = {}
    for name, member in sorted(below.members()):
        if isinstance(member, zarr.Group):
            seal_unit(member)
        else:
            _seal_array(member)
        children[name] = str(document_digest(below, member.path))
    checksum: dict[str, Any] = {"metadata": metadata_digest(group, children, **changes), CHILDREN: children}
    group.attrs.update({**changes, schema.CHECKSUM: checksum})


def seal_root(root: zarr.Group) -> None:
    """Seal a whole new atlas: its units, the groups on the way to them, and the root."""
    listed = {}
    for path in units(root):
        seal_unit(root[path])  # type: ignore[arg-type]
        listed[path] = str(document_digest(root, path))
    for way in ways(root):
        root[way].attrs.put(ON_THE_WAY)
    write_root(root, listed)


def write_root(root: zarr.Group, listed: Mapping[str, str]) -> None:
    """Name the units of an atlas in its root, in one write."""
    if (rejects := nodes.raw(root, schema.REJECTS)) is not None:
        listed = {**listed, schema.REJECTS: bytes_digest(rejects)}
    children = dict(sorted(listed.items()))
    root.attrs[schema.CHECKSUM] = {"metadata": metadata_digest(root, children), CHILDREN: children}


def listed_in(root: zarr.Group) -> dict[str, str] | None:
    """Path -> digest of what the root names; None for an atlas of an earlier version, which names nothing."""
    checksum = root.attrs.get(schema.CHECKSUM)
    children = checksum.get(CHILDREN) if isinstance(checksum, Mapping) else None
    return {str(path): str(digest) for path, digest in children.items()} if isinstance(children, Mapping) else None


def name_in_root(root: zarr.Group, path: str) -> None:
    """Bring what the root names up to date for the unit at a path, or all units below it.

    The root is read anew: another process may have written it since.
    """
    fresh = zarr.open_group(root.store, mode="r+", zarr_format=3)
    listed = listed_in(fresh)
    if listed is None:
        fresh.attrs.put(dict(fresh.attrs))  # by the time of its root who serves an atlas sees that it changed
        return
    if dict(fresh.attrs[schema.CHECKSUM]).get("metadata") != metadata_digest(fresh, listed):  # type: ignore[arg-type]
        raise nodes.unreadable("", "its metadata changed")
    others = {each: digest for each, digest in listed.items() if not f"{each}/".startswith(f"{path}/")}
    there = [each for each in units(fresh, path) if nodes.complete(fresh, each)]
    write_root(fresh, others | {each: str(document_digest(fresh, each)) for each in there})


def is_named(root: zarr.Group, path: str) -> bool:
    """Whether the root names what lies at a path, and nothing there that does not; False where it names nothing."""
    fresh = zarr.open_group(root.store, mode="r", zarr_format=3)
    listed = listed_in(fresh)
    here = {each: document_digest(fresh, each) for each in units(fresh, path) if nodes.complete(fresh, each)}
    return listed is not None and here == {
        each: digest for each, digest in listed.items() if f"{each}/".startswith(f"{path}/")
    }


def ways(root: zarr.Group) -> Iterator[str]:
    """Paths of the groups on the way to units, of those too below which there is no unit any more."""
    pending = [name for name, depth in schema.UNIT_DEPTH.items() if depth > 1 and nodes.has(root, name)]
    while pending:
        path = pending.pop()
        yield path
        if path.count("/") + 2 < schema.unit_depth(path):
            pending += [f"{path}/{name}" for name in nodes.names(root, path)]


def units(root: zarr.Group, below: str = "") -> Iterator[str]:
    """Paths of the groups that are written as one, all or those at and below a path."""
    pending = [below] if below else [name for name in schema.UNIT_DEPTH if nodes.has(root, name)]
    while pending:
        path = pending.pop()
        depth = path.count("/") + 1
        wanted = schema.unit_depth(path)
        if depth > wanted or not nodes.has(root, path):
            continue
        if depth == wanted:
            yield path
        else:
            pending += [f"{path}/{name}" for name in nodes.names(root, path)]
