"""The verb `stitch_all`: every model translated into every other, the ladder of kin, and where controls win."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.readouts import can_run_now
from platonic_atlas.engine.studies.record import AllPairs

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas

METHOD = "ridge-matrix"


def stitch_all(
    atlas: Atlas, *, models: Sequence[str] = (), energies: bool = True, far: bool = False, keep: bool = True,
    env_root: Path | None = None, progress: Progress = silent,
) -> AllPairs:  # fmt: skip
    """Score all pairs by ridge over the ten splits, on the sites that all models embed.

    models : those compared, all of the atlas where empty ; energies : run the readout of each target in its
    environment (the first split) ; far : keep the sites that some model throws far off (`platonic_atlas.engine.stitching.outliers`),
    which decide r² alone in the splits that test them. Kept with the atlas and not computed twice (keep = False: not
    kept).

    Raises
    ------
    InputError
        Fewer than two models, one that is not in the atlas, or no common site.
    """
    names = list(models) or atlas.models()
    for name in names:
        atlas.present(name)
    held = kept.find(atlas, AllPairs, _parameters(names, far, energies))
    if held.study is not None and not _more_energies_now(held.study, env_root):
        return held.study
    if len(names) < 2:
        raise InputError(
            f"{len(names)} model has nothing to be compared with.",
            "Pairs need at least two models.",
            "Embed another: platonic embed ATLAS --model NAME",
        )
    kept.say_again(held, "The study of all pairs")
    from platonic_atlas.engine.studies.all_pairs import all_pairs_study

    made = kept.made_from(atlas, AllPairs, _parameters(names, far, energies), names)
    found = all_pairs_study(atlas, names, made, env_root, progress, far=far, energies=energies)
    if keep:
        kept.keep(atlas, found)
    return found


def _more_energies_now(study: AllPairs, env_root: Path | None) -> bool:
    return any(can_run_now(why, target, env_root) for target, why in (study.no_energies or {}).items())


def stitch_all_at(path: Path, **wanted: Any) -> AllPairs:
    """`stitch_all` of the atlas at a path: what a process beside the dashboard runs."""
    from platonic_atlas.engine.store import open_atlas

    return stitch_all(open_atlas(path), **wanted)


def kept_pairs(atlas: Atlas) -> AllPairs | None:
    """What was computed for all models of an atlas, if it was and holds."""
    found = (kept.find(atlas, AllPairs, _parameters(atlas.models(), False, each)).study for each in (True, False))
    return next((each for each in found if each is not None), None)


def _parameters(names: Sequence[str], far: bool, energies: bool) -> dict[str, Any]:
    return {"method": METHOD, "models": list(names), "far": far, "energies": energies}
