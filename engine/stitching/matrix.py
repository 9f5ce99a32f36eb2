"""Every model translated into every other by ridge, over the splits, and the ladder that follows.

The same protocol as a single direct study (`study.direct_scores`), with what pairs share done once: a source's normal
equations are solved for all targets together. The sites are those that every model embeds, so that all cells of the
matrix are of the same atoms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.stitching.scores import ElementMeans, leaves_something, nearest_by_cosine, r2
from platonic_atlas.engine.stitching.splits import N_SPLITS, Split, split_by_structure
from platonic_atlas.engine.stitching.translators import solve_ridge
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

RETRIEVAL = ("atom_at_1", "element_at_1", "structure_at_1")
SCORES = ("r2", "r2_raw", *RETRIEVAL)


@dataclass(frozen=True)
class Matrix:
    """Scores of all pairs.

    names : models, in the order of both axes ; values : score -> (n_splits, n_sources, n_targets), NaN where nothing is
    left to explain
    """

    names: tuple[str, ...]
    values: dict[str, FloatArray]
    n_sites: int


def ridge_matrix(
    features: Mapping[str, FloatArray],
    numbers: IntArray,
    structure: IntArray,
    n_structures: int,
    *,
    n_splits: int = N_SPLITS,
    progress: Progress = silent,
) -> Matrix:
    """`r2`, `r2_raw` and retrieval of every model into every model, itself included.

    features : model -> (n, d), NaN rows where it does not embed a site

    Raises
    ------
    InputError
        There are fewer than two models, or no site that all embed.
    """
    common = np.logical_and.reduce([np.isfinite(each).all(axis=1) for each in features.values()]) if features else None
    if common is None or len(features) < 2 or not common.any():
        raise InputError(
            f"{len(features)} models share {0 if common is None else int(common.sum())} sites.",
            "All pairs are scored on the sites that every model embeds, of two models at least.",
            "Embed more models, or name fewer: platonic stitch-all --model NAME --model NAME",
        )
    rows = {name: each[common].astype(np.float64) for name, each in features.items()}
    values = {score: np.full((n_splits, len(rows), len(rows)), np.nan) for score in SCORES}
    for seed in range(n_splits):
        split = split_by_structure(structure[common], n_structures, seed)
        bare = {name: each - _means(each, numbers[common], split) for name, each in rows.items()}
        labels = {"element": numbers[common], "structure": structure[common]}
        values["r2"][seed] = _one_split(bare, rows, split)["r2"]
        raw = _one_split(rows, rows, split, labels)
        values["r2_raw"][seed] = raw.pop("r2")
        for score, found in raw.items():
            values[score][seed] = found
        progress("splits", seed + 1, n_splits)
    return Matrix(tuple(rows), values, int(common.sum()))


def _means(rows: FloatArray, numbers: IntArray, split: Split) -> FloatArray:
    return ElementMeans.of(rows[split.train], numbers[split.train]).rows(numbers)


def _one_split(
    rows: Mapping[str, FloatArray], whole: Mapping[str, FloatArray], split: Split, labels: Mapping[str, IntArray] | None = None
) -> dict[str, FloatArray]:  # fmt: skip
    """Score -> (n_sources, n_targets) over the test sites: r², and retrieval where there are labels (n,)."""
    train, test = split.train, split.test
    means = {name: each[train].mean(axis=0) for name, each in rows.items()}
    targets = np.hstack([each[train] - means[name] for name, each in rows.items()])
    places = np.cumsum([0, *(each.shape[1] for each in rows.values())])
    found = {score: np.full((len(rows), len(rows)), np.nan) for score in ("r2", *(RETRIEVAL if labels else ()))}
    told = [leaves_something(rows[name][test], whole[name]) for name in rows]
    for i, (source, features) in enumerate(rows.items()):
        map_to_all = solve_ridge(features[train] - means[source], targets)
        moved = (features[test] - means[source]) @ map_to_all
        for j, (target, true) in enumerate(rows.items()):
            into = moved[:, places[j] : places[j + 1]] + means[target]
            if told[j]:
                found["r2"][i, j] = r2(true[test], into, means[target])
            for score, share in _retrieved(into, true[test], labels, test).items():
                found[score][i, j] = share
    return found


def _retrieved(
    moved: FloatArray, true: FloatArray, labels: Mapping[str, IntArray] | None, test: BoolArray
) -> dict[str, float]:
    """The first ranks of `scores.retrieval`, which needs no sorting."""
    if labels is None:
        return {}
    centre = true.mean(axis=0)
    nearest = nearest_by_cosine(moved - centre, true - centre)[:, 0]
    named = {"atom": np.arange(len(true)), **{name: values[test] for name, values in labels.items()}}
    return {f"{name}_at_1": float(np.mean(values[nearest] == values)) for name, values in named.items()}


@dataclass(frozen=True)
class Rung:
    """A kind of pair: how many there are, the mean of their means over the splits, the smallest and the largest."""

    name: str
    n: int
    mean: float
    low: float
    high: float


def ladder(matrix: Matrix, family: Mapping[str, str], controls: frozenset[str], score: str = "r2") -> list[Rung]:
    """Self, same family, across families, untrained and other controls as sources; targets are trained models."""
    mean = _means_over_splits(matrix, score)
    kinds: dict[str, list[float]] = {name: [] for name in ("itself", "same family", "other family", "control")}
    for i, source in enumerate(matrix.names):
        for j, target in enumerate(matrix.names):
            if target in controls or not np.isfinite(mean[i, j]):
                continue
            kinds[_kind(source, target, family, controls)].append(float(mean[i, j]))
    return [Rung(name, len(v), float(np.mean(v)), min(v), max(v)) for name, v in kinds.items() if v]


def _kind(source: str, target: str, family: Mapping[str, str], controls: frozenset[str]) -> str:
    if source == target:
        return "itself"
    if source in controls:
        return "control"
    return "same family" if family.get(source) == family.get(target) else "other family"


@dataclass(frozen=True)
class Reversal:
    """A control that explains a trained target better than a trained source does, with both ranges over the splits."""

    target: str
    trained: str
    trained_mean: float
    trained_range: tuple[float, float]
    control: str
    control_mean: float
    control_range: tuple[float, float]


def reversals(matrix: Matrix, controls: frozenset[str], score: str = "r2") -> list[Reversal]:
    """Where the criterion fails: for each trained target every trained source should exceed every control."""
    mean, values = _means_over_splits(matrix, score), matrix.values[score]
    found = []
    for j, target in enumerate(matrix.names):
        if target in controls:
            continue
        sources = [i for i in range(len(matrix.names)) if i != j and np.isfinite(mean[i, j])]
        for i in (i for i in sources if matrix.names[i] not in controls):
            for k in (k for k in sources if matrix.names[k] in controls):
                if mean[k, j] >= mean[i, j]:
                    ranges = [(float(values[:, m, j].min()), float(values[:, m, j].max())) for m in (i, k)]
                    found.append(Reversal(target, matrix.names[i], float(mean[i, j]), ranges[0], matrix.names[k],
                                            float(mean[k, j]), ranges[1]))  # fmt: skip
    return found


def _means_over_splits(matrix: Matrix, score: str) -> FloatArray:
    mean: FloatArray = matrix.values[score].mean(axis=0)
    return mean
