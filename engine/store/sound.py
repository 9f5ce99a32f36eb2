"""What the numbers of an array may be: as many rows as there are sites, indices that lead somewhere, places that are finite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import schema

FINITE = frozenset({"position", "cell", *(name for name in schema.MOMENTS if name != "rho"), *schema.CROSS})
# Column -> what its indices point into, and the lowest that is allowed
POINTS_INTO = {
    "atoms/structure": ("structure", 0),
    "atoms/site": ("site", 0),
    "sites/atom": ("atom", 0),
    "inputs/site": ("site", -1),
    "structures/offset": ("atom", 0),
}
HEAVIEST = 118
EXTENTS = {"xyz": 3, "vector": 3, "axis": 2, "half": 2}  # of dimensions that are the same in every atlas


def fits(path: str, shape: Sequence[int], rows: Mapping[str, int]) -> None:
    """Hold the shape of an array against the counts of the atlas, before anything of it is unpacked; as `sound`."""
    if (column := schema.column(path)) is None:
        return
    for extent, dimension in zip(shape, column.dimensions, strict=True):
        if extent != (n := {**EXTENTS, **rows}.get(dimension, extent)):
            what = "rows" if dimension == column.dimensions[0] else f"in the dimension {dimension!r}"
            raise _unsound(path, f"has {extent:,} {what} in place of {n:,}")


def sound(path: str, values: np.ndarray[Any, Any], rows: Mapping[str, int]) -> None:
    """Hold the values of an array against the format.

    rows : how many structures, atoms and sites the atlas has

    Raises
    ------
    AtlasError
        Rows are missing or too many, an index points nowhere, a number is infinite, or none where there must be one.
    """
    column = schema.column(path)
    if column is None:
        return
    fits(path, values.shape, rows)
    if values.dtype.kind == "f":
        _numbers(path, values)
    elif values.dtype.kind in "iu" and len(values):
        _indices(path, values, rows)


def _numbers(path: str, values: np.ndarray[Any, Any]) -> None:
    if path.rsplit("/", 1)[-1] in FINITE:
        if not np.isfinite(values).all():
            raise _unsound(path, "holds a number that is not finite")
    elif np.isinf(values).any():  # what is not there is written as NaN
        raise _unsound(path, "holds a number that is infinite")


def _indices(path: str, values: np.ndarray[Any, Any], rows: Mapping[str, int]) -> None:
    into, low = ("site", 0) if path.startswith("anchors/") else POINTS_INTO.get(path, ("", 0))
    if path == "atoms/atomic_number":
        low, most = 1, HEAVIEST
    elif into:
        most = rows[into] - 1
    else:
        return
    if values.min() < low or values.max() > most:
        raise _unsound(path, f"holds {int(values.min())} to {int(values.max())}, where {low} to {most:,} are possible")


def _unsound(path: str, what: str) -> AtlasError:
    return AtlasError(
        f"{path} {what}.",
        "The arrays of an atlas fit each other (docs/format.md).",
        "See what else is wrong with: platonic verify ATLAS; then get the atlas again from where it came.",
    )
