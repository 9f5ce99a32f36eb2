"""The verb `cosines`: relative representations as a labelled array."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import Balance, chosen
from platonic_atlas.engine.space.labelled import by_site
from platonic_atlas.engine.types import READOUT

if TYPE_CHECKING:
    import xarray as xr

    from platonic_atlas.engine.store import Atlas


def cosines(
    atlas: Atlas,
    *,
    model: str,
    anchors: str | None = None,
    layer: str = READOUT,
    balance: Balance | str = Balance.ELEMENTS,
    centre: bool = True,
) -> xr.DataArray:
    """Cosines of every site to the anchors, (site, anchor): z = Ê Aᵀ. The anchor coordinate is its site.

    anchors : the default set where None (`platonic_atlas.engine.anchors.default`)

    Raises
    ------
    UsageError
        There is no such balance.
    InputError
        The atlas has no anchors.
    """
    from platonic_atlas.engine.space.cosines import cosines_to

    balance = chosen(Balance, balance, "balance")
    sites = atlas.anchors(anchors or default_anchors(atlas))
    found = cosines_to(atlas.embedding(model, layer), atlas.moments(model, layer, balance), sites, centre=centre)
    return by_site(atlas.numbers(), found, "anchor", name=model).assign_coords(anchor=sites)
