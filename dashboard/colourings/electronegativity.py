"""By Pauling's electronegativity of the element."""

from __future__ import annotations

from dataclasses import dataclass

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.palettes import Colouring, by_value
from platonic_atlas.dashboard.colourings.scheme import Scheme
from platonic_atlas.engine import elements

TITLE = "Electronegativity"


@dataclass(frozen=True)
class Colours(Request[Colouring]):
    dark: bool

    def make(self, data: AtlasData) -> Colouring:
        values = elements.table().electronegativity[data.numbers]
        return by_value(data.numbers, values, TITLE, dark=self.dark, unit="Pauling")


SCHEME = Scheme("electronegativity", TITLE, lambda data, seen: Colours(seen.dark))
