"""The verb `analogies`: a - b + c in each model and from one to another, beside chance and the answer c."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import seed_of, within
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.analogies import N_ANALOGIES, WHY, analogies_asked, analogies_study
from platonic_atlas.engine.studies.record import AnalogyScores

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def analogies(
    atlas: Atlas, *, models: Sequence[str] = (), anchors: str | None = None, n: int = N_ANALOGIES, seed: int = 0,
    keep: bool = True, progress: Progress = silent,
) -> AnalogyScores:  # fmt: skip
    """Score analogies z(X in B) = z(X in A) - z(Y in A) + z(Y in B) over an atlas.

    models : all of the atlas where empty ; anchors : the default set where None (`platonic_atlas.engine.anchors.default`). Kept with
    the atlas (keep = False: not kept); of all models, until there is a new one.

    Raises
    ------
    UsageError, NotInAtlas
        The number or the seed is none, or the atlas does not hold what is named.
    InputError
        There are no anchors, or no crystals of equal prototype that differ by one element.
    """
    within(n, "analogies", 1)
    seed_of(seed)
    names, chosen = list(models) or atlas.models(), anchors or default_anchors(atlas, WHY)
    for name in names:
        atlas.present(name)
    atlas.anchors(chosen)
    parameters = analogies_asked(models, chosen, n, seed)
    held = kept.find(atlas, AnalogyScores, parameters)
    if held.study is not None:
        return held.study
    kept.say_again(held, "The study of analogies")
    made = kept.made_from(atlas, AnalogyScores, parameters, names, every_control=not models, anchors=chosen)
    found = analogies_study(atlas, names, made, progress)
    if keep:
        kept.keep(atlas, found)
    return found
