"""The verb `stitch`: one model translated into another, scored beside its controls, and kept with the atlas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import chosen
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.stitching.methods import DIRECT, RELATIVE, Method
from platonic_atlas.engine.studies.pairing import left_out, paired
from platonic_atlas.engine.studies.readouts import Moved, can_run_now, stitched_energies
from platonic_atlas.engine.studies.relative import relative_pair, relative_study
from platonic_atlas.engine.types import FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.picture import Picture
    from platonic_atlas.engine.stitching.scores import Ratio
    from platonic_atlas.engine.stitching.splits import Split
    from platonic_atlas.engine.stitching.study import Pair, Scored
    from platonic_atlas.engine.store import Atlas

FORMAT = 3  # of a kept study: one of another format is computed again
THROUGH = "This method leads through anchors that both models share."
Study = dict[str, Any]


def stitch(
    atlas: Atlas,
    *,
    source: str,
    target: str,
    method: Method | str = Method.RIDGE,
    anchors: str | None = None,
    energies: bool = True,
    far: bool = False,
    keep: bool = True,
    env_root: Path | None = None,
    progress: Progress = silent,
) -> Study:
    """Translate `source` into the space of `target` and score it over ten splits by structure.

    anchors : the default set where None (`platonic_atlas.engine.anchors.default`), for methods that lead through them.
    Sites that one of the two throws far off are left out of fit and scores unless `far` (see
    `platonic_atlas.engine.stitching.outliers`). The result is stored under its parameters and not computed twice (keep = False: not
    stored). Keys: source, target, method, anchors, left_out (structures with such sites), r2 and r2_raw (means over
    the splits) with r2_range and r2_raw_range, retrieval, intervals (of each score: 95 %, bootstrap over the test
    structures of the first split), energy_mae [eV/atom] (null where there is none) and energies (against what, or the
    reason; see `platonic_atlas.engine.studies.readouts`), elements, worst, baselines (the same scores where there is nothing to learn from),
    curve (r2 over the number of training sites or anchors).

    Raises
    ------
    InputError
        Source equals target, no element is common, or the method needs anchors and there are none.
    UsageError
        There is no such method.
    """
    method = chosen(Method, method, "stitching method")
    _check(atlas, source, target)
    anchors = (anchors or default_anchors(atlas, THROUGH)) if method not in DIRECT else None
    parameters = study_parameters(source, target, method, anchors or "", energies=energies, far=far)
    if (kept := atlas.stitching(parameters)) is not None and not can_run_now(_reason(kept), target, env_root):
        return kept
    pair = paired(atlas, source, target, far=far)
    if method in RELATIVE:
        study = relative_study(atlas, pair, parameters, env_root, progress, keep=keep)
    else:
        study = _translation_study(atlas, pair, parameters, env_root, progress)
    study["left_out"] = left_out(atlas, source, target, pair)
    if keep:
        atlas.write_stitching(parameters, study)
    return study


def _reason(study: Study) -> str:
    return str(study.get("energies", {}).get("reason", ""))


def study_parameters(
    source: str, target: str, method: str, anchors: str, *, energies: bool = True, far: bool = False
) -> Study:
    """What a study is kept under."""
    told = {"source": source, "target": target, "method": method, "anchors": anchors}
    return {**told, "energies": energies, "far": far, "format": FORMAT}


def stitch_at(path: Path, **wanted: Any) -> Study:
    """`stitch` of the atlas at a path: what a process beside the dashboard runs."""
    from platonic_atlas.engine.store import open_atlas

    return stitch(open_atlas(path), **wanted)


def stitch_picture(
    atlas: Atlas,
    *,
    source: str,
    target: str,
    method: Method | str = Method.RIDGE,
    anchors: str | None = None,
    far: bool = False,
) -> tuple[Picture, IntArray]:
    """Where a stitch puts the sites, by the first of the ten splits; and the sites it uses (see `stitch`).

    The readouts of the relative representation translate no features: drawn is what they read, the cosines to the
    anchors of both models.

    Raises
    ------
    InputError
        As `stitch`.
    """
    from platonic_atlas.engine.stitching.picture import picture

    method = chosen(Method, method, "stitching method")
    _check(atlas, source, target)
    anchors = (anchors or default_anchors(atlas, THROUGH)) if method not in DIRECT else None
    parameters = {"source": source, "target": target, "method": method, "anchors": anchors or "", "far": far}
    pair = paired(atlas, source, target, far=far)
    split = pair.split(0)
    if method in (*DIRECT, "anchors"):
        _, translate = _scoring(atlas, pair, parameters)
        assert translate is not None
        return picture(pair.source, translate(split), pair.target, split), pair.sites
    of_source, of_target = relative_pair(atlas, pair, parameters)
    return picture(
        pair.source, of_source - of_source.mean(axis=0) + of_target.mean(axis=0), of_target, split
    ), pair.sites


def _check(atlas: Atlas, source: str, target: str) -> None:
    if source == target:
        raise InputError(
            f"Source and target are both {source!r}.",
            "A stitch leads from one model to another.",
            f"Choose another target: {', '.join(name for name in atlas.models() if name != source) or 'none is embedded yet'}",
        )
    for name in (source, target):
        atlas.present(name)


def _translation_study(atlas: Atlas, pair: Pair, parameters: Study, env_root: Path | None, progress: Progress) -> Study:
    from platonic_atlas.engine.stitching import study

    source, target = str(parameters["source"]), str(parameters["target"])
    score, translate = _scoring(atlas, pair, parameters)
    what = f"{source} → {target}"
    values = study.over_splits(score, pair, part(progress, 0.0, 0.5, what))
    baselines = _baselines(atlas, pair, parameters, part(progress, 0.5, 0.9, f"{what}: controls"))
    split = pair.split(0)
    moved = translate(split) if translate else None
    result = {**{key: parameters[key] for key in ("source", "target", "method", "anchors")}, **_flat(values)}
    result["baselines"] = baselines
    result["curve"] = _curve(atlas, pair, parameters)
    if moved is not None:
        result["elements"] = {str(z): error for z, error in study.by_element(pair, moved, split).items()}
        result["worst"] = [{"structure": i, "error": error} for i, error in study.worst_structures(pair, moved, split)]
    if moved is not None and parameters["energies"]:
        _add_energies(result, atlas, parameters, pair, moved, env_root)
    progress(what, 1.0)
    return result


def _add_energies(
    result: Study, atlas: Atlas, parameters: Study, pair: Pair, features: FloatArray, env_root: Path | None
) -> None:
    """What comes out of the target's readout, for the stitch and for each of its baselines."""
    source, target = str(parameters["source"]), str(parameters["target"])
    baselines = _moved_baselines(atlas, pair, parameters)
    train = pair.split(0).structures
    found = stitched_energies(atlas, source, target, Moved(features, pair.sites), baselines, train, env_root)
    result["energies"], result["energy_mae"] = found, found.get("target_fitted")
    for name, energies in found.get("baselines", {}).items():
        result["baselines"][name]["energy_mae"] = energies["target_fitted"]
        result["baselines"][name]["intervals"]["energy_mae"] = energies["interval"]
    if "intervals" in found and result["energy_mae"] is not None:
        result["intervals"]["energy_mae"] = found["intervals"]["target_fitted"]


