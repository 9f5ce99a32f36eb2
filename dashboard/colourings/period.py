"""By period of the periodic table."""

from __future__ import annotations

from dataclasses import dataclass

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.palettes import Colouring, by_period
from platonic_atlas.dashboard.colourings.scheme import Scheme


@dataclass(frozen=True)
class Colours(Request[Colouring]):
    dark: bool

    def make(self, data: AtlasData) -> Colouring:
        return by_period(data.numbers, dark=self.dark)


SCHEME = Scheme("period", "Period", lambda data, seen: Colours(seen.dark), first=True)
