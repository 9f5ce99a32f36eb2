"""An atlas in a notebook: tables for pandas, labelled arrays for xarray, a row each site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.types import READOUT

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from platonic_atlas.engine.store import Atlas


def sites(atlas: Atlas) -> pd.DataFrame:
    """One row a site: element, formula, structure and every label of the atlas."""
    import pandas as pd

    from platonic_atlas.engine import elements

    table, numbers, structure = elements.table(), atlas.numbers(), atlas.site_structure()
    columns = {
        "element": table.symbol[numbers],
        "atomic_number": numbers,
        "group": table.group_label[numbers],
        "period": table.period[numbers],
        "block": table.block[numbers],
        "structure": structure,
        "id": atlas.structure_field("id")[structure],
        "formula": atlas.structure_field("formula")[structure],
        "atom": atlas.representative(),
        "multiplicity": atlas.multiplicity(),
    }
    columns |= {name: atlas.label(name) for name in atlas.label_names() if name not in columns}
    return pd.DataFrame(columns, index=pd.RangeIndex(atlas.n_sites, name="site"))


def embedding(atlas: Atlas, *, model: str, layer: str = READOUT) -> xr.DataArray:
    """The features of a model, (site, feature), NaN where it cannot embed the site."""
    return _by_site(atlas, atlas.embedding(model, layer), "feature", name=model)


def coordinates(atlas: Atlas, *, layout: str, model: str) -> xr.DataArray:
    """A stored layout, (site, axis)."""
    return _by_site(atlas, atlas.layout(layout, model), "axis", name=f"{layout} of {model}")


def cosines(
    atlas: Atlas,
    *,
    model: str,
    anchors: str = "element-89",
    layer: str = READOUT,
    balance: Balance = Balance.ELEMENTS,
    centre: bool = True,
) -> xr.DataArray:
    """Cosines of every site to the anchors, (site, anchor): z = Ê Aᵀ. The anchor coordinate is its site."""
    from platonic_atlas.engine.space.relative import anchor_rows, relative_representation

    features, moments, chosen = (
        atlas.embedding(model, layer),
        atlas.moments(model, layer, balance),
        atlas.anchors(anchors),
    )
    rows = anchor_rows(features, moments, chosen, centre=centre)
    cosines = _by_site(atlas, relative_representation(features, moments, rows, centre=centre), "anchor", name=model)
    return cosines.assign_coords(anchor=chosen)


def _by_site(atlas: Atlas, values: np.ndarray, dimension: str, *, name: str) -> xr.DataArray:  # type: ignore[type-arg]
    import xarray as xr

    from platonic_atlas.engine import elements

    symbol = elements.table().symbol[atlas.numbers()]
    where = {"site": np.arange(atlas.n_sites), "element": ("site", symbol)}
    return xr.DataArray(values, dims=("site", dimension), coords=where, name=name)
