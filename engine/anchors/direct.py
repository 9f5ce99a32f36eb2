"""DIRECT sampling (Qi et al., npj Comput. Mater. 2024, arXiv:2307.13710): one site of each cluster of environments.

It standardises the features themselves, where the other strategies look at centred unit rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.engine.anchors.kmeans import nearest_members
from platonic_atlas.engine.anchors.reference import Chosen, Request
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.types import FloatArray, IntArray

THRESHOLD = 0.3  # the source paper's; halved until there are enough subclusters
SMALLEST_THRESHOLD = 1e-7


def direct(request: Request) -> Chosen:
    """Standardise, PCA with eigenvalues > 1 weighted by their share, BIRCH, nearest members.

    Raises
    ------
    AnchorError
        The reference model tells fewer environments apart than anchors are asked for.
    """
    from sklearn.cluster import Birch

    n, reference = request.number(), request.reference()
    points = _features(reference.embedding)
    threshold = THRESHOLD
    while threshold > SMALLEST_THRESHOLD:
        tree = Birch(n_clusters=None, threshold=threshold).fit(points)
        if len(tree.subcluster_centers_) >= n:
            labels = _global_clusters(tree, n)[tree.predict(points)]
            if len(np.unique(labels)) == n:
                rows = nearest_members(points, labels, _means(points, labels, n))
                found = {"threshold": threshold, "subclusters": len(tree.subcluster_centers_)}
                return reference.sites[rows], {"n": n, "seed": request.seed, **found}
        threshold /= 2
    raise AnchorError(
        f"The reference model tells fewer than {n} environments apart.",
        f"DIRECT sampling found no {n} clusters down to a threshold of {SMALLEST_THRESHOLD:g}.",
        "Ask for fewer anchors with '-n', or use '--strategy farthest'.",
    )


def _global_clusters(tree: Any, n: int) -> IntArray:
    """Subcluster -> one of n clusters, as BIRCH's last step joins them (Ward's linkage)."""
    from sklearn.cluster import AgglomerativeClustering

    centres = tree.subcluster_centers_
    if len(centres) == n:
        return np.arange(n)
    return np.asarray(AgglomerativeClustering(n_clusters=n).fit_predict(centres))


def _means(points: FloatArray, labels: IntArray, n: int) -> FloatArray:
    sums = np.zeros((n, points.shape[1]))
    np.add.at(sums, labels, points)
    return sums / np.bincount(labels, minlength=n)[:, None]


def _features(embedding: FloatArray) -> FloatArray:
    """Standardised features on their principal components of variance > 1, each times its share of the variance."""
    x = np.asarray(embedding, dtype=np.float64)
    deviation = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(deviation > 1e-12 * np.abs(x).max(initial=1e-300), deviation, np.inf)
    values, vectors = np.linalg.eigh(x.T @ x / max(len(x) - 1, 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > 1
    kept[0] = True  # with few sites or features no eigenvalue need exceed 1
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(values))])
    return np.asarray(x @ (vectors * signs)[:, kept] * (values[kept] / max(float(values.sum()), 1e-300)))
