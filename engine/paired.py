"""Two models of an atlas side by side: the sites that a stitch uses, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import InputError
from engine.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from engine.stitching.study import Pair
    from engine.store import Atlas


def used_sites(atlas: Atlas, source: str, target: str, far: bool) -> BoolArray:
    """(n_sites,) sites that both models embed, and neither throws far off."""
    from engine.stitching.matrix import far_off

    both = atlas.present(source) & atlas.present(target)
    return both if far else both & ~far_off(atlas.embedding(source)) & ~far_off(atlas.embedding(target))


def left_out(atlas: Atlas, source: str, target: str, far: bool) -> list[int]:
    """Structures with sites that are left out though both models embed them."""
    gone = used_sites(atlas, source, target, True) & ~used_sites(atlas, source, target, far)
    return [int(i) for i in np.unique(atlas.site_structure()[gone])]


def paired(atlas: Atlas, source: str, target: str, far: bool) -> Pair:
    from engine.stitching.study import Pair

    used = used_sites(atlas, source, target, far)
    pair = Pair.of(
        atlas.embedding(source)[used], atlas.embedding(target)[used], atlas.numbers()[used],
        atlas.site_structure()[used], atlas.n_structures,
    )  # fmt: skip
    if not len(pair.source):
        raise InputError(
            f"No site is embedded by both {source} and {target}.",
            "A stitch is fitted on sites that both models embed.",
            "Choose models that know the same elements: platonic models",
        )
    return pair


def relative_of(atlas: Atlas, parameters: Mapping[str, Any]) -> tuple[FloatArray, FloatArray]:
    """Relative representations (n, K) of both models over the sites that both embed."""
    from engine.relative import anchor_rows, relative_representation

    both = used_sites(atlas, str(parameters["source"]), str(parameters["target"]), bool(parameters["far"]))
    found = []
    for name in (str(parameters["source"]), str(parameters["target"])):
        embedding, moments = atlas.embedding(name), atlas.moments(name)
        rows = anchor_rows(embedding, moments, atlas.anchors(parameters["anchors"]))
        found.append(relative_representation(embedding, moments, rows)[both].astype(np.float64))
    return found[0], found[1]
