"""Choosing anchors: the sites whose cosines make up the relative representation, the same for every model.

Only sites that all models of the atlas embed are eligible. Strategies look at one reference model, all but
``direct`` at its centred unit rows ê; ``direct`` standardises the features themselves (Qi et al., npj Comput.
Mater. 2024, arXiv:2307.13710). Equal input and seed give equal anchors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.space.relative import row_chunks, unit_rows
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray, Moments

STRATEGIES = ("direct", "farthest", "kmeans", "element", "random", "file")
DIRECT_THRESHOLD = 0.3  # the source paper's; halved until there are enough subclusters
SMALLEST_THRESHOLD = 1e-7
EXACT_MEDOID = 4000  # members up to which every one is a candidate for the medoid
MEDOID_CANDIDATES = 256
LARGE_KMEANS = 20_000  # points from which k-means runs on mini-batches


@dataclass(frozen=True)
class AnchorSet:
    """Chosen anchors: sites (K,) and everything that the choice depended on."""

    sites: IntArray
    strategy: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reference:
    """What a strategy sees of the reference model: its eligible sites only.

    sites : (m,) site numbers ; embedding : (m, d) ; moments : the model's ; rho : (m,) ; atomic_numbers : (m,)
    """

    sites: IntArray
    embedding: FloatArray
    moments: Moments
    rho: FloatArray
    atomic_numbers: IntArray

    def unit_rows(self) -> FloatArray:
        """ê of the eligible sites, (m, d) float32."""
        unit = np.empty(self.embedding.shape, dtype=np.float32)
        for rows in row_chunks(len(unit)):
            unit[rows] = unit_rows(self.embedding[rows], self.moments, self.rho[rows])
        return unit


Chosen = tuple[IntArray, dict[str, Any]]  # rows of the reference, what was found on the way


def choose_anchors(
    strategy: str,
    *,
    eligible: BoolArray,
    embedding: FloatArray | None = None,
    moments: Moments | None = None,
    atomic_numbers: IntArray | None = None,
    n: int | None = None,
    seed: int = 0,
    atoms: IntArray | None = None,
    input_site: IntArray | None = None,
) -> AnchorSet:
    """Choose anchors among the eligible sites.

    eligible : (n_sites,) sites that every model embeds
    embedding (n_sites, d), moments, atomic_numbers : of the reference model (not for random and file)
    n : number of anchors; ``element`` gives one an element and ``file`` one an atom named, whatever n says
    atoms, input_site : for ``file``: positions of atoms in the input, and the site of each atom of the input
    Raises AnchorError where the request cannot be met.
    """
    if strategy not in STRATEGIES:
        raise AnchorError(
            f"There is no anchor strategy '{strategy}'.",
            f"Expected one of {', '.join(STRATEGIES)}.",
            "See 'platonic anchors --help'.",
        )
    if strategy == "file":
        return _from_file(atoms, input_site, eligible)
    candidates = np.flatnonzero(eligible)
    count = _check_number(1 if strategy == "element" else n, len(candidates))
    if strategy == "random":
        chosen = np.sort(np.random.default_rng(seed).choice(candidates, count, replace=False))
        return AnchorSet(chosen, strategy, {"n": count, "seed": seed})
    reference = _reference(candidates, embedding, moments, atomic_numbers)
    rows, found = _SEARCHES[strategy](reference, count, seed)
    parameters = {"n": len(rows), "seed": seed, **found}
    return AnchorSet(reference.sites[rows], strategy, parameters)


def _check_number(n: int | None, n_eligible: int) -> int:
    if n is None or not 1 <= n <= n_eligible:
        raise AnchorError(
            f"{'No number of' if n is None else n} anchors asked for, {n_eligible} sites are eligible.",
            f"Expected a number from 1 to {n_eligible}: anchors are sites that every model embeds.",
            "Give another number with '-n'.",
        )
    return n


def _reference(
    candidates: IntArray, embedding: FloatArray | None, moments: Moments | None, atomic_numbers: IntArray | None
) -> Reference:
    if embedding is None or moments is None or atomic_numbers is None:
        raise AnchorError(
            "This strategy needs a reference model.",
            "Expected the embedding, moments and atomic numbers of a model in the atlas.",
            "Name one with '--reference'.",
        )
    rho = moments.rho[candidates]
    if not np.isfinite(rho).all():
        raise AnchorError(
            f"{np.count_nonzero(~np.isfinite(rho))} eligible sites are not embedded by the reference model.",
            "Eligible sites are those that every model embeds, the reference too.",
            "Choose another reference with '--reference'.",
        )
    return Reference(candidates, embedding[candidates], moments, rho, atomic_numbers[candidates])


def _from_file(atoms: IntArray | None, input_site: IntArray | None, eligible: BoolArray) -> AnchorSet:
    """Anchors named by their position in the input; symmetry copies of one site give one anchor."""
    atoms = np.asarray([] if atoms is None else atoms)
    input_site = np.asarray([] if input_site is None else input_site)
    if atoms.ndim != 1 or len(atoms) == 0 or atoms.dtype.kind not in "iu":
        raise AnchorError(
            "The anchor file names no atoms.",
            "Expected whole numbers, positions of atoms in the input from 0.",
            "Check the file given with '--file'.",
        )
    outside = atoms[(atoms < 0) | (atoms >= len(input_site))]
    if len(outside):
        raise AnchorError(
            f"Atom {outside[0]} of the anchor file is not in the input ({len(outside)} such).",
            f"Expected positions from 0 to {len(input_site) - 1}.",
            "Ingest the input that the file was made for, or correct the file.",
        )
    sites = input_site[atoms]
    for bad, why in ((sites < 0, "belongs to a structure that was rejected"), (None, "is not embedded by every model")):
        wrong = atoms[~eligible[sites] if bad is None else bad]
        if len(wrong):
            raise AnchorError(
                f"Atom {wrong[0]} of the anchor file {why} ({len(wrong)} such).",
                "Anchors must be accepted atoms that every model embeds.",
                "Take these atoms out of the file; 'platonic status' lists what was rejected.",
            )
    unique = sites[np.sort(np.unique(sites, return_index=True)[1])]
    return AnchorSet(unique, "file", {"n": len(unique), "n_named": len(atoms)})


def parse_anchor_file(text: str) -> IntArray:
    """Atom positions in a text of whole numbers parted by spaces, commas or lines; '#' starts a comment."""
    words = " ".join(line.partition("#")[0] for line in text.splitlines()).replace(",", " ").split()
    wrong = [word for word in words if not word.isdecimal()]
    if wrong or not words:
        raise AnchorError(
            f"'{wrong[0][:40]}' in the anchor file is not an atom position." if wrong else "The anchor file is empty.",
            "Expected whole numbers from 0, parted by spaces, commas or lines.",
            "Check the file given with '--file'.",
        )
    return np.array([int(word) for word in words], dtype=np.int64)


def _farthest(reference: Reference, n: int, seed: int) -> Chosen:
    """Each anchor the site farthest from all before it, the first drawn by the seed."""
    points = reference.unit_rows()
    chosen = [int(np.random.default_rng(seed).integers(len(points)))]
    return np.array(_extend_farthest(points, chosen, n)), {}


def _extend_farthest(points: FloatArray, chosen: list[int], n: int) -> list[int]:
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


def _kmeans(reference: Reference, n: int, seed: int) -> Chosen:
    """The member nearest to each centre of k-means on ê."""
    from sklearn.cluster import KMeans, MiniBatchKMeans

    points = reference.unit_rows()
    large = len(points) > LARGE_KMEANS
    cluster = MiniBatchKMeans(n, random_state=seed, n_init=3) if large else KMeans(n, random_state=seed, n_init=1)
    with _few_distinct_points_are_fine():
        labels = cluster.fit_predict(points)
    rows = _nearest_members(points, labels, cluster.cluster_centers_)
    return np.array(_extend_farthest(points, rows, n)), {"mini_batches": large}


def _few_distinct_points_are_fine() -> Any:
    """Silence scikit-learn where there are fewer distinct sites than anchors: the rest are filled in."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    catch = warnings.catch_warnings(action="ignore", category=ConvergenceWarning)
    return catch


