"""One anchor an element: the medoid of its sites."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from platonic_atlas.engine.anchors.reference import Chosen, Request
from platonic_atlas.engine.space.relative import row_chunks
from platonic_atlas.engine.types import FloatArray

EXACT_MEDOID = 4000  # members up to which every one is a candidate for the medoid
MEDOID_CANDIDATES = 256


def element(request: Request) -> Chosen:
    """For each element, in order of atomic number, the medoid of its sites in ê; no number is heard."""
    replace(request, n=1).number()  # there is a site at all
    reference = request.reference()
    points, numbers = reference.unit_rows(), np.unique(reference.atomic_numbers)
    rows = []
    for number in numbers:
        members = np.flatnonzero(reference.atomic_numbers == number)
        rows.append(members[medoid(points[members])])
    return reference.sites[rows], {"n": len(rows), "seed": request.seed, "elements": numbers.tolist()}


def medoid(points: FloatArray) -> int:
    """The point whose Euclidean distances to all others have the least sum, the first of equals.

    points : (m, d). Exact up to 4,000 points; beyond, the candidates are the 256 nearest to the geometric
    median (the place, not bound to a point, of least summed distance), and their sums are exact.
    """
    x = np.asarray(points, dtype=np.float64)
    candidates = np.arange(len(x))
    if len(x) > EXACT_MEDOID:
        away = np.linalg.norm(x - _geometric_median(x), axis=1)
        candidates = np.sort(np.argpartition(away, MEDOID_CANDIDATES)[:MEDOID_CANDIDATES])
    sums = np.zeros(len(candidates))
    squares = np.einsum("ij,ij->i", x, x)
    for rows in row_chunks(len(x), 1024):
        square = squares[candidates, None] + squares[rows] - 2 * (x[candidates] @ x[rows].T)
        sums += np.sqrt(np.maximum(square, 0.0)).sum(axis=1)
    # equal sites differ by rounding only: the lowest site number decides, on every machine
    return int(candidates[np.flatnonzero(sums <= sums.min() * (1 + 1e-9) + 1e-7)[0]])


def _geometric_median(x: FloatArray, steps: int = 20) -> FloatArray:
    """Weiszfeld's iteration from the mean."""
    centre = x.mean(axis=0)
    for _ in range(steps):
        weight = 1.0 / np.maximum(np.linalg.norm(x - centre, axis=1), 1e-9)
        centre = weight @ x / weight.sum()
    return np.asarray(centre)
