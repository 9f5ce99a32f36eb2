"""The study of a translation: features of one model in the space of another, scored beside what knows less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.choices import Method
from platonic_atlas.engine.progress import Progress, part
from platonic_atlas.engine.stitching.methods import DIRECT, RELATIVE
from platonic_atlas.engine.studies.pairing import Asked, left_out, paired, relative_pair
from platonic_atlas.engine.studies.readouts import Moved, stitched_energies
from platonic_atlas.engine.studies.record import Curve, CurvePoint, Energies, NoEnergies, Score, Stitch, Worst
from platonic_atlas.engine.studies.written import finite
from platonic_atlas.engine.types import FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.picture import Picture
    from platonic_atlas.engine.stitching.scores import Ratio
    from platonic_atlas.engine.stitching.splits import Split
    from platonic_atlas.engine.stitching.study import Pair, Scored
    from platonic_atlas.engine.store import Atlas

Scores = dict[str, Score]


def translation_study(atlas: Atlas, asked: Asked, env_root: Path | None, progress: Progress) -> Stitch:
    """A translation over the ten splits, with its baselines and, where asked for, energies of the first split."""
    from platonic_atlas.engine.stitching import study

    made = asked.made_from(atlas)
    pair = paired(atlas, asked.source, asked.target, far=asked.far)
    score, translate = scoring(atlas, pair, asked)
    values = study.over_splits(score, pair, part(progress, 0.0, 0.5, asked.what))
    baselines = _baselines(atlas, pair, asked, part(progress, 0.5, 0.9, f"{asked.what}: controls"))
    found = Stitch(
        asked.source, asked.target, asked.method, asked.anchors, scores_of(values), baselines,
        tuple(left_out(atlas, asked.source, asked.target, pair)), made, _curve(atlas, pair, asked),
    )  # fmt: skip
    if translate is not None:
        split = pair.split(0)
        found = _looked_into(atlas, asked, pair, translate(split), split, found, env_root)
    progress(asked.what, 1.0)
    return found


def _looked_into(
    atlas: Atlas, asked: Asked, pair: Pair, moved: FloatArray, split: Split, found: Stitch, env_root: Path | None
) -> Stitch:
    """Where the translation of the first split errs, and what energies come out of it."""
    from platonic_atlas.engine.stitching import study

    worst = tuple(Worst(structure, error) for structure, error in study.worst_structures(pair, moved, split))
    found = replace(found, elements=study.by_element(pair, moved, split), worst=worst)
    if not asked.energies:
        return found
    baselines = _moved_baselines(atlas, pair, asked)
    energies = stitched_energies(
        atlas,
        asked.source,
        asked.target,
        Moved(moved, pair.sites),
        baselines,
        split.structures,
        env_root,
        trust_weights=asked.trust_weights,
    )
    return with_energies(found, energies)


def with_energies(found: Stitch, energies: Energies | NoEnergies) -> Stitch:
    """A study with the error to the target among its scores and those of its baselines."""
    if isinstance(energies, NoEnergies):
        return replace(found, no_energies=energies)
    baselines = dict(found.baselines)
    for name, error in energies.baselines.items():
        baselines[name] = {**baselines[name], "energy_mae": Score(error.value, None, error.interval)}
    scores = found.scores
    if (own := energies.errors.get("target_fitted")) is not None:
        scores = {**scores, "energy_mae": Score(own.value, None, own.interval)}
    return replace(found, scores=scores, baselines=baselines, energies=energies)


def stitched_picture(atlas: Atlas, asked: Asked) -> tuple[Picture, IntArray]:
    """Where a stitch puts the sites, by the first split, and the sites it uses."""
    from platonic_atlas.engine.stitching.picture import picture

    pair = paired(atlas, asked.source, asked.target, far=asked.far)
    split = pair.split(0)
    if asked.method not in RELATIVE:
        _, translate = scoring(atlas, pair, asked)
        if translate is not None:
            return picture(pair.source, translate(split), pair.target, split), pair.sites
    of_source, of_target = relative_pair(atlas, pair, asked)
    moved = of_source - of_source.mean(axis=0) + of_target.mean(axis=0)
    return picture(pair.source, moved, of_target, split), pair.sites


def scoring(
    atlas: Atlas, pair: Pair, asked: Asked
) -> tuple[Callable[[Split], dict[str, Ratio]], Callable[[Split], FloatArray] | None]:
    """How a split is scored, and how its sites are translated where the method translates features."""
    from platonic_atlas.engine.stitching import study

    if asked.method in DIRECT:
        return partial(study.direct_scores, pair, asked.method), partial(study.direct_translation, pair, asked.method)
    places = relative_pair(atlas, pair, asked)
    if asked.method is Method.MERGE:
        return partial(_merge_scores, pair, *places), None
    translate = _through_anchors(atlas, pair, asked, places[0])
    return partial(study.given_scores, pair, translate), translate


def _merge_scores(pair: Pair, source: FloatArray, target: FloatArray, split: Split) -> dict[str, Ratio]:
    """A's relative vectors in the place of B's, read by the nearest of B's sites (cosine, training means removed)."""
    from platonic_atlas.engine.stitching.scores import retrieval

    test = split.test
    centred = [z - z[split.train].mean(axis=0) for z in (source, target)]
    return retrieval(centred[0][test], centred[1][test], pair.numbers[test], pair.structure[test])