def _nearest_members(points: FloatArray, labels: IntArray, centres: FloatArray) -> list[int]:
    """For each cluster that has members, the one nearest to its centre (the first of equals)."""
    away = np.linalg.norm(points - centres[labels], axis=1)
    order = np.lexsort((np.arange(len(labels)), away, labels))
    first = np.flatnonzero(np.r_[True, np.diff(labels[order]) != 0])
    return [int(row) for row in order[first]]


def _direct(reference: Reference, n: int, seed: int) -> Chosen:
    """DIRECT sampling: standardise, PCA with eigenvalues > 1 weighted by their share, BIRCH, nearest members."""
    from sklearn.cluster import Birch

    points = _direct_features(reference.embedding)
    threshold = DIRECT_THRESHOLD
    while threshold > SMALLEST_THRESHOLD:
        tree = Birch(n_clusters=None, threshold=threshold).fit(points)
        if len(tree.subcluster_centers_) >= n:
            labels = _global_clusters(tree, n)[tree.predict(points)]
            if len(np.unique(labels)) == n:
                found = {"threshold": threshold, "subclusters": len(tree.subcluster_centers_)}
                return np.array(_nearest_members(points, labels, _means(points, labels, n))), found
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


def _direct_features(embedding: FloatArray) -> FloatArray:
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


def _element(reference: Reference, n: int, seed: int) -> Chosen:
    """For each element, in order of atomic number, the medoid of its sites in ê."""
    points = reference.unit_rows()
    rows = []
    for number in np.unique(reference.atomic_numbers):
        members = np.flatnonzero(reference.atomic_numbers == number)
        rows.append(members[medoid(points[members])])
    return np.array(rows), {"elements": np.unique(reference.atomic_numbers).tolist()}


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


_SEARCHES: dict[str, Callable[[Reference, int, int], Chosen]] = {
    "direct": _direct,
    "farthest": _farthest,
    "kmeans": _kmeans,
    "element": _element,
}
