"""What a document of an atlas may say: only what this format writes, looked at before Zarr decodes anything.

A file from a stranger could name a codec that runs code when an array is read, or a shape that fills the memory.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import schema

MAX_DOCUMENT_BYTES = 64 * 1024**2
MAX_ROWS = 2**36
ITEM_BYTES = {
    "bool": 1, "int16": 2, "int32": 4, "int64": 8, "uint64": 8, "float16": 2, "float32": 4, "float64": 8, "string": 16,
}  # fmt: skip
SEPARATED = {"name": "default", "configuration": {"separator": "/"}}  # how the files of chunks are named
# Codec -> what of its configuration must be so, where it is told; what a level is changes nothing
CODECS: dict[str, dict[str, Any]] = {
    "bytes": {"endian": "little"}, "vlen-utf8": {}, "blosc": {"cname": "zlib", "shuffle": "shuffle"}, "gzip": {},
}  # fmt: skip
PACKED = {"bytes": "blosc", "vlen-utf8": "gzip"}
NOTHING = {"string": ("",), "bool": (False,)}  # what stands where no chunk is; for numbers 0 and NaN
DENSE, PLAIN = 8, 1024**2  # a document above so many bytes has so many a bracket: each becomes tens in the memory
FIELDS = {
    "group": {"attributes", "node_type", "zarr_format", "consolidated_metadata"},
    "array": {"attributes", "chunk_grid", "chunk_key_encoding", "codecs", "data_type", "dimension_names", "fill_value",
              "node_type", "shape", "storage_transformers", "zarr_format"},
}  # fmt: skip


@dataclass(frozen=True)
class Chunks:
    """What the chunks of an array hold: so many numbers or strings each, and of how many bytes; codecs by name."""

    items: int
    nbytes: int
    strings: bool
    codecs: tuple[str, ...]


def admit(path: str, text: bytes) -> Chunks | None:
    """Hold the document of a node against the format; what its chunks are, None for a group.

    Raises
    ------
    AtlasError
        It says what this format does not write; the message names the node.
    """
    document = _parsed(path, text)
    kind = document.get("node_type")
    if document.get("zarr_format") != 3 or not isinstance(kind, str) or kind not in FIELDS:
        _refuse(path, f"is a {kind!r} of Zarr format {document.get('zarr_format')!r}")
    if unknown := sorted(set(document) - FIELDS[kind]):
        _refuse(path, f"has the field {unknown[0]!r}")
    if document.get("consolidated_metadata") or document.get("storage_transformers"):
        _refuse(path, "refers to documents or stores other than its own")
    if not isinstance(document.get("attributes", {}), Mapping):
        _refuse(path, "has attributes that are no mapping")
    return _array(path, document) if kind == "array" else None


def plain_json(text: bytes) -> Any:
    """What a document from a stranger says.

    Raises
    ------
    ValueError
        In words: it is too large, would become so in the memory, or is no JSON.
    """
    if len(text) > MAX_DOCUMENT_BYTES:
        raise ValueError(f"a document of {len(text):,} bytes")
    if len(text) > PLAIN and DENSE * (text.count(b"{") + text.count(b"[")) > len(text):
        raise ValueError("a document of nothing but brackets")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("a document that is no JSON") from None


def _parsed(path: str, text: bytes) -> dict[str, Any]:
    try:
        document = plain_json(text)
    except ValueError as error:
        _refuse(path, f"has {error}")
    if not isinstance(document, dict):
        _refuse(path, "has a document that is no mapping")
    return document


def _array(path: str, document: Mapping[str, Any]) -> Chunks:
    dtype = document.get("data_type")
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        _refuse(path, f"has the data type {str(dtype)[:60]!r}")
    shape = _extents(path, document.get("shape"), 0, "the shape")
    grid = _named(document.get("chunk_grid"), "regular")
    chunk = _extents(path, grid.get("chunk_shape"), 1, "chunks of the shape")
    if len(chunk) != len(shape):
        _refuse(path, f"has chunks of {len(chunk)} dimensions in place of {len(shape)}")
    items = math.prod(chunk)
    if items * ITEM_BYTES[dtype] > schema.MAX_MEMBER_BYTES:
        _refuse(path, f"has chunks of {items * ITEM_BYTES[dtype]:,} bytes")
    codecs = tuple(_codec(path, each) for each in _listed(document.get("codecs")))
    first = "vlen-utf8" if dtype == "string" else "bytes"
    if codecs not in ((first,), (first, PACKED[first])):
        _refuse(path, f"has the codecs {', '.join(codecs) or 'none'}")
    if document.get("chunk_key_encoding") != SEPARATED:
        _refuse(path, f"names its chunks by {str(document.get('chunk_key_encoding'))[:60]}")
    if not _is_nothing(dtype, document.get("fill_value")):
        _refuse(path, f"has {str(document.get('fill_value'))[:60]!r} where no chunk is")
    _column(path, dtype, document)
    if any(n > max(1, extent) for n, extent in zip(chunk, shape, strict=True)):
        _refuse(path, f"has chunks of the shape {chunk} in an array of the shape {shape}")
    return Chunks(items, items * ITEM_BYTES[dtype], dtype == "string", codecs)


def _codec(path: str, codec: Any) -> str:
    name = codec.get("name") if isinstance(codec, Mapping) else codec
    if not isinstance(name, str) or name not in CODECS:
        _refuse(path, f"names the codec {str(name)[:60]!r}")
    told = codec.get("configuration", {}) if isinstance(codec, Mapping) else {}
    if not isinstance(told, Mapping) or any(told.get(key, value) != value for key, value in CODECS[name].items()):
        _refuse(path, f"sets the codec {name!r} otherwise: {str(told)[:120]}")
    return name


def _is_nothing(dtype: str, fill: Any) -> bool:
    """Whether a value is one that this format writes for what is not there."""
    if dtype in NOTHING:
        return type(fill) in (str, bool) and fill in NOTHING[dtype]
    return fill == "NaN" or (type(fill) in (int, float) and fill == 0)


def _column(path: str, dtype: str, document: Mapping[str, Any]) -> None:
    """An array of the format has the type and the dimensions of its column."""
    column = schema.column(path)
    if column is None:
        _refuse(path, "is no array of this format")
    packed = schema.PACKED_DTYPES.get(path.rsplit("/", 1)[-1])
    if dtype not in (column.dtype, packed):
        _refuse(path, f"has the data type {dtype!r} in place of {column.dtype!r}")
    if len(document["shape"]) != len(column.dimensions):
        _refuse(path, f"has {len(document['shape'])} dimensions in place of {len(column.dimensions)}")


def _extents(path: str, values: Any, low: int, what: str) -> list[int]:
    if not isinstance(values, list) or not all(type(n) is int and low <= n <= MAX_ROWS for n in values):
        _refuse(path, f"has {what} {str(values)[:60]}")
    return values


def _named(held: Any, name: str) -> Mapping[str, Any]:
    """The configuration of a part of a document that must be of one kind; empty where it is of another."""
    if not isinstance(held, Mapping) or held.get("name") != name or not isinstance(held.get("configuration"), Mapping):
        return {}
    configuration: Mapping[str, Any] = held["configuration"]
    return configuration


def _listed(held: Any) -> list[Any]:
    return held if isinstance(held, list) else []


def _refuse(path: str, what: str) -> NoReturn:
    raise AtlasError(
        f"{path or 'The root'} {what}.",
        "An atlas holds nothing but what its format writes (docs/format.md).",
        "Do not use this file; get the atlas from a place you trust, or make it again.",
    )
