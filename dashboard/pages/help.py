"""How to read the maps: what a picture shows, and what it does not prove."""

from __future__ import annotations

from dashboard.components.sentence import HelpSection

HELP = (
    HelpSection(
        "What a dot is",
        (
            "A dot is a site: one atom of a crystal, standing for all its symmetry copies. Each map shows the same sites "
            "as another potential sees them.",
            "A potential describes an atom by a list of numbers, read just before it turns them into an energy. Two "
            "potentials use different lists, so their raw numbers cannot be compared.",
        ),
    ),
    HelpSection(
        "Relative to anchors",
        (
            "Anchors are a few atoms, the same for every potential. An atom is described anew by how alike it is to each "
            "anchor (the cosine of the centred features). These lists have the same meaning in every potential.",
            "All maps are then drawn on the same two axes: left to right electronegativity grows, upwards the period. The "
            "percentage in a title is the part of that potential's variance that the two axes carry.",
        ),
    ),
    HelpSection(
        "What this shows, and what not",
        (
            "That one frame fits potentials trained apart, without fitting one to another, is the finding of Li and Walsh "
            "(Nature Machine Intelligence 2026).",
            "That elements fall into the order of the periodic table is no proof of learning: an untrained network orders "
            "them too, because composition alone does. Show a control from the models menu and see.",
            "Maps of one family look alike in raw features as well, up to a rotation.",
        ),
    ),
    HelpSection(
        "Disagreement",
        (
            "The consensus map draws each atom at the mean of its places. Its colour is the spread of these places over "
            "all anchors, not only over the two axes: where it is high, the potentials describe the atom differently.",
        ),
    ),
    HelpSection(
        "Change when the crystal is turned",
        (
            "Most potentials are built so that a crystal turned as a whole looks the same to them. Some are not, those of "
            "Orb: their features are the mean over several orientations. The colour of this name is the spread of the "
            "features over these orientations, relative to the length of their mean: zero for every potential with the "
            "symmetry built in. It is offered where an atlas holds a potential without.",
        ),
    ),
    HelpSection(
        "Selecting",
        (
            "Draw around atoms in any map, tap one, or press elements in the table. Shift adds, Alt takes away. On the "
            "page Anchors a tap makes an atom an anchor, another takes it back.",
        ),
    ),
)
