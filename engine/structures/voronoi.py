"""Coordination numbers of CrystalNN for all sites of a crystal at once.

pymatgen makes a Voronoi cell for each site, 20 ms each, most of it loops in Python. The cells of all sites of one crystal
come from one tessellation here, and weights and scores are arrays; what decides is CrystalNN's own, number for number. A
site whose cell reaches too far for this (open, porous or small structures) is left to pymatgen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.checks import MAX_GRID
from platonic_atlas.engine.types import FloatArray, IntArray

#: CrystalNN looks for neighbours so far [Å]; where no vertex of a cell is further than half of it, none beyond counts.
CUTOFF = 7.0
#: Vectors of a cell together [Å]: the search for neighbours lays a grid over it.
LONGEST_CELL = MAX_GRID * CUTOFF
#: CrystalNN's weights of electronegativity differences, and the distances [Å] beyond both radii at which bonds end.
X_WEIGHT, LOW, HIGH = 3.0, 0.5, 1.0
WIDEST_X = 3.3


@dataclass(frozen=True)
class _Faces:
    """Faces of the cells of the sites, one entry each: site, neighbour (atom), vector to it [Å], solid angle, area [Å²]."""

    site: IntArray
    neighbour: IntArray
    distance: FloatArray
    angle: FloatArray
    area: FloatArray


def numbers(atoms: Atoms, chosen: IntArray) -> dict[int, int]:
    """Coordination numbers of those of the chosen atoms that can be told here."""
    found = _faces(atoms, np.asarray(chosen))
    if found is None:
        return {}
    faces, closed = found
    weight = _weights(atoms, faces, np.asarray(chosen)[faces.site])
    closed[faces.site[np.isnan(weight)]] = False
    of_site = np.split(
        weight[np.argsort(faces.site, kind="stable")], np.cumsum(np.bincount(faces.site, minlength=len(chosen)))[:-1]
    )
    return {int(atom): _number(of_site[k]) for k, atom in enumerate(chosen) if closed[k] and len(of_site[k])}


def _faces(atoms: Atoms, chosen: IntArray) -> tuple[_Faces, np.ndarray[Any, Any]] | None:
    """Faces by the place of their site among the chosen, and which of these have a whole cell near enough."""
    from pymatgen.optimization.neighbors import find_points_in_spheres
    from scipy.spatial import QhullError, Voronoi

    places = np.ascontiguousarray(atoms.get_positions(wrap=True))
    cell, periodic = np.ascontiguousarray(atoms.cell.array), np.ones(3, dtype=np.int64)
    centres = np.ascontiguousarray(places[chosen])
    _, other, image, _ = find_points_in_spheres(places, centres, CUTOFF, periodic, cell, 1e-8)
    around = np.unique(np.column_stack([other, np.rint(image).astype(int)]), axis=0)
    own = np.column_stack([chosen, np.zeros((len(chosen), 3), dtype=int)])
    keys = np.concatenate([own, around[(around[:, 1:] != 0).any(axis=1) | ~np.isin(around[:, 0], chosen)]])
    points = places[keys[:, 0]] + keys[:, 1:] @ cell
    try:
        made = Voronoi(points)
    except (QhullError, ValueError):
        return None
    return _measured(made, points, keys[:, 0], len(chosen))


def _measured(made: Any, points: FloatArray, atom: IntArray, n: int) -> tuple[_Faces, np.ndarray[Any, Any]]:
    """Solid angle and area of each face by the triangles of its fan, as CrystalNN sums them."""
    pairs = np.concatenate([made.ridge_points, made.ridge_points[:, ::-1]])
    ridge = np.tile(np.arange(len(made.ridge_points)), 2)
    keep = pairs[:, 0] < n
    pairs, ridge = pairs[keep], ridge[keep]
    sizes = np.array([len(vertices) for vertices in made.ridge_vertices])
    flat = np.concatenate([np.asarray(vertices) for vertices in made.ridge_vertices])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    closed = np.ones(n, dtype=bool)
    open_ridge = np.minimum.reduceat(flat, starts) < 0
    closed[pairs[open_ridge[ridge], 0]] = False
    use = ~open_ridge[ridge]
    pairs, ridge = pairs[use], ridge[use]
    triangles = sizes[ridge] - 2
    face = np.repeat(np.arange(len(ridge)), triangles)
    step = np.arange(len(face)) - np.repeat(np.cumsum(triangles) - triangles, triangles) + 1
    begin = starts[ridge][face]
    centre = points[pairs[face, 0]]
    a, b, c = (made.vertices[flat[begin + shift]] - centre for shift in (np.zeros_like(step), step, step + 1))
    _mark_far(closed, pairs[face, 0], a, b, c)
    angle = _summed(face, _solid(a, b, c), len(ridge))
    volume = _summed(face, np.abs(np.einsum("ij,ij->i", a, np.cross(b, c))) / 6, len(ridge))
    distance = np.linalg.norm(points[pairs[:, 1]] - points[pairs[:, 0]], axis=1)
    return _Faces(pairs[:, 0], atom[pairs[:, 1]], distance, angle, 3 * volume / (distance / 2)), closed


def _summed(face: IntArray, values: FloatArray, n: int) -> FloatArray:
    sums = np.zeros(n)
    np.add.at(sums, face, values)
    return sums


def _mark_far(closed: np.ndarray[Any, Any], site: IntArray, *corners: FloatArray) -> None:
    """Beyond half the cutoff an atom that was not looked for could cut the cell."""
    for corner in corners:
        closed[site[np.linalg.norm(corner, axis=1) > CUTOFF / 2 - 1e-6]] = False


def _solid(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """Solid angles of triangles seen from the origin, those of no width counted as pymatgen counts them."""
    p, q, r = (np.linalg.norm(each, axis=1) for each in (a, b, c))
    above = np.abs(np.einsum("ij,ij->i", a, np.cross(b, c)))
    ab, ac, bc = (np.einsum("ij,ij->i", x, y) for x, y in ((a, b), (a, c), (b, c)))
    below = p * q * r + r * ab + q * ac + p * bc
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.where(below == 0, np.pi / 2, np.arctan(above / below))
    return 2 * np.where(half > 0, half, half + np.pi)


@cache
def _element(z: int) -> tuple[float, float]:
    """Pauling electronegativity and the radius [Å] that CrystalNN takes where there are no charges; NaN where unknown."""
    import warnings

    from pymatgen.analysis.molecule_structure_comparator import CovalentRadius
    from pymatgen.core import Element

    element = Element.from_Z(z)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        radius = CovalentRadius.radius.get(element.symbol, element.atomic_radius)
        return float(element.X), math.nan if radius is None else float(radius)


def _weights(atoms: Atoms, faces: _Faces, atom: IntArray) -> FloatArray:
    """CrystalNN's weight of each face: solid angle by area, electronegativity, and distance; NaN without a radius.

    atom : of the site of each face
    """
    of = {z: _element(z) for z in set(atoms.numbers.tolist())}
    x, radius = (np.array([of[z][k] for z in atoms.numbers.tolist()]) for k in (0, 1))
    weight = faces.angle / _highest(faces.site, faces.angle) * faces.angle / faces.area
    apart = np.abs(x[atom] - x[faces.neighbour])
    weight *= np.where(np.isnan(apart), 1.0, 1 + X_WEIGHT * np.sqrt(np.nan_to_num(apart) / WIDEST_X))
    weight /= _highest(faces.site, weight)
    beyond = (faces.distance - (radius[atom] + radius[faces.neighbour]) - LOW) / (HIGH - LOW)
    return weight * np.where(beyond < 1, (np.cos(np.clip(beyond, 0, 1) * np.pi) + 1) / 2, 0 * beyond)


def _highest(site: IntArray, values: FloatArray) -> FloatArray:
    highest = np.zeros(int(site.max(initial=-1)) + 1)
    np.maximum.at(highest, site, values)
    return highest[site]


def _number(weights: FloatArray) -> int:
    """The coordination number of the highest score: each threshold of weights is one, and scored by a slice of a disc."""
    rounded = sorted((w for w in (round(float(each), 3) for each in weights) if w > 0), reverse=True)
    scores: dict[int, float] = {}
    for threshold, following in pairwise([*dict.fromkeys(rounded), 0.0]):
        scores[sum(w >= threshold for w in rounded)] = (_slice(threshold) - _slice(following)) / (math.pi / 4)
    if (none := 1 - sum(scores.values())) > 0:
        scores[0] = none
    return max(scores, key=lambda number: scores[number])


def _slice(x: float) -> float:
    """Area of a quarter of the unit disc up to x."""
    if x == 1:
        return math.pi / 4
    height = math.sqrt(1 - x * x)
    return (x * height + math.atan(x / height)) / 2
