"""Arrays of an atlas labelled for xarray, a row each site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    from platonic_atlas.engine.store import Atlas


def by_site(atlas: Atlas, values: np.ndarray[Any, Any], dimension: str, *, name: str) -> xr.DataArray:
    """Values (n_sites, n) with the dimensions site and `dimension`, and the element of each site."""
    import xarray as xr

    from platonic_atlas.engine import elements

    symbol = elements.table().symbol[atlas.numbers()]
    where = {"site": np.arange(atlas.n_sites), "element": ("site", symbol)}
    return xr.DataArray(values, dims=("site", dimension), coords=where, name=name)
