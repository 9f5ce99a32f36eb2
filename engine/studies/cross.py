"""Cross moments of models of an atlas: what is kept with it is read, what is missing is summed pair by pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.errors import AtlasError, NotInAtlas
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.types import READOUT, PairSums

if TYPE_CHECKING:
    from platonic_atlas.engine.space.cross import CrossMoments, Load, Rows, SiteGroups
    from platonic_atlas.engine.store import Atlas
    from platonic_atlas.engine.store.crossed import Features

Pair = tuple[str, str]


def cross_of(
    atlas: Atlas, models: Sequence[str], layer: str = READOUT, balance: Balance = Balance.ELEMENTS, *,
    centre: bool = True, spaces: Mapping[str, Rows] = MappingProxyType({}), progress: Progress = silent,
) -> CrossMoments:  # fmt: skip
    """Cross moments of models over the sites that all of them embed; nothing is stored.

    In memory are the result and, besides `spaces`, the features of two models at most; none where all is kept.

    centre : of ê; without it of r, which are summed each time
    spaces : models that are in memory already, with the same centring, layer and balance: what is not kept of these is
        summed at once

    Raises
    ------
    InputError
        No site is embedded by all of the models.
    NotInAtlas
        The atlas does not hold a model or the layer.
    AtlasError
        What is kept is damaged.
    """
    from platonic_atlas.engine.space.cross import crossed

    moments = {m: spaces[m].moments if m in spaces else atlas.moments(m, layer, balance) for m in models}
    now = _now(atlas, models, layer)

    def stored(pair: Pair) -> PairSums | None:
        return atlas.cross_sums(layer, balance, pair, now) if centre else None

    load = rows_in(atlas, layer, balance, spaces, centre=centre)
    return crossed(moments, _groups(atlas, balance), stored, load, held=spaces, progress=progress)


def keep_cross(atlas: Atlas, layers: Iterable[str], *, progress: Progress = silent) -> int:
    """Sum and keep what is missing, stale or damaged of the pairs of all models at some layers; returns how many pairs.

    Killed in between, the same call goes on.
    """
    wanted = [(layer, balance, _missing(atlas, layer, balance)) for layer in layers for balance in Balance]
    wanted = [each for each in wanted if each[2]]
    total, kept = sum(len(missing) for _, _, missing in wanted), 0
    for layer, balance, missing in wanted:
        _keep(atlas, layer, balance, missing, part(progress, kept / total, (kept + len(missing)) / total))
        kept += len(missing)
    return kept


def _keep(atlas: Atlas, layer: str, balance: Balance, missing: Sequence[Pair], progress: Progress) -> None:
    from platonic_atlas.engine.space.cross import pair_by_pair, pair_sums

    groups, now = _groups(atlas, balance), _now(atlas, {name for pair in missing for name in pair}, layer)
    done = 0

    def keep(pair: Pair, rows: Mapping[str, Rows]) -> None:
        nonlocal done
        atlas.write_cross_sums(layer, balance, pair, pair_sums(groups, rows, pair), now)
        done += 1
        progress("cross moments", done, len(missing))

    pair_by_pair(missing, rows_in(atlas, layer, balance), keep)


def _missing(atlas: Atlas, layer: str, balance: Balance) -> list[Pair]:
    """Pairs, in alphabetical order, of which no sums are kept that hold, of models with moments."""
    from platonic_atlas.engine.space.cross import pairs_of

    models = [model for model in sorted(atlas.models()) if layer in atlas.layers(model)]
    models = [model for model in models if _has_moments(atlas, model, layer, balance)]
    now = _now(atlas, models, layer)
    return [pair for pair in pairs_of(models) if not _is_whole(atlas, layer, balance, pair, now)]


def _is_whole(atlas: Atlas, layer: str, balance: Balance, pair: Pair, now: Mapping[str, Features]) -> bool:
    try:
        return atlas.cross_sums(layer, balance, pair, now) is not None
    except AtlasError:  # damaged: made again
        return False


def _has_moments(atlas: Atlas, model: str, layer: str, balance: Balance) -> bool:
    """Not of a model that another process is just adding."""
    try:
        atlas.moments(model, layer, balance)
    except NotInAtlas:
        return False
    return True


def _now(atlas: Atlas, models: Iterable[str], layer: str) -> dict[str, Features]:
    return {model: atlas.features(model, layer) for model in models}


def _groups(atlas: Atlas, balance: Balance) -> SiteGroups:
    from platonic_atlas.engine.space.cross import SiteGroups, halves_of

    half = halves_of(atlas.site_structure(), atlas.n_structures)
    return SiteGroups.of(atlas.numbers(), half, balance)


def rows_in(
    atlas: Atlas, layer: str, balance: Balance, held: Mapping[str, Rows] = MappingProxyType({}), *, centre: bool = True
) -> Load:
    """Rows of models of an atlas as they are asked for, kept nowhere; held : models that are in memory already."""
    from platonic_atlas.engine.space.cross import ModelRows

    def read(model: str) -> Rows:
        if model in held:
            return held[model]
        moments = atlas.moments(model, layer, balance)
        return ModelRows.of(atlas.embedding(model, layer), moments, atlas.numbers(), centre=centre)

    return read
