"""Agreement as the number of anchors grows: what so many anchors drawn at random would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.space.anchor_blocks import agreement_of, mean_agreement
from platonic_atlas.engine.space.side_by_side import SideBySide
from platonic_atlas.engine.types import FloatArray, IntArray

FEWEST, DRAWS = 5, 20
BAND = (5.0, 95.0)  # per cent


@dataclass(frozen=True)
class Curve:
    """Mean agreement of random sets.

    counts : (n,) numbers of anchors ; seed : of the sets, each of which goes on with the one before
    trained : (draws, n) mean over the shaping models and both axes ; controls : (draws, n) over the controls, NaN where
    there are none or nothing is left of them
    """

    counts: IntArray
    trained: FloatArray
    controls: FloatArray
    seed: int

    def median(self) -> tuple[FloatArray, FloatArray]:
        """(n,) of the trained models and of the controls."""
        return np.median(self.trained, axis=0), np.median(self.controls, axis=0)

    def band(self) -> tuple[FloatArray, FloatArray]:
        """(2, n) the 5 % and 95 % of the draws, of the trained models and of the controls."""
        return np.percentile(self.trained, BAND, axis=0), np.percentile(self.controls, BAND, axis=0)


def steps(most: int) -> IntArray:
    """Numbers of anchors of a curve: 5, 10, 20, 40, … and the largest."""
    counts = [FEWEST]
    while 2 * counts[-1] < most:
        counts.append(2 * counts[-1])
    return np.array([*(count for count in counts if count < most), most])


def agreement_curve(
    models: SideBySide, controls: Sequence[str], most: int, *, draws: int = DRAWS, seed: int = 0,
    progress: Progress = silent,
) -> Curve:  # fmt: skip
    """Agreement of random sets of up to so many anchors, drawn among the sites that the shaping models and the controls
    embed, whatever other models lack.

    Of each draw the smaller sets are the first anchors of the largest, so that one set of blocks serves them all.

    controls : those whose mean stands beside, as far as they embed a site with the shaping models ; draws : 1 or more ; progress : called after each draw; what it raises
    ends the work

    Raises
    ------
    AnchorError
        There are not so many sites that all of these models embed.
    """
    told = models.read_with(controls)
    eligible, random = models.embedded(told), np.random.default_rng(seed)
    if not 1 <= most <= len(eligible):
        raise AnchorError(
            f"{most} anchors cannot be drawn: {len(eligible)} sites are embedded by all of {', '.join(told)}.",
            f"A curve ends at a number from 1 to {len(eligible)}.",
            "Remove the model that embeds least, or look at a smaller set of anchors.",
        )
    counts = steps(most)
    trained, beside = np.empty((draws, len(counts))), np.empty((draws, len(counts)))
    for draw in range(draws):
        rows, _ = models.rows(random.choice(eligible, most, replace=False), told)
        blocks = models.blocks(rows)
        for i, count in enumerate(counts):
            found = agreement_of([group.first(int(count)) for group in blocks])
            trained[draw, i] = mean_agreement(found, models.shaping)
            beside[draw, i] = mean_agreement(found, controls)
        progress("random sets", draw + 1, draws)
    return Curve(counts, trained, beside, seed)
