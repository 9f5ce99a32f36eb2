"""Making a new atlas from a collection of structures, in a folder or at a URL."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.storage import LocalStore

from platonic_atlas.engine.names import fitted
from platonic_atlas.engine.scratch import scratch
from platonic_atlas.engine.store import files, remote, schema, seal
from platonic_atlas.engine.store.arrays import put
from platonic_atlas.engine.store.derived import tool_version
from platonic_atlas.engine.store.disk import told_of_the_disk
from platonic_atlas.engine.store.files import Place
from platonic_atlas.engine.store.opening import open_atlas
from platonic_atlas.engine.store.remote import AtlasUrl
from platonic_atlas.engine.store.store import Atlas
from platonic_atlas.engine.types import Collection


def create_atlas(
    path: Place | str | os.PathLike[str],
    collection: Collection,
    *,
    chunk_rows: int = schema.CHUNK_ROWS,
    force: bool = False,
) -> Atlas:
    """Write the structures, atoms and sites of a new atlas.

    The atlas is built beside its final place and moved there last, so that no half atlas is ever seen; one for a URL
    is built in a temporary folder and uploaded, its root document last.

    Raises
    ------
    AtlasExists
        Something lies at `path` and `force` is False; with `force` it is moved aside.
    """
    if remote.is_url(path):
        return _create_remote(AtlasUrl(str(path)), collection, chunk_rows, force)
    target = Path(str(path)).expanduser()
    files.refuse_taken(target, force=force)
    with told_of_the_disk(f"The atlas {target}"), files.room_beside(target) as room:
        _build(room / "atlas", collection, chunk_rows)
        files.put_in_place(room / "atlas", target, force=force)
    return open_atlas(target)


def _create_remote(target: AtlasUrl, collection: Collection, chunk_rows: int, force: bool) -> Atlas:
    remote.no_zip(target)
    target.make_room(force=force)
    with scratch("atlas") as folder:
        building = folder / "atlas"
        _build(building, collection, chunk_rows)
        target.upload(building)
    return open_atlas(target)


def _build(building: Path, collection: Collection, chunk_rows: int) -> None:
    root = zarr.open_group(LocalStore(building), mode="w-")
    root.attrs.update(
        format=schema.FORMAT,
        format_version=schema.FORMAT_VERSION,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_now())),
        tool_version=tool_version(),
        chunk_rows=chunk_rows,
        parameters=collection.parameters,
    )
    _write_collection(root, collection, chunk_rows)
    rejects = [vars(reject) for reject in collection.rejects]
    text = json.dumps(rejects, indent=1, ensure_ascii=False) + "\n"
    (building / schema.REJECTS).write_text(text, encoding="utf-8")
    seal.seal_root(root)


def _now() -> float:
    """Seconds since 1970, or those of SOURCE_DATE_EPOCH, with which what is built again is the same bit for bit."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    return float(told) if told.isdecimal() else time.time()


def _write_collection(root: zarr.Group, collection: Collection, chunk_rows: int) -> None:
    counts = [int(n) for n in collection.structures["n_atoms"]]
    given = {name: column for name, column in schema.STRUCTURE_EXTRAS.items() if name in collection.structures}
    groups: dict[str, tuple[dict[str, schema.Column], Mapping[str, Any]]] = {
        "structures": (schema.STRUCTURES | given, {**collection.structures, "offset": np.cumsum([0, *counts[:-1]])}),
        "atoms": (
            schema.ATOMS,
            {
                "atomic_number": collection.atomic_number,
                "position": collection.position,
                "structure": collection.structure,
                "site": collection.site,
            },
        ),
        "sites": (schema.SITES, {"atom": collection.representative, "multiplicity": collection.multiplicity}),
        "inputs": (schema.INPUTS, {"site": collection.input_site}),
    }
    for group, (columns, values) in groups.items():
        for name, column in columns.items():
            put(root, f"{group}/{name}", values[name], column, chunk_rows=chunk_rows)
    for name, label in collection.labels.items():  # names may come from files
        put(root, schema.label_path(fitted(name)), label, schema.LABEL, chunk_rows=chunk_rows)
