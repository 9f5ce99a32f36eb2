"""What a colouring is: a name, when it is offered, what its colours are made from, and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.palettes import Colouring, by_value
from platonic_atlas.engine.types import FloatArray, LayoutKey


@dataclass(frozen=True)
class Seen:
    """What colours may follow from, besides the atlas.

    key : representation, models, layer and weights of the maps ; anchors : see `values.anchor_sites`
    elements : atomic numbers in the order of choice ; pair : the two models that are compared, where there are two
    consensus : "disagreement" or "colour", what the consensus is coloured by
    """

    key: LayoutKey
    anchors: bytes
    elements: tuple[int, ...]
    pair: tuple[str, str] | None
    consensus: str
    dark: bool


Values = Callable[[AtlasData, Seen], Request[FloatArray] | None]


def _everywhere(data: AtlasData) -> bool:
    return True


def _no_words(data: AtlasData, seen: Seen) -> None:
    return None


@dataclass(frozen=True)
class Scheme:
    """A way to colour atoms. `title` is its word in the bar; table and caption take that of the `Colouring`.

    colours : what is to be made for a view; equal requests are one object, so that maps are not drawn again for them
    values : (n_sites,) that the colours wait for, or None where a view has none; `unknown` is shown without them
    offered : whether an atlas can be coloured so ; first : it stands in the bar itself, not under More
    sentence : lead and text under the maps, or None where the maps speak for themselves
    caution : words after those of the maps: what the colour does not prove
    of_pair : two models are compared, and the bar offers the choice of them
    suggests : what is said of the classes of lowest values, which are suggested in place of those of most disagreement
    """

    name: str
    title: str
    colours: Callable[[AtlasData, Seen], Request[Colouring]]
    values: Values | None = None
    unknown: Callable[[Seen], Request[Colouring]] | None = None
    offered: Callable[[AtlasData], bool] = _everywhere
    sentence: Callable[[AtlasData, Seen], tuple[str, str] | None] = _no_words
    first: bool = False
    of_pair: bool = False
    suggests: str = ""
    caution: str = ""


@dataclass(frozen=True)
class ByValue(Request[Colouring]):
    """Colours of a number for each site; all grey where it is not known."""

    values: Request[FloatArray] | None
    title: str
    dark: bool
    scale: str = "viridis"
    unit: str = ""

    doing = "Colouring"

    def make(self, data: AtlasData) -> Colouring:
        known = np.full(data.n_sites, np.nan) if self.values is None else data.made(self.values)
        return by_value(data.numbers, known, self.title, dark=self.dark, scale=self.scale, unit=self.unit)


@dataclass(frozen=True)
class ByElement(Request[Colouring]):
    """Colours that follow from what an atom is, such as its group: the same in every view."""

    colours: Callable[..., Colouring]
    dark: bool

    doing = "Colouring"

    def make(self, data: AtlasData) -> Colouring:
        return self.colours(data.numbers, dark=self.dark)


def by_elements(name: str, title: str, colours: Callable[..., Colouring], *, first: bool = False) -> Scheme:
    """A scheme whose colours, `colours(atomic_numbers, dark=dark)`, follow from the elements."""
    return Scheme(name, title, lambda data, seen: ByElement(colours, seen.dark), first=first)


def by_values(
    name: str,
    title: str,
    values: Values,
    *,
    scale: str = "viridis",
    sentence: Callable[[AtlasData, Seen], tuple[str, str] | None] = _no_words,
    of_pair: bool = False,
    suggests: str = "",
    unit: str = "",
    caution: str = "",
    offered: Callable[[AtlasData], bool] = _everywhere,
) -> Scheme:
    """A scheme whose colours wait for a number for each site."""
    return Scheme(
        name, title, lambda data, seen: ByValue(values(data, seen), title, seen.dark, scale, unit), values,
        lambda seen: ByValue(None, title, seen.dark, scale, unit), offered=offered, sentence=sentence, of_pair=of_pair,
        suggests=suggests, caution=caution,
    )  # fmt: skip
