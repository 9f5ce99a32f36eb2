"""The verb `agreement`: what the models of an atlas share, and how far each of them and each control agrees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import Balance, chosen, seed_of, within
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.studies.agreement import AgreementStudy, agreement_study, shaping_models
from platonic_atlas.engine.types import READOUT

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def agreement(
    atlas: Atlas,
    *,
    anchors: str | None = None,
    shaping: Sequence[str] | None = None,
    within_elements: bool = False,
    layer: str = READOUT,
    balance: Balance | str = Balance.ELEMENTS,
    draws: int = 5,
    seed: int = 0,
    progress: Progress = silent,
) -> AgreementStudy:
    """λ of the agreement frame beside what shuffled rows give, and the agreement of each model and control.

    λ is the share of the variance along an axis that all shaping models have in common. A model's agreement is the
    correlation of its places with the mean places of the others, along axes that were shaped without it on one half of
    the structures and are read on the other half.

    anchors : the default set where None ; shaping : trained models, those shown by default where None
    within_elements : of what is left when each element's mean place is taken away
    draws, seed : of the shuffled rows; no null is computed where draws is 0

    Raises
    ------
    UsageError
        There is no such balance; a shaping model is a control; a number of draws below 0.
    NotInAtlas
        The atlas does not hold the anchors, a shaping model or the layer.
    InputError
        The atlas has no anchors, or fewer than two trained models.
    AnchorError
        A shaping model does not embed an anchor.
    """
    balance = chosen(Balance, balance, "balance")
    seed_of(seed)
    within(draws, "draws", 0)
    name = anchors or default_anchors(atlas)
    sites = atlas.anchors(name)
    trained = shaping_models(atlas, layer, shaping)
    return agreement_study(atlas, name, sites, trained, within=within_elements, layer=layer, balance=balance,
                           draws=draws, seed=seed, progress=progress)  # fmt: skip
