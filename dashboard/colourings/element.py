"""By element: the chosen ones, or the commonest."""

from __future__ import annotations

from dataclasses import dataclass

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.palettes import Colouring, by_element
from platonic_atlas.dashboard.colourings.scheme import Scheme


@dataclass(frozen=True)
class Colours(Request[Colouring]):
    elements: tuple[int, ...]
    dark: bool

    def make(self, data: AtlasData) -> Colouring:
        return by_element(data.numbers, self.elements, dark=self.dark)


SCHEME = Scheme("element", "Element", lambda data, seen: Colours(seen.elements, seen.dark), first=True)
