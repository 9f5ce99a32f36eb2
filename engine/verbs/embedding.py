"""The verb `embedding`: a model's features as a labelled array."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platonic_atlas.engine.space.labelled import by_site
from platonic_atlas.engine.types import READOUT

if TYPE_CHECKING:
    import xarray as xr

    from platonic_atlas.engine.store import Atlas


def embedding(atlas: Atlas, *, model: str, layer: str = READOUT) -> xr.DataArray:
    """The features of a model, (site, feature), NaN where it cannot embed the site."""
    return by_site(atlas.numbers(), atlas.embedding(model, layer), "feature", name=model)
