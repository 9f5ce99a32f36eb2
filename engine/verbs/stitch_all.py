"""The verb `stitch_all`: every model translated into every other, the ladder of kin, and where controls win."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.studies.readouts import Moved, can_run_now, errors_to_target
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.matrix import Matrix
    from platonic_atlas.engine.store import Atlas

Pairs = dict[str, Any]
METHOD = "ridge-matrix"
FORMAT = 3  # of what is kept: another is computed again


def stitch_all(
    atlas: Atlas, *, models: Sequence[str] = (), energies: bool = True, far: bool = False, keep: bool = True,
    env_root: Path | None = None, progress: Progress = silent,
) -> Pairs:  # fmt: skip
    """Score all pairs by ridge over the ten splits, on the sites that all models embed.

    models : those compared, all of the atlas where empty ; energies : run the readout of each target in its
    environment (the first split) ; far : keep the sites that some model throws far off (`platonic_atlas.engine.stitching.outliers`),
    which decide r² alone in the splits that test them. Kept with the atlas and not computed twice (keep = False: not
    kept). Keys: models, controls, sites, left_out (structures with such sites), scores (r2, r2_raw, atom_at_1,
    element_at_1, structure_at_1 and, with energies, energy_mae [eV/atom] -> mean, median, low, high: (source, target)
    nested lists, null where there is none; of energy_mae mean and median are over crystals, low and high the interval
    of the mean), reasons (target -> why it has no energies), ladder, reversals.

    Raises
    ------
    InputError
        Fewer than two models, one that is not in the atlas, or no common site.
    """
    names = list(models) or atlas.models()
    for name in names:
        atlas.present(name)
    parameters = _parameters(names, far, energies)
    if (kept := atlas.stitching(parameters)) is not None and not _more_energies_now(kept, env_root):
        return kept
    if len(names) < 2:
        raise InputError(
            f"{len(names)} model has nothing to be compared with.",
            "Pairs need at least two models.",
            "Embed another: platonic embed ATLAS --model NAME",
        )
    features, left_out = _features(atlas, names, far)
    found = _compute(atlas, features, left_out, part(progress, 0.0, 0.8 if energies else 1.0, "All pairs"))
    if energies:
        _add_energies(found, atlas, features, env_root, part(progress, 0.8, 1.0, "All pairs: energies"))
    if keep:
        atlas.write_stitching(parameters, found)
    return found


def _more_energies_now(kept: Pairs, env_root: Path | None) -> bool:
    return any(can_run_now(reason, target, env_root) for target, reason in kept.get("reasons", {}).items())


def stitch_all_at(path: Path, **wanted: Any) -> Pairs:
    """`stitch_all` of the atlas at a path: what a process beside the dashboard runs."""
    from platonic_atlas.engine.store import open_atlas

    return stitch_all(open_atlas(path), **wanted)


def kept_pairs(atlas: Atlas) -> Pairs | None:
    """What was computed for all models of an atlas, if it was."""
    found = (atlas.stitching(_parameters(atlas.models(), far=False, energies=each)) for each in (True, False))
    return next((each for each in found if each is not None), None)


def _parameters(names: Sequence[str], far: bool, energies: bool) -> Pairs:
    told = {"source": "all", "target": "all", "method": METHOD, "models": list(names)}
    return {**told, "far": far, "energies": energies, "format": FORMAT}


def _compute(atlas: Atlas, features: dict[str, FloatArray], left_out: BoolArray, progress: Progress) -> Pairs:
    from platonic_atlas.engine.stitching.matrix import SCORES, ladder, reversals, ridge_matrix

    names = list(features)
    attrs = {name: atlas.model_attrs(name, atlas.layers(name)[0]) for name in names}
    controls = frozenset(name for name in names if attrs[name].get("control"))
    structure = atlas.site_structure()
    matrix = ridge_matrix(features, atlas.numbers(), structure, atlas.n_structures, progress=progress)
    family = {name: str(attrs[name].get("family", name)) for name in names}
    return {
        "models": names,
        "controls": sorted(controls),
        "sites": matrix.n_sites,
        "left_out": [int(i) for i in np.unique(structure[left_out])],
        "scores": {score: _table(matrix, score) for score in SCORES},
        "ladder": [asdict(rung) for rung in ladder(matrix, family, controls)],
        "reversals": [asdict(each) for each in reversals(matrix, controls)],
    }


def _features(atlas: Atlas, names: Sequence[str], far: bool) -> tuple[dict[str, FloatArray], BoolArray]:
    """Model -> (n_sites, d), NaN where it embeds no site or, unless `far`, some model throws it far off; and these sites."""
    from platonic_atlas.engine.stitching.outliers import far_off

    features = {name: np.array(atlas.embedding(name)) for name in names}
    left_out = np.logical_or.reduce([far_off(each) for each in features.values()]) & (not far)
    for each in features.values():
        each[left_out] = np.nan
    return features, left_out


def _add_energies(
    found: Pairs, atlas: Atlas, features: dict[str, FloatArray], env_root: Path | None, progress: Progress
) -> None:
    """The error of energies of every source into every trained target, by the first split."""
    names = found["models"]
    sites = np.flatnonzero(np.logical_and.reduce([np.isfinite(each).all(axis=1) for each in features.values()]))
    rows = {name: each[sites].astype(np.float64) for name, each in features.items()}
    table: dict[str, list[list[float | None]]] = {
        key: [[None] * len(names) for _ in names] for key in ("mean", "median", "low", "high")
    }
    found["reasons"] = {}
    targets = [name for name in names if name not in found["controls"]]
    for done, target in enumerate(targets):
        errors = _energies_into(atlas, target, rows, sites, env_root)
        if isinstance(errors, str):
            found["reasons"][target] = errors
        else:
            for source, error in errors.items():
                _enter(table, names.index(source), names.index(target), error)
        progress("energies", done + 1, len(targets))
    found["scores"]["energy_mae"] = table


def _energies_into(
    atlas: Atlas, target: str, rows: Mapping[str, FloatArray], sites: IntArray, env_root: Path | None
) -> dict[str, dict[str, Any]] | str:
    from platonic_atlas.engine.stitching.splits import split_by_structure
    from platonic_atlas.engine.stitching.translators import fit_direct

    split = split_by_structure(atlas.site_structure()[sites], atlas.n_structures, 0)
    wanted = rows[target][split.train]
    moved = {name: Moved(fit_direct("ridge", each[split.train], wanted)(each), sites) for name, each in rows.items()}
    return errors_to_target(atlas, target, moved, split.structures, env_root)


def _enter(table: dict[str, list[list[float | None]]], i: int, j: int, error: dict[str, Any]) -> None:
    low, high = error["interval"]
    for key, value in (("mean", error["target_fitted"]), ("median", error["median"]), ("low", low), ("high", high)):
        table[key][i][j] = value


def _table(matrix: Matrix, score: str) -> dict[str, list[list[float | None]]]:
    values = matrix.values[score]
    tables = {
        "mean": values.mean(axis=0),
        "median": np.median(values, axis=0),
        "low": values.min(axis=0),
        "high": values.max(axis=0),
    }
    return {
        name: [[float(value) if np.isfinite(value) else None for value in row] for row in table]
        for name, table in tables.items()
    }