def _moved_baselines(atlas: Atlas, pair: Pair, parameters: Study) -> dict[str, Moved]:
    """Name -> the sites of a baseline in the target's space, of the first split."""
    from platonic_atlas.engine.stitching import study

    split, fitted = pair.split(0), _fitted(parameters)
    found = {
        "element means": Moved(study.element_means(pair, split), pair.sites),
        "shuffled pairs": Moved(study.direct_translation(study.shuffled(pair, split), fitted, split), pair.sites),
    }
    for name in _controls(atlas, str(parameters["target"])):
        other = paired(atlas, name, str(parameters["target"]), far=bool(parameters["far"]))
        found[name] = Moved(study.direct_translation(other, fitted, other.split(0)), other.sites)
    return found


def _scoring(
    atlas: Atlas, pair: Pair, parameters: Study
) -> tuple[Callable[[Split], dict[str, Ratio]], Callable[[Split], FloatArray] | None]:
    """How a split is scored, and how its sites are translated where the method translates features."""
    from platonic_atlas.engine.stitching import study

    method = str(parameters["method"])
    if method in DIRECT:
        return partial(study.direct_scores, pair, method), partial(study.direct_translation, pair, method)
    places = relative_pair(atlas, pair, parameters)
    if method == "merge":
        return partial(_merge_scores, pair, *places), None
    translate = _through_anchors(atlas, pair, parameters, places[0])
    return partial(study.given_scores, pair, translate), translate


