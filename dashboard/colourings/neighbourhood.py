"""By what surrounds an atom: the electronegativity of its neighbours, the room it has, its shortest bond."""

from __future__ import annotations

from platonic_atlas.dashboard.colourings.label import of_label
from platonic_atlas.engine.structures.neighbourhood import ELECTRONEGATIVITY, SHORTEST, VOLUME

# A linear probe reads it from the composition alone (SCIENCE section 2, "Corrections and limits"), so it proves no geometry.
FROM_COMPOSITION = (
    "The chemistry of the surroundings.",
    "It can be read from the crystal's composition alone: order along it says that trained models carry it alike, not "
    "that they learned it from geometry.",
)

NEIGHBOURS = of_label(ELECTRONEGATIVITY, "Electronegativity of neighbours", unit="Pauling", sentence=FROM_COMPOSITION)
ROOM = of_label(VOLUME, "Volume per atom", unit="Å³")
BOND = of_label(SHORTEST, "Shortest relative bond", unit="sums of radii")
