"""What is derived from an atlas and small: anchor sets and layouts (studies: `studies`), in the atlas or beside it.

A growing atlas holds them itself. A shipped one is read-only: what is derived from it lies in the user's data
folder under the checksum of the atlas, and is read together with what the atlas came with.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from platonic_atlas.engine.errors import AtlasError, AtlasExists, NotInAtlas, ReadOnlyAtlas, UsageError
from platonic_atlas.engine.names import RULE, is_name, require_name
from platonic_atlas.engine.store import beside, commit, nodes, schema, seal
from platonic_atlas.engine.store.arrays import put
from platonic_atlas.engine.store.attributes import typed
from platonic_atlas.engine.store.disk import told_of_the_disk
from platonic_atlas.engine.store.files import Place

if TYPE_CHECKING:
    from platonic_atlas.engine.types import FloatArray, IntArray


def tool_version() -> str:
    """Version of Platonic Atlas, or 'checkout' where it runs without being installed (a worker)."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("platonic-atlas")
    except PackageNotFoundError:
        return "checkout"


class Derived(ABC):
    """Anchor sets and layouts of an atlas; a base of `Atlas`, which says what the atlas is."""

    path: Place
    root: zarr.Group
    read_only: bool
    _listed: dict[str, list[str]]
    _held: dict[str, str]  # path -> checksum of the values that were read and found whole

    @property
    @abstractmethod
    def checksum(self) -> str:
        """What the atlas is built on; see `Atlas`."""

    @property
    def chunk_rows(self) -> int:
        rows = self.root.attrs.get("chunk_rows")
        if type(rows) is not int or rows < 1:
            raise nodes.unreadable("", f"chunk_rows is {rows!r}")
        return rows

    # anchors

    def anchor_sets(self) -> list[str]:
        return [name for name in self._group("anchors") if self._complete(schema.anchors_path(name))]

    def own_anchor_sets(self) -> list[str]:
        """Sets that can be forgotten: all of a growing atlas, those kept beside a shipped one."""
        return [name for name in self.anchor_sets() if not self._shipped(schema.anchors_path(name))]

    def anchors(self, name: str) -> IntArray:
        """(n_anchors,) sites."""
        self._require_anchors(name)
        return self._values(f"{schema.anchors_path(name)}/site")

    def _require_anchors(self, name: str) -> None:
        self._require(
            schema.anchors_path(name),
            f"anchor set {name!r}",
            self.anchor_sets,
            f"platonic anchors {self.path} --name {name} --strategy element",
        )

    def anchor_attrs(self, name: str) -> dict[str, Any]:
        self._require_anchors(name)
        return self._attrs(schema.anchors_path(name))

    def write_anchors(self, name: str, sites: IntArray, attrs: Mapping[str, Any]) -> None:
        """Keep a set of anchors; a set that came with a shipped atlas is never replaced.

        Raises
        ------
        UsageError
            The name does not follow the rule of names.
        """
        require_name(name, "an anchor set", "platonic anchors ATLAS --name my-anchors")
        self._replace(schema.anchors_path(name), {"site": (sites, schema.ANCHOR_SITE)}, attrs)

    def forget_anchors(self, name: str) -> list[str]:
        """Take away a set that was kept, damaged or not, and the layouts made with it; returns the names of these."""
        self._refuse_shipped(schema.anchors_path(name))
        self._require_anchors(name)
        layouts = self._layouts_with(name)
        for each in layouts:
            self.forget_layout(each)
        self._forget(schema.anchors_path(name))
        return layouts

    def forget_layout(self, name: str, models: Sequence[str] | None = None) -> None:
        """Take away a layout, of the models named or whole."""
        held = self.layouts().get(name, [])
        paths = [schema.layout_path(name, model) for model in (held if models is None else models)]
        for path in paths:
            self._refuse_shipped(path)
        self._forget(*paths)
        if not self._group(f"layouts/{name}"):
            self._forget(f"layouts/{name}")

    def _forget(self, *paths: str) -> None:
        """Take groups away that are ours, those that are not there passed over."""
        for path in paths:
            if self._has(path):
                self._take_away(path)

    def _layouts_with(self, anchors: str) -> list[str]:
        held = self.layouts().items()
        return [
            name for name, models in held if any(self.layout_attrs(name, m).get("anchors") == anchors for m in models)
        ]

    def anchors_digest(self, name: str) -> str:
        """What a layout records of its anchors; empty where they are gone."""
        if name not in self.anchor_sets():
            return ""
        sealed = self._attrs(f"{schema.anchors_path(name)}/site").get(schema.CHECKSUM)
        # the sites need not be read for it, which may be damaged
        return (
            str(sealed["data"])[:16]
            if isinstance(sealed, Mapping) and "data" in sealed
            else seal.sites_digest(self.anchors(name))
        )

    # layouts

    def layouts(self) -> dict[str, list[str]]:
        """Layout name -> models that it was computed for."""
        found = {name: self._group(f"layouts/{name}") for name in self._group("layouts")}
        whole = {n: [m for m in held if self._complete(schema.layout_path(n, m))] for n, held in found.items()}
        return {name: models for name, models in whole.items() if models}

    def own_layouts(self) -> list[str]:
        """Layouts that can be forgotten: all of a growing atlas, those kept beside a shipped one."""
        return [
            name for name, models in self.layouts().items()
            if not any(self._shipped(schema.layout_path(name, model)) for model in models)
        ]  # fmt: skip

    def layout(self, name: str, model: str) -> FloatArray:
        """(n_sites, 2) float32; NaN rows where the site is masked."""
        self._require_layout(name, model)
        return self._values(f"{schema.layout_path(name, model)}/coordinates")

    def _require_layout(self, name: str, model: str) -> None:
        self._require(
            schema.layout_path(name, model),
            f"layout {name!r} of {model!r}",
            lambda: sorted(self.layouts()),
            f"platonic layout {self.path} --method umap --anchors NAME",
        )

    def layout_attrs(self, name: str, model: str) -> dict[str, Any]:
        self._require_layout(name, model)
        return self._attrs(schema.layout_path(name, model))

    def write_layout(self, name: str, model: str, coordinates: FloatArray, attrs: Mapping[str, Any]) -> None:
        self._replace(schema.layout_path(name, model), {"coordinates": (coordinates, schema.COORDINATES)}, attrs)

    def stale_layouts(self) -> list[str]:
        """Layouts whose anchors are no longer those of the atlas."""
        lost = []
        for name, models in self.layouts().items():
            for model in models:
                attrs = self.layout_attrs(name, model)
                if attrs.get("anchors_digest") not in (None, self.anchors_digest(str(attrs.get("anchors")))):
                    lost.append(f"layouts/{name}/{model}")
        return lost

    def damaged_derived(self) -> dict[str, str]:
        """Path -> what is wrong, of anchor sets and maps that cannot be read: they can be removed and made again."""
        reads: dict[str, Callable[[], object]] = {
            schema.anchors_path(name): partial(self.anchors, name) for name in self.anchor_sets()
        }
        for name, models in self.layouts().items():
            reads |= {schema.layout_path(name, model): partial(self.layout, name, model) for model in models}
        found = {}
        for path, read in reads.items():
            try:
                read()
            except AtlasError as error:
                found[path] = error.happened
        return found

    # where it lies

    @property
    def beside(self) -> Path:
        """The folder for what is derived from this atlas while it is read-only."""
        return beside.derived_root() / "derived" / f"{self.checksum}.zarr"

    def _beside(self) -> zarr.Group | None:
        return beside.opened(self.beside, self.path.name) if self.read_only and beside.is_there(self.beside) else None

    def _writable_root(self) -> zarr.Group:
        return beside.writable(self.beside, self.path.name) if self.read_only else self.root

    def _shipped(self, path: str) -> bool:
        return self.read_only and nodes.has(self.root, path)

    def _refuse_shipped(self, path: str) -> None:
        if self._shipped(path):
            raise AtlasExists(
                f"{path!r} came with {self.path.name}, which is read-only.",
                "What is shipped is never replaced.",
                "Choose another name.",
            )

    def _replace(self, path: str, arrays: Mapping[str, tuple[Any, schema.Column]], attrs: Mapping[str, Any]) -> None:
        """Write a small derived group anew: it takes the place of the old one when it is whole."""

        def fill(group: zarr.Group) -> None:
            for name, (values, column) in arrays.items():
                put(group, name, values, column, chunk_rows=self.chunk_rows)

        for name in path.split("/"):
            if not is_name(name):
                raise UsageError(f"{name!r} cannot be part of an atlas: {path!r}.", RULE, "Choose another name.")
        self._refuse_shipped(path)
        files = commit.made({**attrs, "created_with": tool_version()}, fill, complete=True)
        with told_of_the_disk(path):
            commit.put_unit(self._writable_root(), path, files)

    def _take_away(self, path: str) -> None:
        """Take away what is derived at a path, or below it."""
        self._refuse_shipped(path)
        with told_of_the_disk(f"The change at {path}"):
            commit.take_away(self._writable_root(), path)

    def half_made(self) -> list[str]:
        """Paths of what a killed command left, or another one is just writing: the same command again makes it."""
        kept = self._beside()
        roots = [self.root, *([kept] if kept is not None else [])]
        begun = [path for root in roots for path in seal.units(root) if self._begun(root, path)]
        return sorted({*begun, *(path for root in roots for path in commit.left(root))})

    @staticmethod
    def _begun(root: zarr.Group, path: str) -> bool:
        """A derived group that an earlier version left without its mark; embeddings are told of by `incomplete`."""
        return path.split("/")[0] in schema.DERIVED and not nodes.complete(root, path)

    def settle(self) -> None:
        """Finish what a killed command left whole, and take away what it did not."""
        kept = self._beside()
        with told_of_the_disk("What a killed command left"):
            for root in [kept] if self.read_only else [self.root]:
                if root is not None:
                    commit.settle(root)

    def require_writable(self, besides: str = "", *, added: str = "Embeddings") -> None:
        """Raises ReadOnlyAtlas for a shipped one; besides : what else is to be said of it ; added : what was to be."""
        if self.read_only:
            raise ReadOnlyAtlas(
                f"{self.path} is a shipped atlas and read-only{besides}.",
                f"{added} are added to a growing atlas, a folder.",
                f"Unpack a copy with: platonic unpack {self.path} --to NEW.atlas.zarr",
            )

    # reading by path

    def _find(self, path: str) -> Any:
        """An array or group, in the atlas or beside it; None where there is none."""
        found = nodes.find(self.root, path)
        if found is None and (kept := self._beside()) is not None:
            return nodes.find(kept, path)
        return found

    def _node(self, path: str) -> Any:
        """As `_find`, but AtlasError where there is none."""
        return nodes.present(self._find(path), path)

    def _has(self, path: str) -> bool:
        return self._find(path) is not None

    def _complete(self, path: str) -> bool:
        return nodes.is_complete(self._find(path))

    def _attrs(self, path: str) -> dict[str, Any]:
        return typed(path, dict(self._node(path).attrs))

    def _group(self, path: str) -> list[str]:
        """Names in a group, those kept beside the atlas included."""
        kept = self._beside()
        return sorted({*self._own_names(path), *(nodes.names(kept, path) if kept is not None else ())})

    def _own_names(self, path: str) -> list[str]:
        """Names in a group of the atlas itself; what is read-only is listed once."""
        if not self.read_only:
            return nodes.names(self.root, path)
        if path not in self._listed:
            self._listed[path] = nodes.names(self.root, path)
        return self._listed[path]

    def _values(self, path: str) -> np.ndarray[Any, Any]:
        found = nodes.as_array(self._find(path), path)
        self._fits(path, found.shape)
        values = nodes.values(found, path)
        self._as_written(path, found.attrs.get(schema.CHECKSUM), values)
        return nodes.as_strings(values, path) if values.dtype.kind in "OT" else values

    @abstractmethod
    def _fits(self, path: str, shape: Sequence[int]) -> None:
        """Refuse an array of another size than the atlas; see `Atlas`."""

    def _as_written(self, path: str, checksum: Any, values: np.ndarray[Any, Any]) -> None:
        """Hold values against their checksum when they are first read: what changed is neither drawn nor analysed."""
        sealed = checksum.get("data") if isinstance(checksum, Mapping) else None
        if sealed is None or self._held.get(path) == sealed:  # an embedding that grows has checksums of its chunks
            return
        if seal.data_digest(values) != sealed:
            raise nodes.unreadable(path, "its values changed since they were written")
        self._held[path] = sealed

    def _require(self, path: str, what: str, there: Callable[[], list[str]], next_step: str) -> None:
        # What a killed process or a full disk left without its mark counts as missing, and is written anew.
        found = self._find(path)
        if found is None or not found.attrs.get(schema.COMPLETE, True):
            held = ", ".join(there()) or "none yet"
            raise NotInAtlas(f"{self.path.name} holds no {what}.", f"It holds: {held}.", f"Make it with: {next_step}")
