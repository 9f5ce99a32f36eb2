"""What is asked about an anchor set and takes its time: each a piece of work by itself, with progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from platonic_atlas.engine.anchors.curve import Curve, agreement_curve
from platonic_atlas.engine.anchors.influence import Influence, influence
from platonic_atlas.engine.choices import Balance, chosen
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.studies.agreement import null_of
from platonic_atlas.engine.studies.anchor_study import side_by_side
from platonic_atlas.engine.types import FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


class Examination(StrEnum):
    """What is asked."""

    CHANCE = "chance"  # λ of shuffled rows
    INFLUENCE = "influence"  # of each anchor
    CURVE = "curve"  # random sets of every size


Found = Influence | Curve | Mapping[str, FloatArray]


def examined(
    atlas: Atlas, what: Examination | str, sites: IntArray, shaping: Sequence[str], *, within: bool, centre: bool,
    layer: str, balance: Balance, draws: int = 5, seed: int = 0, progress: Progress = silent,
) -> Found:  # fmt: skip
    """One examination of the anchors `sites` (K,), of the models of an atlas that have the layer.

    draws : of shuffled rows; random sets are as many as a curve always has
    Returns the null as how rows were shuffled -> (n,) λ of each rank (largest of the draws), an `Influence`, or a `Curve`.
    """
    what = chosen(Examination, what, "examination")
    models = side_by_side(atlas, shaping, within=within, layer=layer, balance=balance, centre=centre,
                          progress=part(progress, 0.0, 0.4, "cross moments"))  # fmt: skip
    rest = part(progress, 0.4, 1.0)
    if what is Examination.CURVE:
        return agreement_curve(models, atlas.controls(), len(sites), seed=seed, progress=rest)
    rows, _ = models.rows(sites)
    if what is Examination.INFLUENCE:
        return influence(models.blocks(rows, others=False), progress=rest)
    return null_of(models.spaces, rows, shaping, atlas, within, draws, seed, rest)
