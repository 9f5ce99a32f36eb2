"""What a measure is: a number a site, from several models side by side, with the words that explain it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.types import FloatArray


@dataclass(frozen=True)
class Measure:
    """One way to compare models, site by site.

    of : (model -> its space, model -> its anchor rows (K, d)) -> (n_sites,), NaN where nothing can be said;
        all models that are given count
    definition : in one sentence ; source : where it is defined, or the literature
    range : the least and the largest value there can be
    likeness : +1 where a larger value means that the models agree more, -1 where less
    """

    name: str
    of: Callable[[Mapping[str, ModelSpace], Mapping[str, FloatArray]], FloatArray]
    definition: str
    range: tuple[float, float]
    likeness: int
    source: str
