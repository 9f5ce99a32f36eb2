"""The verb `stitch_all`: every model translated into every other, the ladder of kin, and where controls win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import InputError
from engine.progress import Tell

if TYPE_CHECKING:
    from engine.stitching.matrix import Matrix
    from engine.store import Atlas

Pairs = dict[str, Any]
METHOD = "ridge-matrix"


def stitch_all(
    atlas: Atlas, *, models: Sequence[str] = (), far: bool = False, keep: bool = True, progress: Tell | None = None
) -> Pairs:  # fmt: skip
    """Score all pairs by ridge over the ten splits, on the sites that all models embed.

    models : those compared, all of the atlas where empty ; far : keep the sites that some model throws far off
    (`engine.stitching.outliers`), which decide r² alone in the splits that test them. Kept with the atlas and not
    computed twice (keep = False:
    not kept). Keys: models, controls, sites, left_out (structures with such sites), scores (r2, r2_raw -> mean, median, low, high: (source, target) nested
    lists, null where nothing is left to explain), ladder, reversals.

    Raises
    ------
    InputError
        Fewer than two models, one that is not in the atlas, or no common site.
    """
    names = list(models) or atlas.models()
    for name in names:
        atlas.present(name)
    parameters = _parameters(names, far)
    if (kept := atlas.stitching(parameters)) is not None:
        return kept
    found = _compute(atlas, names, far, progress)
    if keep:
        atlas.write_stitching(parameters, found)
    return found


def stitch_all_at(path: Path, **wanted: Any) -> Pairs:
    """`stitch_all` of the atlas at a path: what a process beside the dashboard runs."""
    from engine.store import open_atlas

    return stitch_all(open_atlas(path), **wanted)


def kept_pairs(atlas: Atlas) -> Pairs | None:
    """What was computed for all models of an atlas, if it was."""
    return atlas.stitching(_parameters(atlas.models(), far=False))


def _parameters(names: Sequence[str], far: bool) -> Pairs:
    return {"source": "all", "target": "all", "method": METHOD, "models": list(names), "far": far}


def _compute(atlas: Atlas, names: Sequence[str], far: bool, progress: Tell | None) -> Pairs:
    from engine.stitching.matrix import SCORES, ladder, reversals, ridge_matrix
    from engine.stitching.outliers import far_off

    if len(names) < 2:
        raise InputError(
            f"{len(names)} model has nothing to be compared with.",
            "Pairs need at least two models.",
            "Embed another: platonic embed ATLAS --model NAME",
        )
    tell = progress or (lambda what, fraction, seconds=0.0: None)
    attrs = {name: atlas.model_attrs(name, atlas.layers(name)[0]) for name in names}
    controls = frozenset(name for name in names if attrs[name].get("control"))
    features = {name: np.array(atlas.embedding(name)) for name in names}
    left_out = np.logical_or.reduce([far_off(each) for each in features.values()]) & (not far)
    for each in features.values():
        each[left_out] = np.nan
    structure = atlas.site_structure()
    matrix = ridge_matrix(
        features, atlas.numbers(), structure, atlas.n_structures, progress=lambda part: tell("All pairs", part)
    )
    family = {name: str(attrs[name].get("family", name)) for name in names}
    return {
        "models": list(names),
        "controls": sorted(controls),
        "sites": matrix.n_sites,
        "left_out": [int(i) for i in np.unique(structure[left_out])],
        "scores": {score: _table(matrix, score) for score in SCORES},
        "ladder": [asdict(rung) for rung in ladder(matrix, family, controls)],
        "reversals": [asdict(each) for each in reversals(matrix, controls)],
    }


def _table(matrix: Matrix, score: str) -> dict[str, list[list[float | None]]]:
    values = matrix.values[score]
    tables = {"mean": values.mean(axis=0), "median": np.median(values, axis=0), "low": values.min(axis=0), "high": values.max(axis=0)}
    return {
        name: [[float(value) if np.isfinite(value) else None for value in row] for row in table]
        for name, table in tables.items()
    }
