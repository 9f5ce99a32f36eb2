"""Labels that ingest makes from structures, made of an atlas that lacks them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.progress import Progress, silent

if TYPE_CHECKING:
    from ase import Atoms

    from platonic_atlas.engine.store import Atlas
    from platonic_atlas.engine.types import IntArray

COORDINATION = "coordination"


def labels_of(
    atlas: Atlas, names: Sequence[str], *, workers: int | None = None, progress: Progress = silent
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each label and its (n_sites,) values, what takes long last.

    names : of `platonic_atlas.engine.structures.neighbourhood`, and `coordination` ; workers : processes for the latter
    """
    from platonic_atlas.engine.structures.coordination import coordination_numbers
    from platonic_atlas.engine.structures.neighbourhood import neighbourhood_labels

    if not names:
        return
    structures, chosen, sites = _sites_of_structures(atlas)
    if set(names) - {COORDINATION}:
        made = neighbourhood_labels(structures, chosen, progress=progress)
        yield from ((name, _of_sites(made[name], sites)) for name in names if name in made)
    if COORDINATION in names:
        numbers = coordination_numbers(structures, chosen, workers=workers, progress=progress)
        yield COORDINATION, _of_sites([number for of_one in numbers for number in of_one], sites)


def _sites_of_structures(atlas: Atlas) -> tuple[list[Atoms], list[IntArray], IntArray]:
    """The structures, the atoms of each that stand for its sites, and the (n_sites,) sites in that order."""
    owner = atlas.site_structure()
    sites = np.argsort(owner, kind="stable")
    places = atlas.representative()[sites] - atlas.structure_field("offset")[owner[sites]]
    borders = np.searchsorted(owner[sites], np.arange(1, atlas.n_structures))
    return atlas.structures(), np.split(places, borders), sites


def _of_sites(values: Sequence[str], sites: IntArray) -> Sequence[str]:
    """Values in the order of the sites."""
    found = np.empty(len(sites), dtype=object)
    found[sites] = values
    return list(found)