def _curve(atlas: Atlas, pair: Pair, parameters: Study) -> Study:
    """`r2` over the number of paired sites, or of anchors where the method leads through them."""
    from platonic_atlas.engine.stitching.curves import anchors_curve, pairs_curve

    method = str(parameters["method"])
    if method in DIRECT:
        points, over = pairs_curve(pair, method), "training sites"
    elif method == "anchors":
        relative, n = relative_pair(atlas, pair, parameters)[0], len(atlas.anchors(str(parameters["anchors"])))
        points, over = anchors_curve(pair, _through_anchors(atlas, pair, parameters, relative), n), "anchors"
    else:
        return {"over": "", "points": []}
    return {"over": over, "points": [{key: _number(value) for key, value in vars(point).items()} for point in points]}


def _merge_scores(pair: Pair, source: FloatArray, target: FloatArray, split: Split) -> dict[str, Ratio]:
    """A's relative vectors in the place of B's, read by the nearest of B's sites (cosine, training means removed)."""
    from platonic_atlas.engine.stitching.scores import retrieval

    test = split.test
    centred = [z - z[split.train].mean(axis=0) for z in (source, target)]
    return retrieval(centred[0][test], centred[1][test], pair.numbers[test], pair.structure[test])


def _through_anchors(atlas: Atlas, pair: Pair, parameters: Study, relative: FloatArray) -> Callable[..., FloatArray]:
    """(split, which anchors: all where None) -> translated features."""
    from platonic_atlas.engine.space.relative import anchor_rows
    from platonic_atlas.engine.stitching.translators import AnchorMap, fit_direct

    target = str(parameters["target"])
    moments = atlas.moments(target)
    rows = anchor_rows(atlas.embedding(target), moments, atlas.anchors(str(parameters["anchors"])))
    norms = np.linalg.norm(pair.target, axis=1)[:, None]

    def translate(split: Split, drawn: IntArray | None = None) -> FloatArray:
        norm = fit_direct("ridge", pair.source[split.train], norms[split.train])
        chosen = slice(None) if drawn is None else drawn
        used = AnchorMap(np.asarray(rows, dtype=np.float64)[chosen], moments.mean0, norm)
        return used(relative[:, chosen], pair.source)

    return translate


def _flat(scores: dict[str, Scored]) -> Study:
    """Scores as the command prints them: means, ranges over the splits, intervals."""
    flat: Study = {}
    for name in ("r2", "r2_raw"):
        if name in scores:
            flat |= {name: _number(scores[name].mean), f"{name}_range": [_number(v) for v in scores[name].range]}
    nearest = {name: score for name, score in scores.items() if name not in ("r2", "r2_raw")}
    flat["retrieval"] = {name: score.mean for name, score in nearest.items()}
    flat["retrieval_range"] = {name: list(score.range) for name, score in nearest.items()}
    return flat | {"intervals": {name: [_number(v) for v in score.interval] for name, score in scores.items()}}


def _number(value: Any) -> float | None:
    """NaN as null: JSON has no NaN."""
    return float(value) if np.isfinite(value) else None


def _fitted(parameters: Study) -> str:
    """What baselines are fitted by where the method itself fits nothing."""
    return str(parameters["method"]) if parameters["method"] in DIRECT else "ridge"


def _controls(atlas: Atlas, target: str) -> list[str]:
    return [name for name in atlas.models() if atlas.model_attrs(name).get("control") and name != target]


def _baselines(atlas: Atlas, pair: Pair, parameters: Study, progress: Progress) -> Study:
    """What the same protocol gives where there is nothing to learn from."""
    from platonic_atlas.engine.stitching import study

    target, fitted = str(parameters["target"]), _fitted(parameters)
    found = {
        "element means": _flat(study.over_splits(partial(study.element_mean_scores, pair), pair)),
        "shuffled pairs": _flat(
            study.over_splits(lambda split: study.direct_scores(study.shuffled(pair, split), fitted, split), pair)
        ),
    }
    controls = _controls(atlas, target)
    for done, name in enumerate(controls):
        other = paired(atlas, name, target, far=bool(parameters["far"]))
        found[name] = _flat(study.over_splits(partial(study.direct_scores, other, fitted), other))
        progress("controls", done + 1, len(controls))
    return found
