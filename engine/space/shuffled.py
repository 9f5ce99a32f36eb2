"""How much models seem to share when their sites are shuffled: the λ that chance, or composition, gives.

Each model's rows change places, each model's by a permutation of its own, over all sites or only among those of one
element; what then is shared is chance, or what the elements alone bring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np

from platonic_atlas.engine.choices import chosen
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.space.agreement import AXES, scaled_rows, shares
from platonic_atlas.engine.space.cross import CHUNK
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.relative import row_chunks, site_weights, unit_rows
from platonic_atlas.engine.types import FloatArray, IntArray

DRAWS = 5


class Shuffle(StrEnum):
    """Among which sites rows change places."""

    ALL_SITES = "all_sites"
    WITHIN_ELEMENTS = "within_elements"


def shuffled_shares(
    spaces: Mapping[str, ModelSpace], rows: Mapping[str, FloatArray], shaping: Sequence[str], atomic_numbers: IntArray,
    shuffle: Shuffle, *, within: bool = False, draws: int = DRAWS, seed: int = 0, progress: Progress = silent,
) -> FloatArray:  # fmt: skip
    """λ of the first axes of each draw, (draws, n), over the sites that all shaping models embed.

    rows : model -> (K, d) anchor rows ; within : of the frame within elements ; progress : after each draw
    """
    shuffle = chosen(Shuffle, shuffle, "shuffle")
    random = np.random.default_rng(seed)
    common = np.flatnonzero(np.all([np.isfinite(spaces[name].rho) for name in shaping], axis=0))
    scaled = scaled_rows({name: rows[name] for name in shaping}, spaces, within=within)
    weights = site_weights(atomic_numbers, np.ones(len(atomic_numbers), dtype=bool), spaces[shaping[0]].moments.balance)
    found = []
    for draw in range(draws):
        moved = {name: _permuted(common, atomic_numbers, shuffle, random) for name in shaping}
        common_part, each = _covariances(spaces, scaled, moved, common, weights / weights[common].sum(), atomic_numbers, within)  # fmt: skip
        found.append(shares(common_part, each, min(AXES, len(each)))[0])
        progress("shuffled", draw + 1, draws)
    return np.stack(found)


def _permuted(sites: IntArray, numbers: IntArray, shuffle: Shuffle, random: np.random.Generator) -> IntArray:
    """The site whose row stands in the place of each."""
    if shuffle is Shuffle.ALL_SITES:
        return np.asarray(random.permutation(sites))
    moved = sites.copy()
    for z in np.unique(numbers[sites]):
        of = numbers[sites] == z
        moved[of] = random.permutation(sites[of])
    return moved


def _covariances(
    spaces: Mapping[str, ModelSpace], scaled: Mapping[str, FloatArray], moved: Mapping[str, IntArray], sites: IntArray,
    weights: FloatArray, numbers: IntArray, within: bool,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Cov(ȳ) and the mean of the Cov(y_m), (K, K) each, with the rows where they were moved to."""
    elements, element = np.unique(numbers[sites], return_inverse=True)
    if not within:
        elements, element = elements[:1], np.zeros(len(sites), dtype=np.int64)
    n_anchors = len(next(iter(scaled.values())))
    names = [*scaled, ""]  # the last one is the mean over the models
    products, sums = np.zeros((len(names), n_anchors, n_anchors)), np.zeros((len(names), len(elements), n_anchors))
    for chunk in row_chunks(len(sites), CHUNK):
        weight = weights[sites[chunk]]
        member = np.zeros((len(elements), len(weight)))
        member[element[chunk], np.arange(len(weight))] = weight
        places = [_places(spaces[name], scaled[name], moved[name][chunk]) for name in scaled]
        for i, y in enumerate([*places, np.mean(places, axis=0)]):
            products[i] += (y * weight[:, None]).T @ y
            sums[i] += member @ y
    of_element = np.bincount(element, weights[sites], len(elements))
    covariances = products - np.einsum("mzk,z,mzl->mkl", sums, 1 / of_element, sums, optimize=True)
    return covariances[-1], covariances[:-1].mean(axis=0)


def _places(space: ModelSpace, scaled: FloatArray, sites: IntArray) -> FloatArray:
    """y of some sites, (n, K) float64."""
    x = unit_rows(space.embedding[sites], space.moments, space.rho[sites], centre=space.centre) - space.mean
    return x @ scaled.T
