"""Second moments of the rows of several models side by side: all that an agreement frame needs, whatever the anchors.

The centred unit rows ê of the models stand beside one another, x_i = [ê_1 | ê_2 | …] (D columns), over the sites that
all of them embed. Sums are taken apart for two halves of the structures, so that what is shaped on one can be read on
the other; of the elements only sums are kept, for both kinds of second moments follow from them:

    whole            Σ w x xᵀ/W - x̄ x̄ᵀ
    within elements  Σ w x xᵀ/W - Σ_z s_z s_zᵀ/(ω_z W),   s_z = Σ w x and ω_z = Σ w over the sites of element z
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.relative import row_chunks, site_weights, unit_rows
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

CHUNK = 2048  # sites whose rows of all models are in memory together


@dataclass(frozen=True)
class CrossMoments:
    """Sums over the sites that all of the models embed, apart for two halves of the structures.

    models : in the order of the columns ; columns : model -> its columns among the D
    products : (2, D, D) Σ w x xᵀ of each half ; sums : (2, E, D) Σ w x of each half and element ; weights : (2, E) Σ w
    """

    models: tuple[str, ...]
    columns: Mapping[str, slice]
    products: FloatArray
    sums: FloatArray
    weights: FloatArray

    def covariance(self, halves: Sequence[int] = (0, 1), *, within: bool = False) -> FloatArray:
        """(D, D) of the sites of these halves; `within` with the mean of each element taken away."""
        halves = list(halves)
        weights, sums = self.weights[halves].sum(axis=0), self.sums[halves].sum(axis=0)
        total = weights.sum()
        products = self.products[halves].sum(axis=0) / total
        if not within:
            mean = sums.sum(axis=0) / total
            return np.asarray(products - np.outer(mean, mean))
        used = weights > 0
        return np.asarray(products - (sums[used] / (weights[used] * total)[:, None]).T @ sums[used])


def halves_of(structure: IntArray, n_structures: int) -> BoolArray:
    """(n_sites,) which of two halves of the structures a site belongs to: the same ones always.

    structure : (n_sites,) the structure of each site
    """
    first: BoolArray = np.random.default_rng(0).random(n_structures) < 0.5
    return first[structure]


def cross_moments(
    spaces: Mapping[str, ModelSpace], atomic_numbers: IntArray, half: BoolArray, *, progress: Progress = silent
) -> CrossMoments:
    """Sum over all sites once, chunk by chunk in float64.

    half : (n_sites,) of `halves_of` ; progress : called after each chunk; what it raises ends the run

    Raises
    ------
    InputError
        No site is embedded by all of the models.
    """
    common = np.all([np.isfinite(space.rho) for space in spaces.values()], axis=0)
    if not common.any():
        raise InputError(
            f"No site is embedded by all of {', '.join(spaces)}.",
            "What models share is seen at the sites that all of them embed.",
            "Leave the model out that embeds least; 'platonic status' counts what each embeds.",
        )
    balance = next(iter(spaces.values())).moments.balance
    weights = np.where(common, site_weights(atomic_numbers, np.ones(len(common), dtype=bool), balance), 0.0)
    ends = np.cumsum([0, *(len(space.mean) for space in spaces.values())])
    columns = {model: slice(int(a), int(b)) for model, a, b in zip(spaces, ends[:-1], ends[1:], strict=True)}
    elements, element = np.unique(atomic_numbers, return_inverse=True)
    products, sums = np.zeros((2, ends[-1], ends[-1])), np.zeros((2, len(elements), ends[-1]))
    for chunk in row_chunks(len(common), CHUNK):
        for which in (0, 1):
            sites = np.arange(chunk.start, chunk.stop)[common[chunk] & (half[chunk] == bool(which))]
            x = _side_by_side(spaces, sites)
            weighted = x * weights[sites, None]
            products[which] += x.T @ weighted
            member = np.zeros((len(elements), len(sites)))
            member[element[sites], np.arange(len(sites))] = 1.0
            sums[which] += member @ weighted
        progress("cross moments", chunk.stop, len(common))
    of_elements = np.zeros((2, len(elements)))
    np.add.at(of_elements, (half.astype(int), element), weights)
    return CrossMoments(tuple(spaces), columns, products, sums, of_elements)


def _side_by_side(spaces: Mapping[str, ModelSpace], sites: IntArray) -> FloatArray:
    """x of some sites, (n, D) float64, measured from the mean of each model, so that no digits are lost."""
    return np.hstack([
        unit_rows(space.embedding[sites], space.moments, space.rho[sites], centre=space.centre) - space.mean
        for space in spaces.values()
    ])  # fmt: skip
