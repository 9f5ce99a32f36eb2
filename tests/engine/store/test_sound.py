"""Numbers of an atlas that do not fit each other are named when they are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import Atlas, open_atlas, schema
from platonic_atlas.engine.store.seal import data_digest, seal_root

BAD: dict[str, tuple[str, Any, Callable[[Atlas], object], str]] = {
    "a site past the end": ("atoms/site", 7, lambda a: a.atom_site(), "holds 1 to 7, where 0 to 6"),
    "a site below none": ("atoms/site", -1, lambda a: a.atom_site(), "holds -1 to"),
    "an atom past the end": ("sites/atom", 99, lambda a: a.numbers(), "99"),
    "a structure past the end": ("atoms/structure", 4, lambda a: a.site_structure(), "where 0 to 3"),
    "an input below": ("inputs/site", -2, lambda a: a.input_site(), "-2"),
    "an offset past the end": ("structures/offset", 70, lambda a: a.structures(), "70"),
    "no such element": ("atoms/atomic_number", 119, lambda a: a.numbers(), "119"),
    "no element": ("atoms/atomic_number", 0, lambda a: a.numbers(), "1 to 118"),
    "nowhere": ("atoms/position", np.nan, lambda a: a.positions(), "not finite"),
    "far away": ("structures/cell", np.inf, lambda a: a.structures(), "not finite"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_points_nowhere_is_named(what: str, small_atlas: Atlas) -> None:
    path, value, read, words = BAD[what]
    array = zarr.open_group(Path(str(small_atlas.path)), mode="r+")[path]
    array[(0,) * array.ndim] = value  # type: ignore[index, union-attr]
    array.attrs[schema.CHECKSUM] |= {"data": data_digest(np.asarray(array[...]))}  # who makes it can seal it
    with pytest.raises(AtlasError, match=re.escape(words)) as caught:
        read(open_atlas(small_atlas.path))
    assert path in str(caught.value)


def test_an_infinite_feature_is_named_and_none_at_all_is_a_masked_site(small_atlas: Atlas) -> None:
    small_atlas.write_layout("pca", "m", np.full((7, 2), np.nan), {})
    assert np.isnan(small_atlas.layout("pca", "m")).all()
    small_atlas.write_layout("pca", "m", np.full((7, 2), np.inf), {})
    with pytest.raises(AtlasError, match="layouts/pca/m/coordinates holds a number that is infinite"):
        small_atlas.layout("pca", "m")


def test_rows_that_are_missing_are_named(small_atlas: Atlas) -> None:
    small_atlas.write_layout("pca", "m", np.zeros((5, 2)), {})
    with pytest.raises(AtlasError, match="has 5 rows in place of 7"):
        small_atlas.layout("pca", "m")
    small_atlas.write_anchors("few", np.array([1, 9]), {})
    with pytest.raises(AtlasError, match="anchors/few/site holds 1 to 9, where 0 to 6"):
        small_atlas.anchors("few")


@pytest.mark.parametrize("odd", ["x", [1], 3, True, None])
def test_parameters_that_are_no_mapping_are_none(odd: Any, small_atlas: Atlas) -> None:
    root = zarr.open_group(Path(str(small_atlas.path)), mode="r+")
    root.attrs["parameters"] = odd
    seal_root(root)
    assert open_atlas(small_atlas.path).made_with() == {}
