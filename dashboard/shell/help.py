"""How to read the maps: what a picture shows, and what it does not prove."""

from __future__ import annotations

from platonic_atlas.dashboard.components.sentence import HelpSection

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
            "All maps are then drawn on the same two axes, turned so that electronegativity grows to the right and, as far "
            "as it shows at all, the period upwards.",
        ),
    ),
    HelpSection(
        "Frames: agreement, variance, own",
        (
            "Agreement takes the two directions along which the trained potentials place the same atoms most alike. The two "
            "numbers in a title say how far that potential agrees with the others along each: 1 is the same order of all "
            "atoms, 0 is nothing in common. They are fair: the directions were found without that potential on one half of "
            "the crystals, and the agreement is read on the other half. A control is read in the same way.",
            "Variance takes the directions along which the trained potentials spread most; the percentage is the part of a "
            "potential's variance that they carry. Own gives each potential its own best axes.",
            "Within elements takes the mean place of its element away from each atom. What is left is what the potentials "
            "say alike about the surroundings of an atom, beyond which element it is.",
            "A small triangle at the edge of a map stands for atoms beyond it, and points to where they lie.",
        ),
    ),
    HelpSection(
        "What this shows, and what not",
        (
            "That one frame fits potentials trained apart, without fitting one to another, is the finding of Li and Walsh "
            "(Nature Machine Intelligence 2026).",
            "A potential that never saw the periodic table has rebuilt it from energies and forces: in the atlas that ships "
            "the electronegativity of an element follows from where the atoms of the other elements lie, with an R² of "
            "0.80 to 0.93 in each of the eleven trained potentials and of 0.0 to 0.1 in untrained networks and in one-hot "
            "elements. (SOAP, which was given period and column, reaches 0.63.)",
            "A map alone does not show that: a frame that trained potentials shape lends its order to whatever is drawn in "
            "it. Show a control from the models menu: what order it has goes when you press Own.",
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
        "Change when turned",
        (
            "A crystal does not change when it is turned, and most potentials are built so that their numbers do not "
            "either. Orb is not: each of its atoms is asked in several orientations, and the mean is drawn. The colour "
            "“Change when turned” is the spread over the orientations, relative to the length of the mean. Each map "
            "shows that of its own potential: zero by construction for every one but Orb. The consensus shows the mean "
            "of those that are not zero.",
        ),
    ),
    HelpSection(
        "Stitching",
        (
            "A map from one potential's features to another's is fitted on four fifths of the crystals. The right side "
            "shows where it puts the atoms; the slider leads from the source to there and on to their true places.",
            "The first score takes the mean of each element away before it asks how much is explained. Without that the "
            "element alone explains much, and a control can score high. Compare a score with those of the controls below "
            "it, and mind the range over the splits: one structure far from all others can spoil it.",
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