def _through_anchors(atlas: Atlas, pair: Pair, asked: Asked, relative: FloatArray) -> Callable[..., FloatArray]:
    """(split, which anchors: all where None) -> translated features."""
    from platonic_atlas.engine.space.relative import anchor_rows
    from platonic_atlas.engine.stitching.translators import AnchorMap, fit_direct

    moments = atlas.moments(asked.target)
    rows = anchor_rows(atlas.embedding(asked.target), moments, atlas.anchors(asked.anchors))
    norms = np.linalg.norm(pair.target, axis=1)[:, None]

    def translate(split: Split, drawn: IntArray | None = None) -> FloatArray:
        norm = fit_direct("ridge", pair.source[split.train], norms[split.train])
        chosen = slice(None) if drawn is None else drawn
        used = AnchorMap(np.asarray(rows, dtype=np.float64)[chosen], moments.mean0, norm)
        return used(relative[:, chosen], pair.source)

    return translate


def _curve(atlas: Atlas, pair: Pair, asked: Asked) -> Curve:
    """`r2` over the number of paired sites, or of anchors where the method leads through them."""
    from platonic_atlas.engine.stitching.curves import anchors_curve, pairs_curve

    if asked.method in DIRECT:
        points, over = pairs_curve(pair, asked.method), "training sites"
    elif asked.method is Method.ANCHORS:
        relative, n = relative_pair(atlas, pair, asked)[0], len(atlas.anchors(asked.anchors))
        points, over = anchors_curve(pair, _through_anchors(atlas, pair, asked, relative), n), "anchors"
    else:
        return Curve("", ())
    told = (CurvePoint(float(point.n), *map(finite, (point.mean, point.low, point.high))) for point in points)
    return Curve(over, tuple(told))


def _controls(atlas: Atlas, asked: Asked) -> list[str]:
    return [name for name in atlas.controls() if name != asked.target]


def _baselines(atlas: Atlas, pair: Pair, asked: Asked, progress: Progress) -> dict[str, Scores]:
    """What the same protocol gives where there is nothing to learn from."""
    from platonic_atlas.engine.stitching import study

    def of_shuffled(split: Split) -> dict[str, Ratio]:
        return study.direct_scores(study.shuffled(pair, split), asked.fitted, split)

    found = {
        "element means": scores_of(study.over_splits(partial(study.element_mean_scores, pair), pair)),
        "shuffled pairs": scores_of(study.over_splits(of_shuffled, pair)),
    }
    controls = _controls(atlas, asked)
    for done, name in enumerate(controls):
        other = paired(atlas, name, asked.target, far=asked.far)
        found[name] = scores_of(study.over_splits(partial(study.direct_scores, other, asked.fitted), other))
        progress("controls", done + 1, len(controls))
    return found


def _moved_baselines(atlas: Atlas, pair: Pair, asked: Asked) -> dict[str, Moved]:
    """Name -> the sites of a baseline in the target's space, of the first split."""
    from platonic_atlas.engine.stitching import study

    split, fitted = pair.split(0), asked.fitted
    found = {
        "element means": Moved(study.element_means(pair, split), pair.sites),
        "shuffled pairs": Moved(study.direct_translation(study.shuffled(pair, split), fitted, split), pair.sites),
    }
    for name in _controls(atlas, asked):
        other = paired(atlas, name, asked.target, far=asked.far)
        found[name] = Moved(study.direct_translation(other, fitted, other.split(0)), other.sites)
    return found


def scores_of(scored: dict[str, Scored]) -> Scores:
    """Means, ranges over the splits and intervals, None for what is not a number."""
    return {name: Score(finite(each.mean), _span(each.range), _span(each.interval)) for name, each in scored.items()}


def _span(values: tuple[float, float]) -> tuple[float | None, float | None]:
    return finite(values[0]), finite(values[1])
