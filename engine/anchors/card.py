"""Why this anchor: what it is, where it sits, what is like it, and for how many sites it is the nearest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.elements import table
from platonic_atlas.engine.types import FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.space.frames import ModelSpace
    from platonic_atlas.engine.store import Atlas

ENVIRONMENT = ("coordination", "prototype", "spacegroup", "wyckoff")  # labels, as far as the atlas has them
NEAREST = 5
TOGETHER = 64  # anchors whose cosines to all sites are in memory at once


@dataclass(frozen=True)
class AnchorCard:
    """What is told of an anchor.

    environment : label -> value, of those that the atlas has ; crystal : its id ; structure, atom : where it lies
    nearest : (site, cosine) of the sites most like it in the model in whose space the anchors are seen, best first
    n_nearest : to how many sites of that model it is the nearest anchor, itself among them
    """

    site: int
    element: str
    formula: str
    environment: Mapping[str, str]
    crystal: str
    source: str
    structure: int
    nearest: tuple[tuple[int, float], ...]
    n_nearest: int


def anchor_cards(
    atlas: Atlas, sites: IntArray, nearest: tuple[IntArray, FloatArray], counts: IntArray
) -> tuple[AnchorCard, ...]:
    """The cards of some anchors.

    sites : (K,) ; nearest : of `nearest_to` ; counts : (K,) of `Coverage.counts`
    """
    structure = atlas.site_structure()[sites]
    words = {name: atlas.structure_field(name)[structure] for name in ("formula", "id", "source")}
    symbols = table().symbol[atlas.numbers()[sites]]
    labels = {name: atlas.label(name)[sites] for name in ENVIRONMENT if name in atlas.label_names()}
    return tuple(
        AnchorCard(
            site=int(site), element=str(symbols[i]), formula=str(words["formula"][i]),
            environment={name: str(values[i]) for name, values in labels.items()},
            crystal=str(words["id"][i]), source=str(words["source"][i]), structure=int(structure[i]),
            nearest=tuple((int(s), float(c)) for s, c in zip(nearest[0][i], nearest[1][i], strict=True) if s >= 0),
            n_nearest=int(counts[i]),
        )
        for i, site in enumerate(sites)
    )  # fmt: skip


def nearest_to(space: ModelSpace, rows: FloatArray, sites: IntArray, k: int = NEAREST) -> tuple[IntArray, FloatArray]:
    """(K, k) the sites most like each anchor, itself left out, best first, and their cosines; -1 where there are fewer.

    space : a model's `ModelSpace` ; rows : (K, d) of the anchors `sites` (K,)
    """
    from platonic_atlas.engine.space.relative import relative_representation

    found, cosines = np.full((len(sites), k), -1), np.full((len(sites), k), np.nan)
    for start in range(0, len(sites), TOGETHER):
        part = slice(start, start + TOGETHER)
        cosine = relative_representation(space.embedding, space.moments, rows[part], centre=space.centre).T
        np.nan_to_num(cosine, copy=False, nan=-np.inf)
        cosine[np.arange(len(cosine)), sites[part]] = -np.inf
        best = _largest(cosine, min(k, cosine.shape[1]))
        values = np.take_along_axis(cosine, best, axis=1)
        held = np.isfinite(values)
        found[part, : best.shape[1]] = np.where(held, best, -1)
        cosines[part, : best.shape[1]] = np.where(held, values, np.nan)
    return found, cosines


def _largest(values: FloatArray, k: int) -> IntArray:
    """(K, k) places of the largest of each row, largest first."""
    best = np.argpartition(-values, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(values, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)
