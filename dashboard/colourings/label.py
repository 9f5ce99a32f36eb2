"""By a label that the atlas holds: its commonest values, or a scale where it is a number."""

from __future__ import annotations

from dataclasses import dataclass

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.palettes import Colouring, by_label
from platonic_atlas.dashboard.colourings.scheme import Scheme


@dataclass(frozen=True)
class Colours(Request[Colouring]):
    label: str
    title: str
    dark: bool

    def make(self, data: AtlasData) -> Colouring:
        return by_label(data.numbers, data.label(self.label), self.title, dark=self.dark)


def of_label(name: str, title: str = "") -> Scheme:
    """The scheme of a label, offered where an atlas has it."""
    return Scheme(
        name,
        title or name.capitalize(),
        lambda data, seen: Colours(name, title or name, seen.dark),
        offered=lambda data: name in data.label_names(),
    )


COORDINATION = of_label("coordination", "Coordination number")
PROTOTYPE = of_label("prototype", "Prototype")
