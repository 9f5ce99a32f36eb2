"""UMAP layouts of relative representations; the exact PCA layouts are in ``platonic_atlas.engine.space.frames``.

UMAP keeps neighbourhoods and distorts distances between clusters, so these layouts are a supplement to the PCA.
They are run on rows isometric to z, and start from each model's own place in the shared frame, so that the
maps of all models lie in one orientation.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.space.neighbours import EXACT_UP_TO, exact
from platonic_atlas.engine.space.relative import row_chunks, unit_rows
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray, Moments

START_EXTENT = 10.0  # umap-learn starts its layouts in a box of this size
START_NOISE = 1e-3
AT_ONCE = 2048  # rows whose neighbours are measured together
NEIGHBOURS, MIN_DIST = 30, 0.3


class _ProgressStream:
    """What tqdm writes to: reads 'done/total' off its bar and hands it on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def write(self, text: str) -> None:
        done, _, total = text.strip().partition("/")
        if done.isdigit() and total.isdigit():
            self._progress("UMAP", int(done), int(total))

    def flush(self) -> None:
        """Nothing is buffered."""


def isometric_rows(
    embedding: FloatArray, moments: Moments, anchor_rows: FloatArray, *, centre: bool = True
) -> tuple[FloatArray, BoolArray]:
    """Rows with the distances of z = A ê, (n_used, min(K, d)) float32, and the mask (n,) of the sites used.

    With A = Q R, |A(ê_i - ê_j)| = |R(ê_i - ê_j)|, so that never more than d columns are needed.
    """
    used = np.isfinite(moments.rho)
    n_anchors, n_features = anchor_rows.shape
    mapping = anchor_rows if n_anchors <= n_features else np.asarray(np.linalg.qr(anchor_rows, mode="r"))
    unit = unit_rows(embedding[used], moments, moments.rho[used], centre=centre)
    return (unit @ mapping.T).astype(np.float32), used


def _start(initial: FloatArray, seed: int) -> FloatArray:
    """The given layout scaled to UMAP's usual box, with a little seeded noise to part equal sites."""
    noise = np.random.default_rng(seed).normal(scale=START_NOISE, size=initial.shape)
    extent = float(np.ptp(initial, axis=0).max())
    centred = initial - initial.mean(axis=0)
    start = centred * (START_EXTENT / extent if extent > 0 else 1.0) + noise
    return np.asarray(start, dtype=np.float32)


def _check_neighbours(n_used: int, n_neighbors: int) -> None:
    if n_neighbors < 2 or n_used <= n_neighbors:
        raise InputError(
            f"UMAP with {n_neighbors} neighbours cannot lay out {n_used} sites.",
            "Expected at least 2 neighbours, and more sites than neighbours.",
            "Use the PCA layout, which needs no neighbours.",
        )


def nearest_rows(rows: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """(n, k) the nearest rows to each, itself first, and their Euclidean distances.

    umap-learn searches from 4,096 rows on by descent, whose kernels take half a minute to compile in each process; to
    look at all pairs is faster up to some tens of thousands of rows, and misses none.
    """
    found = exact(rows, k, "euclidean").astype(np.int32)
    distances = np.empty(found.shape, dtype=np.float32)
    for part in row_chunks(len(rows), AT_ONCE):
        distances[part] = np.linalg.norm(rows[found[part]] - rows[part, None], axis=2)
    distances[found == np.arange(len(rows))[:, None]] = -1.0  # before its equals
    order = np.argsort(distances, axis=1, kind="stable")
    distances = np.maximum(np.take_along_axis(distances, order, axis=1), 0.0)
    return np.take_along_axis(found, order, axis=1), distances


def umap_layout(
    embedding: FloatArray,
    moments: Moments,
    anchor_rows: FloatArray,
    initial: FloatArray,
    *,
    seed: int = 0,
    n_neighbors: int = NEIGHBOURS,
    min_dist: float = MIN_DIST,
    centre: bool = True,
    progress: Progress = silent,
) -> FloatArray:
    """UMAP of a model's relative representation, (n, 2) float32, NaN where masked; equal for an equal seed.

    anchor_rows : (K, d); initial : (n, 2) the model's place in the shared frame
    progress : called with each epoch; what it raises ends the run
    """
    import umap

    rows, used = isometric_rows(embedding, moments, anchor_rows, centre=centre)
    _check_neighbours(len(rows), n_neighbors)
    mapper = umap.UMAP(
        n_neighbors=n_neighbors,
        min_dist=min_dist,
        init=_start(np.asarray(initial, dtype=np.float64)[used], seed),
        precomputed_knn=nearest_rows(rows, n_neighbors) if len(rows) <= EXACT_UP_TO else (None, None, None),
        random_state=seed,
        n_jobs=1,  # umap-learn is deterministic on one thread only
        tqdm_kwds={"file": _ProgressStream(progress), "bar_format": "{n_fmt}/{total_fmt}", "disable": False},
    )
    coordinates = np.full((len(embedding), 2), np.nan, dtype=np.float32)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"precomputed_knn\[2\]|n_jobs value 1")  # neither is asked of it
        coordinates[used] = mapper.fit_transform(rows)
    return coordinates


def aligned_umap_layouts(
    embeddings: Mapping[str, FloatArray],
    moments: Mapping[str, Moments],
    anchor_rows: Mapping[str, FloatArray],
    initial: FloatArray,
    models: Sequence[str],
    *,
    seed: int = 0,
    n_neighbors: int = NEIGHBOURS,
    min_dist: float = MIN_DIST,
    centre: bool = True,
) -> dict[str, FloatArray]:
    """AlignedUMAP of several models, each tied to the one before it: model -> (n, 2) float32, NaN where masked.

    Far slower than one UMAP a model. AlignedUMAP chooses its own start, so the whole set is turned (one
    rotation or reflection for all) onto ``initial`` (n, 2), the shared-frame PCA of the first model.
    """
    import umap

    if len(models) < 2:
        raise InputError(
            "AlignedUMAP needs at least two models.", "Expected two or more.", "Use --method umap for a single model."
        )
    rows: list[FloatArray] = []
    masks: list[BoolArray] = []
    for model in models:
        part, used = isometric_rows(embeddings[model], moments[model], anchor_rows[model], centre=centre)
        _check_neighbours(len(part), n_neighbors)
        rows.append(part)
        masks.append(used)
    mapper = umap.AlignedUMAP(n_neighbors=n_neighbors, min_dist=min_dist, random_state=seed)
    mapper.fit(rows, relations=[_relation(one, other) for one, other in pairwise(masks)])
    turn = _rotation(np.asarray(mapper.embeddings_[0], dtype=np.float64), np.asarray(initial)[masks[0]])
    layouts = {}
    for model, used, found in zip(models, masks, mapper.embeddings_, strict=True):
        layouts[model] = np.full((len(used), 2), np.nan, dtype=np.float32)
        layouts[model][used] = np.asarray(found) @ turn
    return layouts


def _relation(one: BoolArray, other: BoolArray) -> dict[int, int]:
    """Row of a site among the used rows of one model -> its row in the next."""
    both = np.flatnonzero(one & other)
    return dict(zip((np.cumsum(one)[both] - 1).tolist(), (np.cumsum(other)[both] - 1).tolist(), strict=True))


def _rotation(points: FloatArray, onto: FloatArray) -> FloatArray:
    left, _, right = np.linalg.svd((points - points.mean(axis=0)).T @ (onto - onto.mean(axis=0)))
    return np.asarray(left @ right)
