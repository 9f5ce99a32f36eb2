"""How a part of an atlas is put in its place: made elsewhere, moved there whole, then named in the root.

On a disk it is made in a folder of the atlas that no reader looks into, together with the path that it is meant for. Who
is killed leaves that folder: the next writer finishes what was whole and takes the rest away.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zarr
from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync
from zarr.storage import LocalStore, MemoryStore

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.locks import LOCK, locked
from platonic_atlas.engine.store import nodes, schema, seal, stages
from platonic_atlas.engine.store.guarded import Guarded
from platonic_atlas.engine.store.stages import NEW, OLD, STAGES


def made(attrs: Mapping[str, Any], fill: Callable[[zarr.Group], None], *, complete: bool) -> dict[str, bytes]:
    """The files of a unit, made in memory: `fill` writes its arrays.

    complete : whether it is whole, and sealed; else its chunks are still to come
    """
    held: dict[str, Any] = {}
    group = zarr.open_group(MemoryStore(held), mode="w", attributes={**attrs, schema.COMPLETE: False})
    fill(group)
    if complete:
        seal.seal_unit(group, **{schema.COMPLETE: True})
    return {key: buffer.to_bytes() for key, buffer in held.items()}


def put_unit(root: zarr.Group, path: str, files: Mapping[str, bytes]) -> None:
    """Put a unit in the place of the one that is there, and name it in the root where it is complete."""
    with writing(root) as folder:
        _ways(root, path)
        if folder is None:
            _put_far(root, path, files)
        else:
            with _stage(root, folder, path) as stage, _or_back(root, folder, stage, path):
                _write(stage / NEW, files)
                _swap(folder, stage, path)
                seal.name_in_root(root, path)
            return
        seal.name_in_root(root, path)


def take_away(root: zarr.Group, path: str) -> None:
    """Take away a unit, or all below a path."""
    with writing(root) as folder:
        if folder is None:
            _forget_far(root, path)
            seal.name_in_root(root, path)
            return
        stages.refuse_links(folder, path)
        with _stage(root, folder, path) as stage, _or_back(root, folder, stage, path):
            if (folder / path).exists():
                (folder / path).rename(stage / OLD)
            seal.name_in_root(root, path)


def finish_unit(root: zarr.Group, path: str) -> None:
    """Seal a unit that was filled in its place, say that it is complete, and name it in the root."""
    with writing(root) as folder:
        if folder is None:
            _finish(root, path)
            return
        with _stage(root, folder, path):
            _finish(root, path)


def _finish(root: zarr.Group, path: str) -> None:
    seal.seal_unit(nodes.group(root, path), **{schema.COMPLETE: True})
    seal.name_in_root(root, path)


# one writer at a time


def folder_of(root: zarr.Group) -> Path | None:
    """Where an atlas lies on a disk; None at a URL and in a zip."""
    store = root.store
    inner = store._store if isinstance(store, Guarded) else store
    return Path(inner.root) if isinstance(inner, LocalStore) else None


@contextmanager
def writing(root: zarr.Group) -> Iterator[Path | None]:
    """Hold the atlas while something small is written; what a killed writer left is settled first. At a URL there are
    no locks.

    Raises
    ------
    AtlasError
        Another process writes for longer than a minute.
    """
    folder = folder_of(root)
    if folder is None:
        yield None
        return
    if not (folder / nodes.DOCUMENT).exists():  # a lock would make the folder anew
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    busy = AtlasError(
        f"Another process is writing to {folder.name}.",
        "One process at a time writes to an atlas, for a moment each.",
        "Wait until it is done, then run the same command again.",
    )
    with locked(folder / LOCK, busy):
        stages.refuse_links(folder, STAGES)
        _settle(root, folder)
        yield folder


def left(root: zarr.Group) -> list[str]:
    """Paths of what a killed writer, or one that is just writing, has not finished."""
    folder = folder_of(root)
    return sorted(place for stage in stages.found(folder) if (place := stages.place(stage))) if folder else []


def settle(root: zarr.Group) -> None:
    """Finish what a killed writer left whole, and take away the rest; nothing happens where there is nothing."""
    folder = folder_of(root)
    if folder is not None and stages.found(folder):
        with writing(root):
            pass


@contextmanager
def _stage(root: zarr.Group, folder: Path, path: str) -> Iterator[Path]:
    """A folder for one change. An error is settled at once as far as it can be; a killed process leaves it."""
    try:
        stage = stages.fresh(folder, path)
        yield stage
    except BaseException:
        with contextlib.suppress(OSError, AtlasError):
            _settle(root, folder)
        raise
    stages.remove(folder, stage)


def _settle(root: zarr.Group, folder: Path) -> None:
    for stage in stages.found(folder):
        path = stages.place(stage)
        moved, whole = stages.is_folder(stage / OLD), stages.is_folder(stage / NEW)
        if path:
            stages.refuse_links(folder, path)
        if moved and whole and stages.is_unit(path) and not (folder / path).exists():  # killed between the two moves
            (stage / NEW).rename(folder / path)
        if path and (moved or not whole):
            seal.name_in_root(root, path)
        stages.remove(folder, stage)


@contextmanager
def _or_back(root: zarr.Group, folder: Path, stage: Path, path: str) -> Iterator[None]:
    """Bring back what was there where an error, such as a full disk, comes before the root names what took its place."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError, AtlasError):
            _bring_back(root, folder, stage, path)
        raise


