"""What of an atlas is missing, changed or not its own, file by file: nothing is taken from what the files say of each other."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import cached_property
from typing import Any

import zarr
from zarr.core.sync import sync

from platonic_atlas.engine.errors import PlatonicError
from platonic_atlas.engine.names import is_name
from platonic_atlas.engine.store import commit, nodes, schema, seal
from platonic_atlas.engine.store.guarded import CHUNK

HALF_MADE = "is half made: a command was killed, or is just writing it; the same command again makes it"
LEFT_OVER = ".partial"  # how files end that a killed process was writing


def damaged(root: zarr.Group) -> Iterator[str]:
    """Yield 'path: what is wrong' for all that is missing, changed, unreadable, or not part of the atlas."""
    yield from _Inspection(root).lines()


class _Inspection:
    """One walk over the files of an atlas."""

    def __init__(self, root: zarr.Group) -> None:
        self.root = root
        self.keys = _keys(root)
        self.paths = {key.removesuffix(nodes.DOCUMENT).rstrip("/") for key in self.keys if _is_document(key)}
        self.found: dict[str, Any] = {}  # path -> node, of what can be read
        self.bad: dict[str, str] = {}  # path -> what is wrong, one thing each
        self.half_made = commit.left(root)

    def lines(self) -> Iterator[str]:
        for path in sorted(self.paths):
            self._document(path)
        for path in sorted(self.found):
            self._listed_below(path)
        for path in sorted(self.found):
            self._values(path)
        self._strays()
        yield from (f"{path or '/'}: {what}" for path, what in sorted(self.bad.items()))

    def _say(self, path: str, what: str) -> None:
        half = any(f"{path}/".startswith(f"{place}/") for place in self.half_made)
        self.bad.setdefault(path, HALF_MADE if half else what)

    def _document(self, path: str) -> None:
        """Open a node, and hold what it says of itself against its own seal."""
        try:
            node = zarr.open(self.root.store, path=path, mode="r", zarr_format=3)
            checksum = dict(node.attrs).get(schema.CHECKSUM)
            children = checksum.get(seal.CHILDREN) if isinstance(checksum, dict) else None
            if isinstance(checksum, dict) and checksum.get("metadata") != seal.metadata_digest(node, children):
                self._say(path, "its metadata changed")
        except PlatonicError as error:
            self._say(path, error.happened.removeprefix(f"{path} ").rstrip("."))
        except Exception as error:  # a flipped byte in a document raises whatever its parser raises
            self._say(path, f"its metadata cannot be read ({type(error).__name__})")
        else:
            self.found[path] = node
            if not isinstance(checksum, dict) and self._must_be_sealed(path, node):
                self._say(path, "has no checksum")

    def _must_be_sealed(self, path: str, node: Any) -> bool:
        unit = self._unit(path)
        if unit and unit in self.found and self._growing(unit):
            return False
        return self.lists or isinstance(node, zarr.Array) or not path or schema.COMPLETE in node.attrs

    def _growing(self, unit: str) -> bool:
        """An embedding that is still being written, or a group that an earlier version left without its mark."""
        return unit not in schema.INGESTED and self.found[unit].attrs.get(schema.COMPLETE) is not True

    @cached_property
    def lists(self) -> bool:
        return seal.listed_in(zarr.open_group(self.root.store, mode="r", zarr_format=3)) is not None

    @staticmethod
    def _unit(path: str) -> str:
        """The unit that a path belongs to, empty for the root and for groups on the way to units."""
        parts = path.split("/")
        depth = schema.unit_depth(path)
        return "/".join(parts[:depth]) if 0 < depth <= len(parts) else ""

    def _listed_below(self, path: str) -> None:
        """Hold what a group says that it consists of against what is there."""
        node = self.found[path]
        checksum = dict(node.attrs).get(schema.CHECKSUM)
        if not isinstance(node, zarr.Group) or not isinstance(checksum, Mapping):
            return
        listed = checksum.get(seal.CHILDREN)
        if not isinstance(listed, Mapping):
            if self.lists and self._unit(path) != path and dict(node.attrs) != seal.ON_THE_WAY:
                self._say(path, "its metadata changed")
            return
        for name, digest in listed.items():
            below = f"{path}/{name}" if path else str(name)
            key = below if below == schema.REJECTS else nodes.document(below)
            if below in self.bad:
                continue
            try:
                held = nodes.raw(self.root, key) if key in self.keys else None
            except PlatonicError as error:  # a link or a pipe in its place
                self._say(below, error.happened.removeprefix(f"{below} ").rstrip("."))
                continue
            if held is None:
                self._say(below, "is missing")
            elif seal.bytes_digest(held) != digest:
                self._say(below, "is not what was written")
        for below in self._members(path):
            if below.removeprefix(f"{path}/") not in listed and not (path == "" and self._growing(below)):
                self._say(below, "is there, but not named where the atlas says what it consists of")

    def _members(self, path: str) -> list[str]:
        """What a group should name: units for the root, the nodes in it for a unit."""
        if not path:
            return sorted({unit for each in self.found if (unit := self._unit(each)) == each and unit})
        return sorted(each for each in self.paths if each.rpartition("/")[0] == path)

    def _values(self, path: str) -> None:
        node = self.found[path]
        if not isinstance(node, zarr.Array) or path in self.bad:
            return
        checksum = dict(node.attrs).get(schema.CHECKSUM)
        if not isinstance(checksum, Mapping):
            return
        try:
            if checksum.get("data") != seal.data_digest(nodes.values(node, path)):
                self._say(path, "its values changed")
        except PlatonicError as error:
            self._say(path, error.happened.removeprefix(f"{path} ").rstrip("."))
        except Exception as error:  # a damaged chunk raises whatever its codec raises
            self._say(path, f"cannot be decoded ({type(error).__name__})")

    def _strays(self) -> None:
        """Files that are no part of a node, of those that say in their names that they were being written apart."""
        claimed = {schema.REJECTS, *(nodes.document(path) for path in self.paths if self._reached(path))}
        for key in self.keys - claimed:
            if not self._is_chunk(key):
                self._say(key, "is no part of the atlas")
        if schema.REJECTS not in self.keys and "structures" in self.paths:
            self._say(schema.REJECTS, "is missing")

    def _is_chunk(self, key: str) -> bool:
        path, _, place = key.rpartition(CHUNK)
        node, index = self.found.get(path), place.split("/")
        if path in self.bad and node is None:
            return True  # of an array that cannot be read, which is said
        if not isinstance(node, zarr.Array) or len(index) != node.ndim or not all(n.isdecimal() for n in index):
            return False
        last = (-(-extent // chunk) for extent, chunk in zip(node.shape, node.chunks, strict=True))
        return all(str(int(n)) == n and int(n) < end for n, end in zip(index, last, strict=True))

    def _reached(self, path: str) -> bool:
        """Whether all groups on the way to a node are there, and its name is one."""
        parts = path.split("/") if path else []
        above = {"/".join(parts[:depth]) for depth in range(len(parts))}
        room = not parts or parts[0] in schema.UNIT_DEPTH
        return room and above <= self.paths and all(is_name(part) for part in parts)


def _is_document(key: str) -> bool:
    return key.rsplit("/", 1)[-1] == nodes.DOCUMENT


def _keys(root: zarr.Group) -> set[str]:
    """Every file of an atlas, less those that are being written; links are named, not followed."""
    folder = commit.folder_of(root)
    found = _walked(str(folder)) if folder is not None else sync(_collected(root.store.list()))
    apart = (key for key in found if any(part.startswith(".") for part in key.split("/")) or key.endswith(LEFT_OVER))
    return set(found) - set(apart)


def _walked(folder: str) -> list[str]:
    found = []
    for where, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(where, name))]
        found += [os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/") for name in [*files, *links]]
    return found


async def _collected(keys: AsyncIterator[str]) -> list[str]:
    return [key async for key in keys]
