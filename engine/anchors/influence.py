"""What each anchor does for the agreement of the models: how it changes when the anchor is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.space.anchor_blocks import AnchorBlocks, agreement_of, mean_agreement
from platonic_atlas.engine.types import FloatArray, IntArray

FEWEST = 3  # anchors: without one of them there are still two axes


@dataclass(frozen=True)
class Influence:
    """Agreement with an anchor less the agreement without it.

    mean : (K,) over the shaping models and both axes, as far as both are known: above 0 where the anchor helps
    by_model : model -> (K, 2) along each axis ; shaping : the models of the mean
    """

    shaping: tuple[str, ...]
    mean: FloatArray
    by_model: Mapping[str, FloatArray]

    def order(self) -> IntArray:
        """(K,) the anchors from the one that helps most to the one that harms most."""
        return np.argsort(-self.mean, kind="stable")


def influence(groups: Sequence[AnchorBlocks], *, others: bool = False, progress: Progress = silent) -> Influence:
    """Leave out one anchor after the other.

    groups : of the anchors (`SideBySide.blocks`) ; others : also of the models that do not shape
    progress : called after each anchor; what it raises ends the work

    Raises
    ------
    AnchorError
        Fewer than three anchors.
    """
    first = groups[0]
    shaping, n = first.models[: first.n_shaping], first.n_anchors
    if n < FEWEST:
        raise AnchorError(
            f"{n} anchor{'s have' if n > 1 else ' has'} no influence that could be told.",
            f"Agreement is told along two axes, also without one of the anchors: that takes {FEWEST} of them.",
            "Choose a larger set.",
        )
    whole = agreement_of(groups, others=others)
    mean, changes = np.empty(n), {model: np.empty((n, 2)) for model in whole}
    for anchor in range(n):
        without = agreement_of(groups, first.without(anchor), others=others)
        for model, values in without.items():
            changes[model][anchor] = whole[model] - values
        mean[anchor] = mean_agreement({model: values[anchor] for model, values in changes.items()}, shaping)
        progress("influence of each anchor", anchor + 1, n)
    return Influence(shaping, mean, changes)
