"""k-means: the sites nearest to the centres of as many clusters as there shall be anchors."""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.engine.anchors.farthest import extend_farthest
from platonic_atlas.engine.anchors.reference import Chosen, Request
from platonic_atlas.engine.types import FloatArray, IntArray

LARGE_KMEANS = 20_000  # points from which k-means runs on mini-batches


def kmeans(request: Request) -> Chosen:
    """The member nearest to each centre of k-means on ê; where clusters are empty, the farthest sites fill in."""
    from sklearn.cluster import KMeans, MiniBatchKMeans

    n, seed, reference = request.number(), request.seed, request.reference()
    points = reference.unit_rows()
    large = len(points) > LARGE_KMEANS
    cluster = MiniBatchKMeans(n, random_state=seed, n_init=3) if large else KMeans(n, random_state=seed, n_init=1)
    with _few_distinct_points_are_fine():
        labels = cluster.fit_predict(points)
    rows = extend_farthest(points, nearest_members(points, labels, cluster.cluster_centers_), n)
    return reference.sites[rows], {"n": n, "seed": seed, "mini_batches": large}


def _few_distinct_points_are_fine() -> Any:
    """Silence scikit-learn where there are fewer distinct sites than anchors: the rest are filled in."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    catch = warnings.catch_warnings(action="ignore", category=ConvergenceWarning)
    return catch


def nearest_members(points: FloatArray, labels: IntArray, centres: FloatArray) -> list[int]:
    """For each cluster that has members, the one nearest to its centre (the first of equals)."""
    away = np.linalg.norm(points - centres[labels], axis=1)
    order = np.lexsort((np.arange(len(labels)), away, labels))
    first = np.flatnonzero(np.r_[True, np.diff(labels[order]) != 0])
    return [int(row) for row in order[first]]
