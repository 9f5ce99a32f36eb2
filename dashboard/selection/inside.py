"""What is inside a selection, and which selections are worth a look: numbers for the panel."""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.plots.crystal_picture import crystal_uri
from platonic_atlas.dashboard.session import Session
from platonic_atlas.engine import elements
from platonic_atlas.engine.compare.contrast import Class, Contrast, distinguish, extremes
from platonic_atlas.engine.sheet import sheet
from platonic_atlas.engine.types import BoolArray, IntArray

CRYSTALS = 12
SUGGESTED = 4
ROWS = 40
SURE = 0.05  # what is shown; the CSV holds every value
LABELS = {"element": "Element", "prototype": "Prototype", "coordination": "Neighbours"}


def labels(data: AtlasData) -> dict[str, np.ndarray[Any, Any]]:
    """The labels in which a selection may differ: element, prototype and coordination where the atlas has them."""
    found = {"element": elements.table().symbol[data.numbers], "prototype": data.prototypes[data.structure]}
    held = data.label_names()
    return found | ({"coordination": data.label("coordination")} if "coordination" in held else {})


def contrasts(data: AtlasData, selected: BoolArray) -> list[Contrast]:
    """What distinguishes the selection from the rest of the atlas."""
    return distinguish(labels(data), selected)


def contrast_rows(data: AtlasData, selected: BoolArray) -> list[dict[str, Any]]:
    """The values that stand out, the surest first, as rows of a table."""
    shown = [each for each in contrasts(data, selected) if each.selected and each.p < SURE][:ROWS]
    return [
        {"label": LABELS[each.label], "value": each.value, "selected": each.selected, "rest": each.rest,
         "ratio": each.ratio if np.isfinite(each.ratio) else None, "p": each.p}
        for each in shown
    ]  # fmt: skip


def contrast_csv(data: AtlasData, selected: BoolArray) -> str:
    """Every value that was tested."""
    header = ["label", "value", "selected", "others", "ratio of shares", "p (Fisher, Benjamini-Hochberg)"]
    return sheet(header, (
        [each.label, each.value, each.selected, each.rest, f"{each.ratio:.6g}", f"{each.p:.3g}"]
        for each in contrasts(data, selected)
    ))  # fmt: skip


def example_sites(session: Session, n: int = CRYSTALS, seed: int = 0) -> IntArray:
    """The medoid of the selection in the first model shown, then a seeded random sample from other crystals."""
    data, chosen = session.data, np.flatnonzero(session.view.selected)
    if not len(chosen) or not session.view.models:
        return chosen[:n]
    places = session.layout().coordinates.get(session.view.models[0])
    first = chosen[0]
    if places is not None and np.isfinite(places[chosen]).any():
        here = places[chosen]
        first = chosen[np.nanargmin(((here - np.nanmean(here, axis=0)) ** 2).sum(axis=1))]
    mixed = np.random.default_rng(seed).permutation(chosen)
    _, once = np.unique(data.structure[mixed], return_index=True)
    others = [site for site in mixed[np.sort(once)] if data.structure[site] != data.structure[first]]
    return np.array([first, *others[: n - 1]])


def examples(session: Session) -> list[dict[str, Any]]:
    """Small pictures of crystals of the selection."""
    data, shown = session.data, []
    for site in example_sites(session).tolist():
        crystal, atom = data.crystals.place(site)
        shown.append({
            "site": site, "picture": crystal_uri(data.crystals.atoms(crystal), atom), "formula": str(data.formulas[crystal]),
            "element": str(elements.table().symbol[data.numbers[site]]), "prototype": str(data.prototypes[crystal]),
        })  # fmt: skip
    return shown


def suggestions(session: Session) -> list[dict[str, Any]]:
    """Classes of atoms about which the models shown disagree most (or that are lowest in what the maps show, where its
    scheme says so)."""
    lowest = bool(session.scheme.suggests)
    measure = session.values(session.scheme) if lowest else session.disagreement()
    if measure is None or not np.isfinite(measure).any():
        return []
    found = session.data.keep(
        ("suggested", id(measure)),
        lambda: (measure, extremes(labels(session.data), measure, n=SUGGESTED, largest=not lowest)),
    )[1]
    return [
        {"label": each.label, "value": each.value, "words": _words(each), "n": each.n, "times": each.mean / each.rest}
        for each in found
    ]


def _words(each: Class) -> str:
    return {"element": each.value, "coordination": f"{each.value} neighbours"}.get(each.label, each.value)
