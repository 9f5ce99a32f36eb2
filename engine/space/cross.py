"""Second moments of the rows of several models side by side: all that an agreement frame needs, whatever the anchors.

The centred unit rows ê of the models stand beside one another, x_i = [ê_1 | ê_2 | …] (D columns), over the sites that
all of them embed. Sums are taken apart for two halves of the structures, so that what is shaped on one can be read on
the other; of the elements only sums are kept, for both kinds of second moments follow from them:

    whole            Σ w x xᵀ/W - x̄ x̄ᵀ
    within elements  Σ w x xᵀ/W - Σ_z s_z s_zᵀ/(ω_z W),   s_z = Σ w x and ω_z = Σ w over the sites of element z

The weights are those of all sites of the atlas, so the sums of a pair of models, over the sites that both embed, are the
same whatever other models there are (`PairSums`): sums of a set follow from those of its pairs, less the few sites that
one of the set lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from types import MappingProxyType
from typing import Protocol

import numpy as np

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.relative import row_chunks, site_weights, uncentred_moments, unit_rows
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray, Moments, PairSums

CHUNK = 2048  # sites whose rows are in memory together
Pair = tuple[str, str]


class Rows(Protocol):
    """Rows of a model as they are summed, measured from their mean; a `ModelSpace` has them."""

    @property
    def embedding(self) -> FloatArray: ...
    @property
    def moments(self) -> Moments: ...
    @property
    def mean(self) -> FloatArray: ...
    @property
    def centre(self) -> bool: ...


Load = Callable[[str], Rows]


@dataclass(frozen=True)
class ModelRows:
    """Features of a model and how they become rows, without all else that a `ModelSpace` holds.

    embedding : (n_sites, d) ; mean : (d,) of the rows
    """

    embedding: FloatArray
    moments: Moments
    mean: FloatArray
    centre: bool = True

    @classmethod
    def of(cls, embedding: FloatArray, moments: Moments, atomic_numbers: IntArray, *, centre: bool = True) -> ModelRows:
        mean = moments.mean if centre else uncentred_moments(embedding, moments, atomic_numbers)[0]
        return cls(embedding, moments, mean, centre)


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
        """(D, D) of the sites of these halves; `within` with the mean of each element taken away. NaN of no site."""
        halves = list(halves)
        weights, sums = self.weights[halves].sum(axis=0), self.sums[halves].sum(axis=0)
        total = weights.sum()
        if not total > 0:  # so few structures that one half has none
            return np.full(self.products.shape[1:], np.nan)
        products = self.products[halves].sum(axis=0) / total
        if not within:
            mean = sums.sum(axis=0) / total
            return np.asarray(products - np.outer(mean, mean))
        used = weights > 0
        return np.asarray(products - (sums[used] / (weights[used] * total)[:, None]).T @ sums[used])


@dataclass(frozen=True)
class SiteGroups:
    """What each site of an atlas counts, and for which half and element.

    weights : (n_sites,) of all sites, sum 1 ; half : (n_sites,) 0 or 1 ; element : (n_sites,) 0 … n_elements - 1
    """

    weights: FloatArray
    half: IntArray
    element: IntArray
    n_elements: int

    @classmethod
    def of(cls, atomic_numbers: IntArray, half: BoolArray, balance: Balance) -> SiteGroups:
        """half : (n_sites,) of `halves_of`"""
        elements, element = np.unique(atomic_numbers, return_inverse=True)
        weights = site_weights(atomic_numbers, np.ones(len(atomic_numbers), dtype=bool), balance)
        return cls(weights, half.astype(np.int64), element, len(elements))

    def weighed(self, used: BoolArray) -> FloatArray:
        """(2, E) Σ w over some sites."""
        found = np.zeros((2, self.n_elements))
        np.add.at(found, (self.half[used], self.element[used]), self.weights[used])
        return found


def halves_of(structure: IntArray, n_structures: int) -> BoolArray:
    """(n_sites,) which of two halves of the structures a site belongs to: the same ones always.

    structure : (n_sites,) the structure of each site
    """
    first: BoolArray = np.random.default_rng(0).random(n_structures) < 0.5
    return first[structure]


def pairs_of(models: Iterable[str]) -> list[Pair]:
    """Each model with itself and with those after it."""
    return list(combinations_with_replacement(models, 2))


def cross_moments(
    spaces: Mapping[str, ModelSpace], atomic_numbers: IntArray, half: BoolArray, *, progress: Progress = silent
) -> CrossMoments:
    """Sum over all sites once, chunk by chunk in float64, of models that are in memory.

    half : (n_sites,) of `halves_of` ; progress : called after each chunk; what it raises ends the run

    Raises
    ------
    InputError
        No site is embedded by all of the models.
    """
    common = _common({model: space.rho for model, space in spaces.items()})
    groups = SiteGroups.of(atomic_numbers, half, next(iter(spaces.values())).moments.balance)
    found = _empty({model: len(space.mean) for model, space in spaces.items()}, groups, common)
    _add({pair: _views(found, pair) for pair in pairs_of(spaces)}, groups, spaces, common, progress=progress)
    return _mirrored(found)


def pair_sums(groups: SiteGroups, rows: Mapping[str, Rows], pair: Pair) -> PairSums:
    """The sums of a pair over all sites that both embed.

    rows : of the two, or the one, by their names
    """
    used = np.all([np.isfinite(each.moments.rho) for each in rows.values()], axis=0)
    width = [len(rows[model].mean) for model in pair]
    sums = np.zeros((2, groups.n_elements, width[0])) if pair[0] == pair[1] else None
    found = PairSums(np.zeros((2, *width)), sums)
    _add({pair: found}, groups, rows, used)
    return found


def pair_by_pair(pairs: Iterable[Pair], load: Load, each: Callable[[Pair, Mapping[str, Rows]], None]) -> None:
    """Call `each` with every pair and the rows of its models, of which no more than two are in memory at a time."""
    left = list(pairs)
    while left:
        one = Counter(name for pair in left for name in set(pair)).most_common(1)[0][0]
        _with_one(one, [pair for pair in left if one in pair], load, each)
        left = [pair for pair in left if one not in pair]


def _with_one(one: str, pairs: Sequence[Pair], load: Load, each: Callable[[Pair, Mapping[str, Rows]], None]) -> None:
    held = load(one)

    def with_another(
        pair: Pair,
    ) -> None:  # of its own, so that the rows of the other are let go of before the next are read
        other = pair[1] if pair[0] == one else pair[0]
        each(pair, {one: held, other: held if other == one else load(other)})

    for pair in pairs:
        with_another(pair)


def crossed(
    moments: Mapping[str, Moments], groups: SiteGroups, stored: Callable[[Pair], PairSums | None], load: Load,
    *, held: Mapping[str, Rows] = MappingProxyType({}), progress: Progress = silent,
) -> CrossMoments:  # fmt: skip
    """`cross_moments` of models from the sums of their pairs, with the rows of two models at most in memory besides those
    that are.

    moments : of each model, in the order of the columns
    stored : sums of a pair, names in the order of the columns, None where they are summed here
    load : rows of a model; asked only for what is not stored, and for pairs that embed sites which another model lacks
    held : rows of models that are in memory: what is not stored of these is summed at once

    Raises
    ------
    InputError
        No site is embedded by all of the models.
    """
    common = _common({model: each.rho for model, each in moments.items()})
    found = _empty({model: len(each.mean) for model, each in moments.items()}, groups, common)
    wanted = _wanted(found, moments, common, stored)
    at_once = {pair for pair, (_, sign) in wanted.items() if sign > 0 and held.keys() >= set(pair)}
    done = len(at_once)
    if at_once:
        rows = {model: held[model] for model in moments if any(model in pair for pair in at_once)}
        heard = part(progress, 0.0, done / len(wanted), "cross moments")
        _add({pair: _views(found, pair) for pair in wanted if pair in at_once}, groups, rows, common, progress=heard)

    def add(pair: Pair, rows: Mapping[str, Rows]) -> None:
        nonlocal done
        sites, sign = wanted[pair]
        _add({pair: _views(found, pair)}, groups, rows, sites, sign=sign)
        done += 1
        progress("cross moments", done, len(wanted))

    pair_by_pair([pair for pair in wanted if pair not in at_once], load, add)
    return _mirrored(found)


def _wanted(
    found: CrossMoments, moments: Mapping[str, Moments], common: BoolArray, stored: Callable[[Pair], PairSums | None]
) -> dict[Pair, tuple[BoolArray, float]]:
    """Put what is stored in its place; pair -> sites whose rows are still to be added (1) or to be taken away (-1)."""
    wanted: dict[Pair, tuple[BoolArray, float]] = {}
    for pair in pairs_of(moments):
        beyond = np.isfinite(moments[pair[0]].rho) & np.isfinite(moments[pair[1]].rho) & ~common
        kept = stored(pair) if np.count_nonzero(beyond) <= np.count_nonzero(common) else None
        if kept is None:
            wanted[pair] = common, 1.0
            continue
        _put(_views(found, pair), kept)
        if beyond.any():
            wanted[pair] = beyond, -1.0
    return wanted


def _common(rho: Mapping[str, FloatArray]) -> BoolArray:
    """The sites that all of the models embed; InputError where there is none."""
    common: BoolArray = np.all([np.isfinite(each) for each in rho.values()], axis=0)
    if not common.any():
        raise InputError(
            f"No site is embedded by all of {', '.join(rho)}.",
            "What models share is seen at the sites that all of them embed.",
            "Leave the model out that embeds least; 'platonic status' counts what each embeds.",
        )
    return common


def _empty(widths: Mapping[str, int], groups: SiteGroups, common: BoolArray) -> CrossMoments:
    ends = np.cumsum([0, *widths.values()])
    columns = {model: slice(int(a), int(b)) for model, a, b in zip(widths, ends[:-1], ends[1:], strict=True)}
    products, sums = np.zeros((2, ends[-1], ends[-1])), np.zeros((2, groups.n_elements, ends[-1]))
    return CrossMoments(tuple(widths), columns, products, sums, groups.weighed(common))


def _views(found: CrossMoments, pair: Pair) -> PairSums:
    """Where the sums of a pair stand, above the diagonal."""
    rows, columns = found.columns[pair[0]], found.columns[pair[1]]
    return PairSums(found.products[:, rows, columns], found.sums[:, :, rows] if pair[0] == pair[1] else None)


def _put(into: PairSums, held: PairSums) -> None:
    into.products[:] = held.products
    if into.sums is not None and held.sums is not None:
        into.sums[:] = held.sums


def _mirrored(found: CrossMoments) -> CrossMoments:
    """With what is above the diagonal below it too."""
    for a, b in pairs_of(found.models):
        rows, columns = found.columns[a], found.columns[b]
        found.products[:, columns, rows] = found.products[:, rows, columns].swapaxes(1, 2)
    return found


def _add(
    into: Mapping[Pair, PairSums], groups: SiteGroups, rows: Mapping[str, Rows], used: BoolArray,
    *, sign: float = 1.0, progress: Progress = silent,
) -> None:  # fmt: skip
    """Add what pairs are over some sites to their sums, or take it away."""
    sites = np.flatnonzero(used)
    for chunk in row_chunks(len(sites), CHUNK):
        for which in (0, 1):
            here = sites[chunk][groups.half[sites[chunk]] == which]
            x = {model: _measured(each, here) for model, each in rows.items()}
            weighted = {model: each * (sign * groups.weights[here, None]) for model, each in x.items()}
            member = np.zeros((groups.n_elements, len(here)))
            member[groups.element[here], np.arange(len(here))] = 1.0
            for (a, b), held in into.items():
                held.products[which] += x[a].T @ weighted[b]
                if held.sums is not None:
                    held.sums[which] += member @ weighted[a]
        progress("cross moments", chunk.stop, len(sites))


def _measured(rows: Rows, sites: IntArray) -> FloatArray:
    """x of some sites, (n, d) float64, measured from the mean of the model, so that no digits are lost."""
    rho = rows.moments.rho[sites]
    return unit_rows(rows.embedding[sites], rows.moments, rho, centre=rows.centre) - rows.mean
