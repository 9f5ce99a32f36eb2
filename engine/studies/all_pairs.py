"""The study of all pairs: a matrix of scores, the ladder of kin, reversals, and energies into every trained target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.progress import Progress, part
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.readouts import Moved, can_run_now, errors_to_target
from platonic_atlas.engine.studies.record import AllPairs, EnergyError, NoEnergies, Reason, Table
from platonic_atlas.engine.studies.written import finite
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas
    from platonic_atlas.engine.store.made_from import MadeFrom

METHOD = "ridge-matrix"
#: Of a target, translations into it and the crystals that these were fitted on.
ErrorsOf = Callable[[str, Mapping[str, Moved], BoolArray], dict[str, EnergyError] | NoEnergies]


def pairs_asked(models: Sequence[str], *, far: bool, energies: bool) -> dict[str, Any]:
    """The parameters of a study of all pairs, of all models where none is named."""
    return {"method": METHOD, "models": kept.of_models(models), "far": far, "energies": energies}


def kept_pairs(atlas: Atlas) -> AllPairs | None:
    """What was computed for all models of an atlas, if it was and holds."""
    found = (kept.find(atlas, AllPairs, pairs_asked((), far=False, energies=each)).study for each in (True, False))
    return next((each for each in found if each is not None), None)


def more_energies_now(study: AllPairs, env_root: Path | None) -> bool:
    """Whether a kept study lacks energies that could be had here by now."""
    return any(can_run_now(why, target, env_root) for target, why in (study.no_energies or {}).items())


def all_pairs_study(
    atlas: Atlas, names: Sequence[str], made: MadeFrom, env_root: Path | None, progress: Progress, *, far: bool, energies: bool,
    trust_weights: bool = False,
) -> AllPairs:  # fmt: skip
    """Every model named into every other, on the sites that all of them embed."""
    features, left_out = _features(atlas, names, far)
    found = _matrix(atlas, features, left_out, made, part(progress, 0.0, 0.8 if energies else 1.0, "All pairs"))
    if not energies:
        return found
    told = part(progress, 0.8, 1.0, "All pairs: energies")
    errors = partial(errors_to_target, atlas, env_root=env_root, trust_weights=trust_weights)
    return found.with_energies(*_energies(atlas, features, found.controls, errors, told))


def _features(atlas: Atlas, names: Sequence[str], far: bool) -> tuple[dict[str, FloatArray], BoolArray]:
    """Model -> (n_sites, d), NaN where it embeds no site or, unless `far`, some model throws it far off; and these sites."""
    from platonic_atlas.engine.stitching.outliers import far_off

    features = {name: np.array(atlas.embedding(name)) for name in names}
    left_out = np.logical_or.reduce([far_off(each) for each in features.values()]) & (not far)
    for each in features.values():
        each[left_out] = np.nan
    return features, left_out


def _matrix(
    atlas: Atlas, features: dict[str, FloatArray], left_out: BoolArray, made: MadeFrom, progress: Progress
) -> AllPairs:
    from platonic_atlas.engine.stitching.matrix import SCORES, ladder, reversals, ridge_matrix

    names, structure = list(features), atlas.site_structure()
    attrs = {name: atlas.model_attrs(name, atlas.layers(name)[0]) for name in names}
    controls = frozenset(name for name in names if attrs[name].get("control"))
    matrix = ridge_matrix(features, atlas.numbers(), structure, atlas.n_structures, progress=progress)
    family = {name: str(attrs[name].get("family", name)) for name in names}
    return AllPairs(
        models=tuple(names),
        controls=tuple(sorted(controls)),
        sites=matrix.n_sites,
        left_out=tuple(int(i) for i in np.unique(structure[left_out])),
        scores={score: _over_splits(matrix.values[score]) for score in SCORES},
        ladder=tuple(ladder(matrix, family, controls)),
        reversals=tuple(reversals(matrix, controls)),
        made_from=made,
    )


def _over_splits(values: FloatArray) -> Table:
    """values : (n_splits, n_sources, n_targets)"""
    return Table(
        _rows(values.mean(axis=0)),
        _rows(np.median(values, axis=0)),
        _rows(values.min(axis=0)),
        _rows(values.max(axis=0)),
    )


def _rows(table: FloatArray) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(map(finite, row)) for row in table)


def _energies(
    atlas: Atlas, features: dict[str, FloatArray], controls: Sequence[str], errors_of: ErrorsOf, progress: Progress
) -> tuple[Table, dict[str, NoEnergies]]:
    """The error of energies of every source into every trained target, by the first split; and why some have none."""
    names = list(features)
    sites = np.flatnonzero(np.logical_and.reduce([np.isfinite(each).all(axis=1) for each in features.values()]))
    rows = {name: each[sites].astype(np.float64) for name, each in features.items()}
    mean, median, low, high = tables = [np.full((len(names), len(names)), np.nan) for _ in range(4)]
    missing: dict[str, NoEnergies] = {}
    targets = [name for name in names if name not in controls]
    for done, target in enumerate(targets):
        try:
            errors = _energies_into(atlas, target, rows, sites, errors_of)
        except ModelError as failed:  # it died, hung, or is not trusted: minutes of scores are not lost for it
            errors = NoEnergies(Reason.FAILED, f"No energies: {failed.happened.splitlines()[0]}")
        if isinstance(errors, NoEnergies):
            missing[target] = errors
        else:
            for source, error in errors.items():
                cell = names.index(source), names.index(target)
                mean[cell], median[cell], (low[cell], high[cell]) = error.value, error.median, error.interval
        progress("energies", done + 1, len(targets))
    return Table(*map(_rows, tables)), missing


def _energies_into(
    atlas: Atlas, target: str, rows: Mapping[str, FloatArray], sites: IntArray, errors_of: ErrorsOf
) -> dict[str, EnergyError] | NoEnergies:
    from platonic_atlas.engine.stitching.splits import split_by_structure
    from platonic_atlas.engine.stitching.translators import fit_direct

    split = split_by_structure(atlas.site_structure()[sites], atlas.n_structures, 0)
    wanted = rows[target][split.train]
    moved = {name: Moved(fit_direct("ridge", each[split.train], wanted)(each), sites) for name, each in rows.items()}
    return errors_of(target, moved, split.structures)
