"""The verb `sites`: a table for pandas, a row each site."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

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
