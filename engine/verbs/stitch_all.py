"""The verb `stitch_all`: every model translated into every other, the ladder of kin, and where controls win."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.all_pairs import all_pairs_study, more_energies_now, pairs_asked
from platonic_atlas.engine.studies.record import AllPairs

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def stitch_all(
    atlas: Atlas, *, models: Sequence[str] = (), energies: bool = True, far: bool = False, keep: bool = True,
    trust_weights: bool = False, env_root: Path | None = None, progress: Progress = silent,
) -> AllPairs:  # fmt: skip
    """Score all pairs by ridge over the ten splits, on the sites that all models embed.

    models : those compared, all of the atlas where empty ; energies : run the readout of each target in its
    environment (the first split) ; far : keep the sites that some model throws far off (`platonic_atlas.engine.stitching.outliers`),
    which decide r² alone in the splits that test them ; trust_weights : run readouts whose files the catalogue does not
    know. Kept with the atlas and not computed twice (keep = False: not kept); of all models, until there is a new one.

    Raises
    ------
    InputError
        Fewer than two models, one that is not in the atlas, or no common site.

    A readout that is here and fails (its worker died or hung, or its weights are damaged or not trusted) leaves its target
    without energies, and says why; the same request tries it again.
    """
    names = list(models) or atlas.models()
    for name in names:
        atlas.present(name)
    parameters = pairs_asked(models, far=far, energies=energies)
    held = kept.find(atlas, AllPairs, parameters)
    if held.study is not None and not more_energies_now(held.study, env_root):
        return held.study
    if len(names) < 2:
        raise InputError(
            f"{len(names)} model has nothing to be compared with.",
            "Pairs need at least two models.",
            "Embed another: platonic embed ATLAS --model NAME",
        )
    kept.say_again(held, "The study of all pairs")
    made = kept.made_from(atlas, AllPairs, parameters, names, every_control=not models)
    found = all_pairs_study(
        atlas, names, made, env_root, progress, far=far, energies=energies, trust_weights=trust_weights
    )
    if keep:
        kept.keep(atlas, found)
    return found