def _bring_back(root: zarr.Group, folder: Path, stage: Path, path: str) -> None:
    place, old, new = folder / path, stage / OLD, stage / NEW
    if seal.is_named(root, path):  # nothing was moved yet, or all is done
        return
    if place.exists() and not new.exists():
        place.rename(new)
    if old.exists() and not place.exists():
        old.rename(place)


def new_root(folder: Path) -> None:
    """A root with nothing in it, for what is kept beside a shipped atlas; one that is there is sealed where it is not."""
    folder.mkdir(parents=True, exist_ok=True)
    busy = AtlasError(f"Another process is writing to {folder}.", "", "Run the same command again.")
    with locked(folder / LOCK, busy):
        if not (folder / nodes.DOCUMENT).exists():
            zarr.open_group(LocalStore(folder), mode="a", zarr_format=3, attributes=seal.NOTHING_YET)
            return
        root = zarr.open_group(Guarded(LocalStore(folder)), mode="r+", zarr_format=3)
        if not dict(root.attrs):  # an earlier version was killed before it sealed it
            there = [path for path in seal.units(root) if nodes.complete(root, path)]
            seal.write_root(root, {path: str(seal.document_digest(root, path)) for path in there})


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for key, held in files.items():
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(held)


def _swap(folder: Path, stage: Path, path: str) -> None:
    place = folder / path
    stages.refuse_links(folder, path)
    if place.exists():
        place.rename(stage / OLD)
    (stage / NEW).rename(place)


def _ways(root: zarr.Group, path: str) -> None:
    """The groups on the way to a unit, each in one write."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        way = "/".join(parts[:depth])
        if not nodes.has(root, way):
            root.create_group(way, attributes=seal.ON_THE_WAY)


def _put_far(root: zarr.Group, path: str, files: Mapping[str, bytes]) -> None:
    """At a URL nothing can be moved: the document of the unit, without which there is none, goes first and comes last."""
    _forget_far(root, path)
    for key in sorted(files, key=lambda key: key == nodes.DOCUMENT):
        sync(root.store.set(f"{path}/{key}", default_buffer_prototype().buffer.from_bytes(files[key])))


def _forget_far(root: zarr.Group, path: str) -> None:
    sync(root.store.delete(nodes.document(path)))
    sync(root.store.delete_dir(path))
