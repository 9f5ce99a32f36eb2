"""Arrays labelled for xarray, a row each site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.types import IntArray

if TYPE_CHECKING:
    import xarray as xr


def by_site(numbers: IntArray, values: np.ndarray[Any, Any], dimension: str, *, name: str) -> xr.DataArray:
    """Values (n_sites, n) with the dimensions site and `dimension`, and the element of each site.

    numbers : (n_sites,) atomic numbers
    """
    import xarray as xr

    from platonic_atlas.engine import elements

    symbol = elements.table().symbol[numbers]
    where = {"site": np.arange(len(numbers)), "element": ("site", symbol)}
    return xr.DataArray(values, dims=("site", dimension), coords=where, name=name)
