"""Farthest-point sampling: each anchor as far as can be from all before it."""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.anchors.reference import Chosen, Request
from platonic_atlas.engine.types import FloatArray


def farthest(request: Request) -> Chosen:
    """Each anchor the site farthest from all before it in ê, the first drawn by the seed."""
    n, reference = request.number(), request.reference()
    points = reference.unit_rows()
    first = int(np.random.default_rng(request.seed).integers(len(points)))
    rows = extend_farthest(points, [first], n)
    return reference.sites[rows], {"n": n, "seed": request.seed}


def extend_farthest(points: FloatArray, chosen: list[int], n: int) -> list[int]:
    """Add the point farthest from all chosen until there are n; never the same point twice."""
    squares = np.einsum("ij,ij->i", points, points)
    distance = np.full(len(points), np.inf, dtype=points.dtype)
    newest = list(chosen)
    chosen = list(chosen)
    while True:
        for row in newest:
            np.minimum(distance, squares + squares[row] - 2 * (points @ points[row]), out=distance)
        distance[chosen] = -np.inf
        if len(chosen) >= n:
            return chosen
        newest = [int(np.argmax(distance))]
        chosen += newest
