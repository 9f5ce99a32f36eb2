"""The verb `coordinates`: a stored layout as a labelled array."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platonic_atlas.engine.space.labelled import by_site

if TYPE_CHECKING:
    import xarray as xr

    from platonic_atlas.engine.store import Atlas


def coordinates(atlas: Atlas, *, layout: str, model: str) -> xr.DataArray:
    """A stored layout, (site, axis)."""
    return by_site(atlas.numbers(), atlas.layout(layout, model), "axis", name=f"{layout} of {model}")
