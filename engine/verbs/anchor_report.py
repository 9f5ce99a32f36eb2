"""The verb `anchor_report`: what an anchor set does, beside the controls and, if wanted, beside another set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import Balance, chosen, seed_of, within
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.studies.agreement import shaping_models
from platonic_atlas.engine.studies.anchor_study import AnchorStudy, anchor_study, side_by_side
from platonic_atlas.engine.studies.anchors import chosen_again, kept
from platonic_atlas.engine.types import READOUT

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def anchor_report(
    atlas: Atlas,
    *,
    anchors: str | None = None,
    against: str | None = None,
    reference: str | None = None,
    shaping: Sequence[str] | None = None,
    within_elements: bool = False,
    centre: bool = True,
    influence: bool = False,
    curve: bool = False,
    layer: str = READOUT,
    balance: Balance | str = Balance.ELEMENTS,
    draws: int = 5,
    seed: int = 0,
    progress: Progress = silent,
) -> AnchorStudy:
    """Agreement of each model and control, λ beside shuffled rows, redundancy, coverage, and why each anchor. Nothing is
    kept in the atlas.

    anchors : the default set where None ; against : another set, measured alike and told beside it
    reference : the set chosen again in the space of this model, as it was chosen in its own
    shaping : trained models whose agreement it is, those shown by default where None
    within_elements : of what is left when each element's mean place is taken away ; centre : less the mean of all sites
    influence : also how agreement changes when each anchor is left out
    curve : also the agreement of 20 random sets of each of several sizes up to that of the set
    draws, seed : of the shuffled rows, of which there is none where draws is 0, and of the random sets

    Raises
    ------
    UsageError
        There is no such balance; a shaping model is a control; a number of draws below 0; a set that cannot be chosen
        again in another model's space.
    NotInAtlas
        The atlas does not hold the anchors, a model or the layer.
    InputError
        The atlas has no anchors, or fewer than two trained models.
    AnchorError
        A shaping model does not embed an anchor; fewer than three anchors have no influence.
    """
    balance = chosen(Balance, balance, "balance")
    seed_of(seed)
    within(draws, "draws", 0)
    first = kept(atlas, anchors or default_anchors(atlas))
    beside = None if against is None else kept(atlas, against)
    trained = shaping_models(atlas, layer, shaping)
    if reference is not None:
        first = chosen_again(atlas, first, reference, layer)
    models = side_by_side(atlas, trained, within=within_elements, layer=layer, balance=balance, centre=centre,
                          progress=part(progress, 0.0, 0.3, "cross moments"))  # fmt: skip
    parts = (part(progress, 0.3, 1.0 if beside is None else 0.65), part(progress, 0.65, 1.0))
    found = [
        anchor_study(atlas, models, each, draws=draws, with_influence=influence, with_curve=curve, seed=seed, progress=heard)
        for each, heard in zip((first, beside), parts, strict=True) if each is not None
    ]  # fmt: skip
    return found[0] if len(found) == 1 else replace(found[0], against=found[1])
