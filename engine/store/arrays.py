"""Writing one array of an atlas by its column of the schema."""

from __future__ import annotations

from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, GzipCodec

from platonic_atlas.engine.store import schema

DEFLATED = BloscCodec(cname="zlib", clevel=9, shuffle="shuffle")


def as_column(values: Any, column: schema.Column) -> np.ndarray[Any, Any]:
    """Values in the type of their column."""
    if column.dtype == "string":
        return np.array([str(value) for value in values], dtype=object)
    return np.asarray(values, dtype=column.dtype)


def empty(
    group: zarr.Group, path: str, shape: tuple[int, ...], column: schema.Column, *, chunk_rows: int, fill: Any = 0
) -> zarr.Array[Any]:
    """A new array, uncompressed, in chunks of whole rows."""
    return _create(group, path, shape, column.dtype, column.dimensions, chunk_rows, compressors=None, fill=fill)


def mirrored(upper: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """(d, d) the symmetric matrix of an upper triangle, whatever stands below it."""
    return np.triu(upper) + np.triu(upper, 1).T


def put(
    group: zarr.Group, path: str, values: Any, column: schema.Column, *, chunk_rows: int, packed: bool = False
) -> zarr.Array[Any]:
    """Write a whole array; `packed` compresses it and takes the smaller type of a shipped atlas."""
    data = as_column(values, column)
    dtype = schema.PACKED_DTYPES.get(path.rsplit("/", 1)[-1], column.dtype) if packed else column.dtype
    codec = GzipCodec(level=9) if column.dtype == "string" else DEFLATED
    compressors = codec if packed else None
    made = _create(group, path, data.shape, dtype, column.dimensions, chunk_rows, compressors=compressors, fill=None)
    if data.size:
        made[...] = data if column.dtype == "string" else data.astype(dtype)
    return made


def _create(
    group: zarr.Group,
    path: str,
    shape: tuple[int, ...],
    dtype: str,
    dimensions: tuple[str, ...],
    chunk_rows: int,
    *,
    compressors: Any,
    fill: Any,
) -> zarr.Array[Any]:
    name = path.rsplit("/", 1)[-1]
    made = group.create_array(
        path,
        shape=shape,
        dtype=str if dtype == "string" else dtype,
        chunks=(max(1, min(chunk_rows, shape[0])), *(max(1, extent) for extent in shape[1:])),
        compressors=compressors,
        fill_value=("" if dtype == "string" else False if dtype == "bool" else 0) if fill is None else fill,
        dimension_names=dimensions,
    )
    if name in schema.UNITS:
        made.attrs["unit"] = schema.UNITS[name]
    return made
