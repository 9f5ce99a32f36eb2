"""Colouring by what turning a crystal changes: nothing in most potentials, the more the less their symmetry is built in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings import palettes as colours
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.colourings.scheme import Scheme, Seen
from platonic_atlas.engine.types import FloatArray

NAME, TITLE, UNIT = "rotation_spread", "Change when turned", "of length"


def offered(data: AtlasData) -> bool:
    """Whether the atlas holds a model in which it was measured."""
    return data.keep("any rotation spread", lambda: any(_measured(data, model) for model in data.models))


def spread(data: AtlasData, model: str, layer: str) -> FloatArray | None:
    """(n_sites,) spread over the orientations relative to the length of the mean, zero for a model that is invariant.

    NaN where the model does not embed a site; None where it is not invariant and was seen in one orientation only.
    """
    return data.keep(("rotation spread", model, layer), lambda: _spread(data, model, layer))


def _spread(data: AtlasData, model: str, layer: str) -> FloatArray | None:
    layer = data.layer_of(model, layer)
    if data.atlas.model_attrs(model, layer).get("symmetry") != "none":
        return np.where(data.present(model, layer), 0.0, np.nan)
    return data.atlas.extra(model, NAME, layer)


@dataclass(frozen=True)
class Colours(Request[Colouring]):
    """Each map by its own model's values on one scale; the consensus by the mean of the trained models that change."""

    models: tuple[str, ...]
    layer: str
    dark: bool

    def make(self, data: AtlasData) -> Colouring:
        return _colouring(data, self.models, self.layer, self.dark)


def _colouring(data: AtlasData, models: Sequence[str], layer: str, dark: bool) -> Colouring:
    found = {model: spread(data, model, layer) for model in models}
    values = {model: np.full(data.n_sites, np.nan) if v is None else v for model, v in found.items()}
    changing = [values[model] for model in data.trained(changing_models(data, models, layer))]
    return colours.by_value_of_models(data.numbers, values, _mean(changing, data.n_sites), TITLE, dark=dark, unit=UNIT)


def _mean(values: Sequence[FloatArray], n_sites: int) -> FloatArray:
    """(n_sites,) mean of those that are known, NaN where none is."""
    if not values:
        return np.full(n_sites, np.nan)
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def changing_models(data: AtlasData, models: Sequence[str], layer: str) -> list[str]:
    """Those in which the change was measured."""
    return [model for model in models if _measured(data, model, data.layer_of(model, layer))]


def _measured(data: AtlasData, model: str, layer: str | None = None) -> bool:
    layers = [layer] if layer else data.layers(model)
    return any(data.atlas.extra(model, NAME, each) is not None for each in layers)


def words(data: AtlasData, models: Sequence[str], layer: str, *, consensus: bool = True) -> str:
    """What the colours mean, for which of the models they are zero, and for which they are not known.

    consensus : whether the consensus is coloured like the maps
    """
    changing = changing_models(data, models, layer)
    known = {model: spread(data, model, layer) is not None for model in models}
    zero = [model for model in models if known[model] and model not in changing]
    parts = ["The colour is the spread of an atom's features over several orientations of its crystal."]
    if zero:
        parts.append(f"It is zero in {_names(data, zero)}: turning changes nothing there.")
    if changing:
        parts.append(f"It varies in {_names(data, changing)}, not invariant.")
    if consensus:
        shaping = data.trained(changing)
        parts.append(
            f"The consensus shows {'their mean' if len(shaping) > 1 else f'that of {_names(data, shaping)}'}."
            if shaping
            else "The consensus is grey, for no trained model shown changes."
        )
    if unknown := [model for model in models if not known[model]]:
        parts.append(f"It was not measured in {_names(data, unknown)}, grey.")
    return " ".join(parts)


def _names(data: AtlasData, models: Sequence[str]) -> str:
    titles = [data.models[model].title for model in models]
    return " and ".join(filter(None, [", ".join(titles[:-1]), titles[-1]]))


def _sentence(data: AtlasData, seen: Seen) -> tuple[str, str]:
    return f"{TITLE}.", words(data, seen.key.models, seen.key.layer, consensus=seen.consensus == "colour")


SCHEME = Scheme(
    NAME,
    TITLE,
    lambda data, seen: Colours(seen.key.models, seen.key.layer, seen.dark),
    offered=offered,
    sentence=_sentence,
)
