"""Writing an embedding chunk by chunk, so that a killed run loses one chunk and no more.

The checksums of a chunk are written after its values and mark it as done: a chunk without them is made again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import zarr

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.locks import locked
from platonic_atlas.engine.names import require_name
from platonic_atlas.engine.store import commit, nodes, schema
from platonic_atlas.engine.store.again import embed_command
from platonic_atlas.engine.store.arrays import empty
from platonic_atlas.engine.store.store import Atlas
from platonic_atlas.engine.types import FloatArray, Layer

PARTS = ("embedding", "norm", "orbit_spread", "present", "site_energy", *schema.EXTRAS)


def begin_embedding(
    atlas: Atlas,
    model: str,
    layers: Mapping[str, Layer],
    attrs: Mapping[str, Any],
    *,
    site_energy: bool,
    extras: Sequence[str] = (),
) -> EmbeddingWriter:
    """Make the arrays of an embedding, or take up those that an earlier run began with the same `attrs`.

    Raises
    ------
    ReadOnlyAtlas
        The atlas is a shipped one.
    AtlasError
        The embedding was begun otherwise.
    """
    atlas.require_writable()
    for name, layer in layers.items():
        require_name(name, "a layer", "name the layers of the adapter otherwise")
        path = schema.embedding_path(model, name)
        wanted = {**attrs, "n_features": layer.n_features, "symmetry": layer.symmetry}
        if nodes.has(atlas.root, path) and schema.COMPLETE in (held := dict(nodes.group(atlas.root, path).attrs)):
            _same_request(atlas, model, name, held, wanted)
        else:
            columns = {"site_energy": schema.SITE_ENERGY} if site_energy else {}
            columns |= {name: schema.EXTRAS[name] for name in extras}
            _create_layer(atlas, path, layer, wanted, columns)
    return EmbeddingWriter(atlas, model, tuple(layers))


@contextmanager
def only_writer(atlas: Atlas, model: str) -> Iterator[None]:
    """Be the one process that embeds an atlas with a model, while the block runs; at a URL there are no locks.

    Raises
    ------
    AtlasError
        Another process does.
    """
    folder = None if atlas.read_only else commit.folder_of(atlas.root)
    if folder is None or not os.access(folder, os.W_OK):  # what must be written there says so
        yield
        return
    busy = AtlasError(
        f"Another process is embedding {atlas.path.name} with {model!r}.",
        "One process at a time embeds an atlas with a model; more workers make it faster: --workers 4",
        "Wait until it is done. The same command then has nothing to do, or goes on where it stopped.",
    )
    with locked(folder / f".{model}.lock", busy, patience=0):
        yield


class EmbeddingWriter:
    """The arrays of one model, all its layers; one writer a chunk, any number of writers an embedding."""

    def __init__(self, atlas: Atlas, model: str, layers: tuple[str, ...]) -> None:
        self.atlas, self.model, self.layers = atlas, model, layers
        self.groups: dict[str, zarr.Group] = {
            layer: nodes.group(atlas.root, schema.embedding_path(model, layer)) for layer in layers
        }

    @property
    def n_chunks(self) -> int:
        return -(-self.atlas.n_sites // self.atlas.chunk_rows)

    def rows(self, chunk: int) -> slice:
        """The sites of a chunk."""
        start = chunk * self.atlas.chunk_rows
        return slice(start, min(start + self.atlas.chunk_rows, self.atlas.n_sites))

    def missing_chunks(self) -> list[int]:
        done = np.ones(self.n_chunks, dtype=bool)
        for group in self.groups.values():
            done &= np.asarray(group[schema.CHUNK_CHECKSUMS][:, 0]) != 0  # type: ignore[index]
        return [int(chunk) for chunk in np.flatnonzero(~done)]

    def write_chunk(
        self,
        chunk: int,
        features: Mapping[str, FloatArray],
        orbit_spread: Mapping[str, FloatArray],
        columns: Mapping[str, FloatArray],
    ) -> None:
        """Write the rows of one chunk: features (rows, d), NaN where masked; spread (rows,).

        columns : `site_energy` [eV] and extras, (rows,) each; NaN where the model gave none for these rows
        """
        n_rows = self.rows(chunk).stop - self.rows(chunk).start
        for layer, group in self.groups.items():
            rows = np.asarray(features[layer], dtype=np.float32)
            parts = {
                "embedding": rows,
                "norm": np.linalg.norm(rows.astype(np.float64), axis=1).astype(np.float32),
                "orbit_spread": np.asarray(orbit_spread[layer], dtype=np.float32),
                "present": np.isfinite(rows).all(axis=1),
            }
            for name in ("site_energy", *schema.EXTRAS):
                if name in group:
                    values = columns.get(name, np.full(n_rows, np.nan))
                    parts[name] = np.asarray(values, dtype=group[name].dtype)  # type: ignore[union-attr]
            for name, values in parts.items():
                group[name][self.rows(chunk)] = values  # type: ignore[index]
            group[schema.CHUNK_CHECKSUMS][chunk] = _checksums(parts)  # type: ignore[index]

    def finish(self) -> None:
        """Check every chunk against its checksum, seal the arrays, and set `complete` last.

        Raises
        ------
        AtlasError
            Chunks are missing, or a chunk changed since it was written (it will be made again).
        """
        if missing := self.missing_chunks():
            raise AtlasError(
                f"The embedding of {self.model!r} lacks {len(missing)} of {self.n_chunks} chunks.",
                "An embedding is complete when every chunk is there.",
                f"Resume it with: {self._command()}",
            )
        for layer, group in self.groups.items():
            for chunk in range(self.n_chunks):
                self._check(layer, group, chunk)
            commit.finish_unit(self.atlas.root, schema.embedding_path(self.model, layer))

    def _check(self, layer: str, group: zarr.Group, chunk: int) -> None:
        parts = {name: np.asarray(group[name][self.rows(chunk)]) for name in PARTS if name in group}  # type: ignore[index]
        if np.array_equal(np.asarray(group[schema.CHUNK_CHECKSUMS][chunk]), _checksums(parts)):  # type: ignore[index]
            return
        group[schema.CHUNK_CHECKSUMS][chunk] = 0  # type: ignore[index]
        raise AtlasError(
            f"Chunk {chunk} of {self.model!r}, layer {layer!r}, changed since it was written.",
            "Its values fit the checksum recorded with them.",
            f"Make it again with: {self._command()}",
        )

    def _command(self) -> str:
        return embed_command(self.atlas.path, self.model, dict(self.groups[self.layers[0]].attrs))


def _checksums(parts: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """One 64-bit number a part, never 0, which means 'not written yet'."""
    sums = np.zeros(len(PARTS), dtype=np.uint64)
    for position, name in enumerate(PARTS):
        if name in parts:
            digest = hashlib.sha256(np.ascontiguousarray(parts[name]).tobytes()).digest()
            sums[position] = int.from_bytes(digest[:8], "little") | 1
    return sums


def _create_layer(
    atlas: Atlas, path: str, layer: Layer, attrs: Mapping[str, Any], columns: Mapping[str, schema.Column]
) -> None:
    def fill(group: zarr.Group) -> None:
        shapes = {"embedding": (atlas.n_sites, layer.n_features)}
        for name, column in schema.EMBEDDING.items():
            fill = False if column.dtype == "bool" else np.nan
            empty(group, name, shapes.get(name, (atlas.n_sites,)), column, chunk_rows=atlas.chunk_rows, fill=fill)
        for name, column in columns.items():
            empty(group, name, (atlas.n_sites,), column, chunk_rows=atlas.chunk_rows, fill=np.nan)
        chunks = -(-atlas.n_sites // atlas.chunk_rows)
        empty(group, schema.CHUNK_CHECKSUMS, (chunks, len(PARTS)), schema.CHUNK_CHECKSUM, chunk_rows=1)

    commit.put_unit(atlas.root, path, commit.made(attrs, fill, complete=False))


def _same_request(atlas: Atlas, model: str, layer: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    differing = sorted(key for key in wanted if key in found and found[key] != wanted[key])
    if differing:
        own = " or give the new one a name of its own: --model NAME --family F --weights FILE"
        raise AtlasError(
            f"{model!r}, layer {layer!r}, was begun in this atlas with another {', '.join(differing)}.",
            "One embedding has one origin.",
            f"Begin it anew: platonic remove {atlas.path} --model {model}, then the same command again;"
            f"{'' if found.get('control') else own}".rstrip(";"),
        )
