"""What a measure is: a number a site, from several models side by side, with the words that explain it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.neighbours import neighbour_table
from platonic_atlas.engine.types import FloatArray, IntArray


class Compared(Protocol):
    """One model as measures see it; what a measure does not ask for need never be computed."""

    @property
    def space(self) -> ModelSpace: ...

    @property
    def rows(self) -> FloatArray:
        """(K, d) rows of the anchors."""

    @property
    def neighbours(self) -> IntArray:
        """(n_sites, k) nearest sites of every site; -1 in the rows that the model does not embed."""


@dataclass(frozen=True)
class InMemory:
    """A model whose space and anchor rows are there, and whose neighbours are looked for each time."""

    space: ModelSpace
    rows: FloatArray

    @property
    def neighbours(self) -> IntArray:
        return neighbour_table(self.space.embedding, self.space.moments)


@dataclass(frozen=True)
class Measure:
    """One way to compare models, site by site.

    of : models by name -> (n_sites,), NaN where nothing can be said; all models that are given count
    definition : in one sentence ; source : where it is defined, or the literature
    range : the least and the largest value there can be
    likeness : +1 where a larger value means that the models agree more, -1 where less
    """

    name: str
    of: Callable[[Mapping[str, Compared]], FloatArray]
    definition: str
    range: tuple[float, float]
    likeness: int
    source: str
