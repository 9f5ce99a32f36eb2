"""All atoms of a cell from the sites of a file and its symmetry operations."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from platonic_atlas.engine.structures.formats.frame import MOST_ATOMS
from platonic_atlas.engine.structures.formats.space_groups import Operations
from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

#: Copies of a site nearer to it than this [Å] are the site itself: no two atoms are that near.
SAME_SITE = 0.4
#: Copies of a site further apart than this [Å] were moved onto one another noticeably.
NOTICEABLE = 0.05
#: Copies further apart than this [Å], and yet no two atoms, are no rounding: halves of a split site, or an error.
LARGEST_ROUNDING = 0.15
#: Two sites of one element nearer than this [Å] are one that is listed twice; looked for up to so many pairs.
COINCIDENT = 0.01
MOST_PAIRS = 50_000_000


@dataclass(frozen=True)
class Expanded:
    """fractions : (n, 3) in the cell ; numbers : (n,) ; site : (n,) the site of the file that each atom is a copy of."""

    fractions: FloatArray
    numbers: IntArray
    site: IntArray
    notes: list[str] = field(default_factory=list)


def expand(numbers: IntArray, fractions: FloatArray, cell: FloatArray, operations: Operations) -> Expanded:
    """Every copy of every site once.

    numbers : (n_sites,) ; fractions : (n_sites, 3) ; cell : (3, 3) [Å], rows are the vectors

    Raises
    ------
    Unclear : an operation does not fit the cell, or the copies of a site lie between the same and apart
    """
    if len(numbers) * len(operations.rotations) > MOST_ATOMS:
        raise Unclear(f"the cell would hold more than {MOST_ATOMS} atoms")
    _must_fit(cell, operations)
    notes = [operations.note] if operations.note else []
    orbits = [_orbit(position, cell, operations) for position in fractions]
    if (apart := max((moved for _, moved in orbits), default=0.0)) > LARGEST_ROUNDING:
        raise Unclear(f"symmetry copies of a site lie {apart:.2f} Å apart: too far for one atom, too near for two")
    if apart > NOTICEABLE:
        notes.append("symmetry copies of a site that nearly meet were merged")
    counts = [len(orbit) for orbit, _ in orbits]
    site = np.repeat(np.arange(len(orbits)), counts)
    places = np.concatenate([orbit for orbit, _ in orbits]) if orbits else np.zeros((0, 3))
    kept = _listed_once(numbers, orbits, cell)
    if not kept.all():
        notes.append("sites that the file lists more than once were merged")
    keep = kept[site]
    return Expanded(places[keep], numbers[site][keep], site[keep], notes)


def _must_fit(cell: FloatArray, operations: Operations) -> None:
    """An operation keeps the lengths and angles of the cell, or it is not one of this cell."""
    metric = cell @ cell.T
    turned = np.einsum("nji,jk,nkl->nil", operations.rotations, metric, operations.rotations)
    off = np.abs(turned - metric).max(axis=(1, 2)) / np.abs(metric).max()
    if off.max() > 0.02:
        raise Unclear(f"{operations.name} does not fit the cell")


def _orbit(position: FloatArray, cell: FloatArray, operations: Operations) -> tuple[FloatArray, float]:
    """(n, 3) the different copies of a site, and how far [Å] the copies that were merged lay apart."""
    images = operations.rotations @ position + operations.translations
    away = images - position
    away -= np.rint(away)
    distance = np.linalg.norm(away @ cell, axis=1)
    same = distance < SAME_SITE
    centre = position + away[same].mean(axis=0)
    places = (operations.rotations @ centre + operations.translations) % 1.0
    if same.sum() > 1:  # operations are a group: of a site that one alone maps onto itself all copies differ
        places = _different(places, cell)
    return places, float(distance[same].max())


def _different(places: FloatArray, cell: FloatArray) -> FloatArray:
    """The first of each group of copies; copies of a site on a symmetry element coincide exactly by now."""
    kept, others = [], np.arange(len(places))
    while len(others):
        kept.append(others[0])
        away = places[others] - places[others[0]]
        away -= np.rint(away)
        others = others[np.linalg.norm(away @ cell, axis=1) >= SAME_SITE / 2]
    return np.asarray(places[kept])


def _listed_once(numbers: IntArray, orbits: list[tuple[FloatArray, float]], cell: FloatArray) -> BoolArray:
    """(n_sites,) False for a site whose place an earlier site of the same element has already."""
    kept = np.ones(len(orbits), dtype=bool)
    site = np.repeat(np.arange(len(orbits)), [len(orbit) for orbit, _ in orbits])
    if len(site) * len(orbits) > MOST_PAIRS:  # what lies on one another is then left out by its distance
        return kept
    places = np.concatenate([orbit for orbit, _ in orbits])
    for k, (orbit, _) in enumerate(orbits):
        away = places - orbit[0]
        away -= np.rint(away)
        near = site[np.linalg.norm(away @ cell, axis=1) < COINCIDENT]
        earlier = near[(near < k) & (numbers[near] == numbers[k]) & kept[near]]
        kept[k] = not any(len(orbits[other][0]) == len(orbit) for other in earlier)
    return kept
