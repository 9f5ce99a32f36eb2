"""What a selection holds, and what one atom is: numbers for the panel, the table and the CSV."""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Layout
from platonic_atlas.dashboard.session import Session
from platonic_atlas.engine import elements
from platonic_atlas.engine.sheet import sheet
from platonic_atlas.engine.types import BoolArray


def counts(session: Session, what: str) -> list[tuple[Any, int, int]]:
    """Elements or prototypes of the selection: value, how many are selected, how many there are in the atlas."""
    names, codes, total = session.data.classes(what)
    found = np.bincount(codes[session.view.selected], minlength=len(names))
    order = [int(i) for i in np.argsort(-found, kind="stable") if found[i]]
    return [(names[i].item(), int(found[i]), int(total[i])) for i in order]


def n_crystals(session: Session) -> int:
    return int(np.count_nonzero(np.bincount(session.data.structure[session.view.selected])))


def rows(session: Session, *, most: int = 500) -> list[dict[str, Any]]:
    """The selected atoms as rows of the table."""
    return [describe(session.data, int(site)) for site in np.flatnonzero(session.view.selected)[:most]]


def describe(data: AtlasData, site: int) -> dict[str, Any]:
    """Words and numbers for one site."""
    table = elements.table()
    crystal, number = int(data.structure[site]), int(data.numbers[site])
    found = {
        "site": site,
        "element": str(table.symbol[number]),
        "name": str(table.name[number]),
        "formula": str(data.formulas[crystal]),
        "prototype": str(data.prototypes[crystal]),
        "spacegroup": int(data.spacegroups[crystal]),
        "id": str(data.ids[crystal]),
        "atom": int(data.representative[site]),
    }
    found |= {name: str(data.label(name)[site]) for name in data.label_names() if name not in found}
    return found


def site_words(data: AtlasData, site: int) -> str:
    """Element and formula of a site: "Ti in TiO2"."""
    return f"{elements.table().symbol[data.numbers[site]]} in {data.formulas[data.structure[site]]}"


def crystal_words(data: AtlasData, structure: int) -> str:
    """Formula and prototype: an atlas may hold several crystals of one formula."""
    prototype = str(data.prototypes[structure])
    return f"{data.formulas[structure]}{f' ({prototype})' if prototype not in ('', 'unknown') else ''}"


def site_energies(session: Session, site: int) -> list[dict[str, Any]]:
    """Site energy [eV] of one site in each model shown that has one."""
    found = []
    for model in session.view.models:
        values = session.data.site_energy(model)
        if values is not None and np.isfinite(values[site]):
            found.append({"model": session.data.models[model].title, "energy": float(values[site])})
    return found


def disagreement_percentile(session: Session, site: int) -> float | None:
    """Where a site stands among all in how much the models disagree about it, 0 … 100."""
    values = session.disagreement()
    if values is None or not np.isfinite(values[site]):
        return None
    known = values[np.isfinite(values)]
    return float(100 * np.mean(known < values[site]))


def to_csv(data: AtlasData, selected: BoolArray, layout: Layout) -> str:
    """The selection with its labels and its coordinates in every map."""
    chosen = np.flatnonzero(selected)
    names = list(describe(data, int(chosen[0]))) if len(chosen) else ["site"]
    places = dict(layout.coordinates)
    if layout.consensus is not None:
        places["consensus"] = layout.consensus
    axes = [f"{name} axis {axis}" for name in places for axis in (1, 2)]
    told = ((site, describe(data, int(site))) for site in chosen)
    rows = (
        [*(found[name] for name in names), *(f"{v:.6g}" for p in places.values() for v in p[site])]
        for site, found in told
    )
    return sheet([*names, *axes], rows)
