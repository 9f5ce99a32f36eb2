"""What distinguishes a selection of sites from the rest: each label's counts, ratio and an exact test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Contrast:
    """One value of one label.

    selected : sites of the selection that carry it ; rest : others that do ; ratio : its share in the selection over
    its share in the rest (infinite where the rest has none) ; p : Fisher's exact test, two-sided, corrected for all
    values that were tested (Benjamini and Hochberg 1995)
    """

    label: str
    value: str
    selected: int
    rest: int
    ratio: float
    p: float


def distinguish(labels: Mapping[str, np.ndarray[Any, Any]], selected: BoolArray, *, least: int = 1) -> list[Contrast]:
    """Every value of every label (n,) in a selection (n,), the surest first; none where all or nothing is selected.

    The test takes sites for independent draws, which those of one crystal are not: small p are a guide.
    least : values with fewer selected sites are tested and corrected for, but not returned
    """
    n_selected = int(selected.sum())
    if n_selected in (0, len(selected)):
        return []
    found = [
        (label, str(value), int(inside), int(total - inside))
        for label, values in labels.items()
        for value, inside, total in _counts(values, selected)
    ]
    inside, outside = (np.array([each[i] for each in found]) for i in (2, 3))
    p = exact_p(inside, outside, n_selected, len(selected) - n_selected)
    corrected = _corrected(p)
    ratio = _ratio(inside / n_selected, outside / (len(selected) - n_selected))
    made = [Contrast(*each, float(r), float(q)) for each, r, q in zip(found, ratio, corrected, strict=True)]
    kept = [each for each in made if each.selected >= least]
    return sorted(kept, key=lambda each: (each.p, -each.ratio, -each.selected, each.label, each.value))


def exact_p(inside: IntArray, outside: IntArray, n_inside: int, n_outside: int) -> FloatArray:
    """Two-sided p of Fisher's exact test for tables [[inside, n_inside - inside], [outside, n_outside - outside]]."""
    from scipy.stats import fisher_exact

    tables = ([[a, n_inside - a], [b, n_outside - b]] for a, b in zip(inside.tolist(), outside.tolist(), strict=True))
    return np.array([fisher_exact(table).pvalue for table in tables])


def _counts(values: np.ndarray[Any, Any], selected: BoolArray) -> list[tuple[str, int, int]]:
    names, codes, totals = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    inside = np.bincount(codes[selected], minlength=len(names))
    return [
        (name, n, of) for name, n, of in zip(names.tolist(), inside.tolist(), totals.tolist(), strict=True)
        if name not in ("", "unknown")
    ]  # fmt: skip


def _corrected(p: FloatArray) -> FloatArray:
    from scipy.stats import false_discovery_control

    corrected: FloatArray = false_discovery_control(np.clip(p, 0, 1)) if len(p) else p
    return corrected


def _ratio(inside: FloatArray, outside: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(outside > 0, inside / outside, np.where(inside > 0, np.inf, np.nan))


@dataclass(frozen=True)
class Class:
    """Sites that share a label, with the mean of a measure over them beside that of the others."""

    label: str
    value: str
    n: int
    mean: float
    rest: float


def extremes(
    labels: Mapping[str, np.ndarray[Any, Any]], measure: FloatArray, *, n: int = 5, least: int = 12, largest: bool = True
) -> list[Class]:  # fmt: skip
    """The classes with the largest (or smallest) mean of a measure (n_sites,), at most one of the same sites.

    Only classes of at least `least` sites with a known measure count, so that a chance outlier is no finding; a class
    that holds most of another's sites is left out for it.
    """
    known = np.isfinite(measure)
    found: list[tuple[Class, BoolArray]] = []
    for label, values in labels.items():
        names, codes = np.unique(values.astype(str), return_inverse=True)
        sizes = np.bincount(codes[known], minlength=len(names))
        sums = np.bincount(codes[known], measure[known], minlength=len(names))
        for i in np.flatnonzero((sizes >= least) & (sizes < known.sum())):
            if names[i] not in ("", "unknown"):
                rest = (sums.sum() - sums[i]) / (sizes.sum() - sizes[i])
                found.append((Class(label, str(names[i]), int(sizes[i]), sums[i] / sizes[i], rest), codes == i))
    found.sort(key=lambda each: (-each[0].mean if largest else each[0].mean, each[0].label, each[0].value))
    kept: list[tuple[Class, BoolArray]] = []
    for each, sites in found:
        if all((sites & other).sum() < 0.5 * min(sites.sum(), other.sum()) for _, other in kept):
            kept.append((each, sites))
        if len(kept) == n:
            break
    return [each for each, _ in kept]
