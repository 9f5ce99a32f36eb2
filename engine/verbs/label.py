"""The verb `label`: labels that ingest makes from structures now, for an atlas that was made before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.choices import within
from platonic_atlas.engine.progress import Progress, silent

if TYPE_CHECKING:
    from ase import Atoms

    from platonic_atlas.engine.store import Atlas
    from platonic_atlas.engine.types import IntArray

COORDINATION = "coordination"


def label(
    atlas: Atlas, *, coordination: bool = False, workers: int | None = None, progress: Progress = silent
) -> list[str]:
    """Add the labels that ingest makes from structures and the atlas lacks; returns their names.

    These are the electronegativity of the neighbours, the volume per atom and the shortest relative bond, as
    `platonic_atlas.engine.structures.neighbourhood` defines them. What is there stays as it is, but an added label that
    is damaged is made again. Stopped at any moment, the same call goes on.

    coordination : CrystalNN's coordination numbers too (the slow part)
    workers : processes for these, all cores where None

    Raises
    ------
    ReadOnlyAtlas
        It is a shipped one.
    UsageError
        A number of workers below 1.
    """
    from platonic_atlas.engine.store import schema
    from platonic_atlas.engine.structures.neighbourhood import DIGITS

    if workers is not None:
        within(workers, "workers", 1)
    atlas.require_writable(added="Labels")
    atlas.settle()
    held, damaged = atlas.label_names(), atlas.damaged_labels()
    wanted = (*DIGITS, *([COORDINATION] if coordination else []))
    lacking = [name for name in wanted if name not in held or schema.added_label_path(name) in damaged]
    for name, values in _made(atlas, lacking, workers, progress):
        atlas.write_label(name, values)
    return lacking


def _made(
    atlas: Atlas, names: Sequence[str], workers: int | None, progress: Progress
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each label and its (n_sites,) values, what takes long last."""
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
