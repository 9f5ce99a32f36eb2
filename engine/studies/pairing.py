"""Two models of an atlas side by side: the sites that a stitch uses, and what is read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.types import FloatArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.study import Pair
    from platonic_atlas.engine.store import Atlas


def paired(atlas: Atlas, source: str, target: str, *, far: bool) -> Pair:
    """The sites that both models embed and, unless `far`, neither throws far off (`platonic_atlas.engine.stitching.outliers`).

    Raises
    ------
    InputError
        There are none.
    """
    from platonic_atlas.engine.stitching.study import Pair

    features = (atlas.embedding(source), atlas.embedding(target))
    pair = Pair.of(*features, atlas.numbers(), atlas.site_structure(), atlas.n_structures, far=far)
    if not len(pair.sites):
        raise InputError(
            f"No site is embedded by both {source} and {target}.",
            "A stitch is fitted on sites that both models embed.",
            "Choose models that know the same elements: platonic models",
        )
    return pair


def left_out(atlas: Atlas, source: str, target: str, pair: Pair) -> list[int]:
    """Structures with sites that both models embed and the pair does not hold."""
    gone = atlas.present(source) & atlas.present(target)
    gone[pair.sites] = False
    return [int(i) for i in np.unique(atlas.site_structure()[gone])]


def relative_of(atlas: Atlas, model: str, anchors: str) -> FloatArray:
    """Relative representation of all sites in one model, (n_sites, K) float64, NaN where it embeds none."""
    from platonic_atlas.engine.space.cosines import cosines_to

    return cosines_to(atlas.embedding(model), atlas.moments(model), atlas.anchors(anchors)).astype(np.float64)
