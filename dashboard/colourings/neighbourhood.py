"""By what surrounds an atom: the electronegativity of its neighbours, the room it has, its shortest bond.

Labels of an atlas; of one that was made before there were such labels, they are computed when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.palettes import as_numbers
from platonic_atlas.dashboard.colourings.scheme import Scheme, by_values
from platonic_atlas.engine.structures.neighbourhood import DIGITS, ELECTRONEGATIVITY, SHORTEST, VOLUME
from platonic_atlas.engine.studies.labels import labels_of
from platonic_atlas.engine.types import FloatArray

COMPUTED_UP_TO = 100_000  # sites, some 20 s: `platonic label` does it once for all in a larger atlas
# A linear probe reads it from the composition alone (SCIENCE section 2, "Corrections and limits"), so it proves no geometry.
FROM_COMPOSITION = (
    "The colour follows from the crystal's composition alone: it shows that trained models carry the chemistry of the "
    "surroundings alike, not that they learned it from geometry."
)


@dataclass(frozen=True)
class Around(Request[FloatArray]):
    """(n_sites,) one of the numbers of `platonic_atlas.engine.structures.neighbourhood`, NaN where there is none."""

    label: str

    doing = "Looking at the neighbours"

    def make(self, data: AtlasData) -> FloatArray:
        if self.label in data.label_names():
            found = data.label(self.label)
        else:
            found = np.asarray(
                data.own(("neighbourhood",), lambda: dict(labels_of(data.atlas, tuple(DIGITS))))[self.label]
            )
        numbers = as_numbers(found)
        return np.full(data.n_sites, np.nan) if numbers is None else numbers


def _scheme(label: str, title: str, unit: str, caution: str = "") -> Scheme:
    return by_values(
        label, title, lambda data, seen: Around(label), unit=unit, caution=caution,
        offered=lambda data: data.n_sites <= COMPUTED_UP_TO or label in data.label_names(),
    )  # fmt: skip


NEIGHBOURS = _scheme(ELECTRONEGATIVITY, "Electronegativity of neighbours", "Pauling", FROM_COMPOSITION)
ROOM = _scheme(VOLUME, "Volume per atom", "Å³")
BOND = _scheme(SHORTEST, "Shortest relative bond", "sums of radii")
