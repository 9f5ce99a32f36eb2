"""From a growing folder to the one compressed, read-only file that is shipped, and back."""

from __future__ import annotations

import filecmp
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.storage import LocalStore

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import files, nodes, schema, seal
from platonic_atlas.engine.store.again import embed_command
from platonic_atlas.engine.store.arrays import mirrored, put
from platonic_atlas.engine.store.disk import told_of_the_disk
from platonic_atlas.engine.store.store import Atlas

NOT_SHIPPED = schema.CHUNK_CHECKSUMS
GZIP = b"\x1f\x8b\x08"  # how a chunk of strings begins; those of Blosc begin with its version
SHOWN = 3  # of what is damaged, in the words of an error


def said_to_nobody(aside: Path) -> None:
    """Where nobody asks what was moved."""


def pack(
    atlas: Atlas, target: str | os.PathLike[str], *, models: list[str] | None = None, force: bool = False,
    moved: Callable[[Path], None] = said_to_nobody,
) -> Path:  # fmt: skip
    """Write `atlas` as one zip: float16 features, float32 moments, byte-shuffled and deflated.

    moved : hears where an atlas lies now that was at `target`

    Raises
    ------
    AtlasError
        An embedding is incomplete, or something is damaged.
    AtlasExists
        `target` exists and `force` is False.
    """
    if unfinished := atlas.incomplete():
        model = unfinished[0].split("/")[0]
        raise AtlasError(
            f"{atlas.path.name} has incomplete embeddings: {', '.join(unfinished)}.",
            "Only complete atlases are packed.",
            f"Resume with: {embed_command(atlas.path, model, dict(nodes.group(atlas.root, f'embeddings/{unfinished[0]}').attrs))}",
        )
    target = Path(target).expanduser()
    files.refuse_taken(target, force=force)
    with _beside(atlas, target) as room:
        copy(atlas, room / "atlas", set(atlas.models() if models is None else models), packed=True)
        _zip(room / "atlas", room / "zip")
        if not (target.is_file() and filecmp.cmp(room / "zip", target, shallow=False)):  # else nothing changed
            aside = files.put_in_place(room / "zip", target, force=force)
            if aside is not None:
                moved(aside)
    return target


def unpack(atlas: Atlas, target: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Copy an atlas into a folder that can grow: the way to add embeddings to a shipped one.

    Raises
    ------
    AtlasError
        Something of it is damaged.
    AtlasExists
        `target` exists and `force` is False.
    """
    target = Path(target).expanduser()
    files.refuse_taken(target, force=force)
    with _beside(atlas, target) as room:
        copy(atlas, room / "atlas", set(atlas.models()), packed=False)
        files.put_in_place(room / "atlas", target, force=force)
    return target


@contextmanager
def _beside(atlas: Atlas, target: Path) -> Iterator[Path]:
    """A folder beside `target` to make a copy in; a damaged atlas is refused, whose copy would have clean checksums.

    Raises
    ------
    AtlasError
        Something of the atlas is missing or changed, or the disk refuses.
    """
    atlas.settle()
    if damaged := atlas.damaged():
        more = f" … and {len(damaged) - SHOWN} more" if len(damaged) > SHOWN else ""
        raise AtlasError(
            f"{atlas.path.name} is damaged: {'; '.join(damaged[:SHOWN])}{more}.",
            "Only a whole atlas is copied: the copy would have clean checksums.",
            f"See all with: platonic verify {atlas.path}",
        )
    with told_of_the_disk(str(target)), files.room_beside(target) as room:
        yield room


def copy(atlas: Atlas, folder: Path, models: set[str], *, packed: bool) -> None:
    """Copy an atlas into a new folder, compressed for shipping or as it grows."""
    root = zarr.open_group(LocalStore(folder), mode="w-", attributes=_attributes(atlas.root))
    _copy_group(atlas.root, root, "", atlas.chunk_rows, models, packed)
    (folder / schema.REJECTS).write_bytes(nodes.raw(atlas.root, schema.REJECTS) or b"[]\n")
    seal.seal_root(root)


def _attributes(node: zarr.Array[Any] | zarr.Group) -> dict[str, Any]:
    return {key: value for key, value in dict(node.attrs).items() if key != schema.CHECKSUM}


def _copy_group(
    source: zarr.Group, target: zarr.Group, path: str, chunk_rows: int, models: set[str], packed: bool
) -> None:
    rooms = sorted(room for room in schema.UNIT_DEPTH if nodes.has(source, room))
    for name in sorted(source) if path else rooms:
        node, below = nodes.node(source, name), f"{path}/{name}".lstrip("/")
        if not _wanted(below, models, packed) or dict(node.attrs).get(schema.COMPLETE) is False:
            continue
        if isinstance(node, zarr.Array):
            _copy_array(node, target, name, chunk_rows, packed)
        else:
            child = target.create_group(name, attributes=_attributes(node))
            _copy_group(node, child, below, chunk_rows, models, packed)


def _wanted(path: str, models: set[str], packed: bool) -> bool:
    if path == schema.FORMER_STUDIES:  # they say not what they were made from, and no zip lets go of them
        return False
    if (
        path == schema.CROSSED and packed
    ):  # of features that are rounded here; summed again sooner than they are fetched
        return False
    parts = path.split("/")
    if path.startswith(f"{schema.CROSSED}/"):
        return models.issuperset(parts[4 : schema.CROSS_DEPTH])
    model = {"embeddings": 1, "moments": 2, "layouts": 2}.get(parts[0])
    if model is not None and len(parts) == model + 1:
        return parts[model] in models
    return parts[-1] != NOT_SHIPPED


def _copy_array(node: zarr.Array[Any], target: zarr.Group, name: str, chunk_rows: int, packed: bool) -> None:
    values = np.asarray(node[...])
    if packed and name == "norm" and "embedding" in target:
        # The norm must fit the rounded features, or unit rows would not have unit length.
        values = np.linalg.norm(np.asarray(target["embedding"][...], dtype=np.float64), axis=1)  # type: ignore[index]
    if name in schema.SYMMETRIC:
        values = np.triu(values) if packed else mirrored(values)
    dtype = "string" if values.dtype.kind in "OTU" else str(node.dtype)
    dimensions = tuple(str(d) for d in getattr(node.metadata, "dimension_names", None) or ())
    made = put(target, name, values, schema.Column(dtype, dimensions), chunk_rows=chunk_rows, packed=packed)
    made.attrs.update(_attributes(node))


def _zip(folder: Path, archive: Path) -> None:
    """Metadata is deflated, chunks are stored: they are compressed already. The same atlas gives the same bytes."""
    with zipfile.ZipFile(archive, "w") as out:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            kind = zipfile.ZIP_DEFLATED if file.suffix == ".json" else zipfile.ZIP_STORED
            member = zipfile.ZipInfo(file.relative_to(folder).as_posix())  # without the time of day
            member.external_attr = 0o644 << 16
            out.writestr(member, _timeless(file.read_bytes()), compress_type=kind)


def _timeless(chunk: bytes) -> bytes:
    """A chunk without the time of day that gzip writes into its fifth to eighth byte."""
    return chunk[:4] + bytes(4) + chunk[8:] if chunk.startswith(GZIP) else chunk
