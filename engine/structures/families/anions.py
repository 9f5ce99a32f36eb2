"""Salts whose anions are molecules: O₂, OH, CO₃, NO₃, SO₄, SiO₄, PO₄.

The roles of an anion are the last ones, its centre before its ligands; OH has oxygen for its centre.
Bonds [Å] are those of the namesake and stay when the cell follows other cations.
"""

from __future__ import annotations

from dataclasses import replace

from platonic_atlas.engine.structures.families.prototype import THIRD, Family

PEROXIDE, SUPEROXIDE, HYDROXIDE = 1.49, 1.33, 0.97
CARBONATE, NITRATE, BORATE = 1.28, 1.25, 1.38
SULFATE, PERCHLORATE, SILICATE, PHOSPHATE = 1.48, 1.44, 1.63, 1.54

_SODIUM_PEROXIDE = Family(
    "sodium peroxide",
    189,
    (("A", (0.632, 0, 0)), ("A", (0.295, 0, 0.5)), ("B", (0, 0, 1 / 6)), ("B", (THIRD, 2 * THIRD, THIRD))),
    (1, 0.72),
    True,
    bonds=(("B", "B", PEROXIDE),),
)
_BARIUM_PEROXIDE = Family(
    "barium peroxide", 139, (("A", (0, 0, 0)), ("B", (0, 0, 0.391))), (1, 1.796), bonds=(("B", "B", PEROXIDE),)
)
_MAGNESIUM_PEROXIDE = Family(
    "magnesium peroxide", 205, (("A", (0, 0, 0)), ("B", (0.411, 0.411, 0.411))), bonds=(("B", "B", PEROXIDE),)
)
_POTASSIUM_SUPEROXIDE = Family(
    "potassium superoxide", 139, (("A", (0, 0, 0)), ("B", (0, 0, 0.4045))), (1, 1.66), bonds=(("B", "B", SUPEROXIDE),)
)
_SODIUM_SUPEROXIDE = Family(
    "sodium superoxide", 205, (("A", (0, 0, 0)), ("B", (0.43, 0.43, 0.43))), bonds=(("B", "B", SUPEROXIDE),)
)
_BRUCITE = Family(
    "brucite",
    164,
    (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.2203)), ("C", (THIRD, 2 * THIRD, 0.42))),
    (1, 1.517),
    True,
    anions=2,
    bonds=(("C", "B", HYDROXIDE),),
)
_DIASPORE = Family(
    "diaspore",
    62,
    (
        ("A", (0.1446, 0.25, 0.9549)),
        ("B", (0.8011, 0.25, 0.2880)),
        ("B", (0.9468, 0.25, 0.8030)),
        ("C", (0.9124, 0.25, 0.5905)),
    ),
    (0.3019, 0.4669),
    strukturbericht="E0_2",
    anions=2,
    bonds=(("C", "B", 0.99),),
)
_CALCITE = Family(
    "calcite",
    167,
    (("A", (0, 0, 0)), ("B", (0, 0, 0.25)), ("C", (0.2568, 0, 0.25))),
    (1, 3.419),
    True,
    strukturbericht="G0_1",
    anions=2,
    bonds=(("C", "B", CARBONATE),),
)
_ARAGONITE = Family(
    "aragonite",
    62,
    (
        ("A", (0.7599, 0.25, 0.4151)),
        ("B", (0.9148, 0.25, 0.7621)),
        ("C", (0.9044, 0.25, 0.9222)),
        ("C", (0.9129, 0.4735, 0.6807)),
    ),
    (0.8640, 1.3876),
    strukturbericht="G0_2",
    anions=2,
    bonds=(("C", "B", CARBONATE),),
)
_NITER = Family(
    "niter",
    62,
    (
        ("A", (0.7568, 0.25, 0.4166)),
        ("B", (0.9152, 0.25, 0.7548)),
        ("C", (0.9107, 0.25, 0.8902)),
        ("C", (0.9153, 0.4490, 0.6860)),
    ),
    (0.8419, 1.4253),
    anions=2,
    bonds=(("C", "B", NITRATE),),
)
_LEAD_NITRATE = Family(
    "lead nitrate",
    205,
    (("A", (0, 0, 0)), ("B", (0.3509, 0.3509, 0.3509)), ("C", (0.2779, 0.2901, 0.4778))),
    anions=2,
    bonds=(("C", "B", NITRATE),),
)
_BARITE = Family(
    "barite",
    62,
    (
        ("A", (0.1845, 0.25, 0.1584)),
        ("B", (0.4375, 0.75, 0.1908)),
        ("C", (0.5873, 0.75, 0.1068)),
        ("C", (0.3176, 0.75, 0.0497)),
        ("C", (0.4194, 0.9706, 0.3119)),
    ),
    (0.6141, 0.8056),
    strukturbericht="H0_2",
    anions=2,
    bonds=(("C", "B", SULFATE),),
)
_OLIVINE = Family(
    "olivine",
    62,
    (
        ("A", (0, 0, 0)),
        ("A", (0.2774, 0.25, 0.9915)),
        ("B", (0.0940, 0.25, 0.4262)),
        ("C", (0.0913, 0.25, 0.7657)),
        ("C", (0.4474, 0.25, 0.2215)),
        ("C", (0.1628, 0.0331, 0.2777)),
    ),
    (0.5865, 0.4662),
    strukturbericht="S1_2",
    anions=2,
    bonds=(("C", "B", SILICATE),),
)
_TRIPHYLITE = Family(
    "triphylite",
    62,
    (
        ("A", (0, 0, 0)),
        ("B", (0.2822, 0.25, 0.9747)),
        ("C", (0.0949, 0.25, 0.4182)),
        ("D", (0.0968, 0.25, 0.7428)),
        ("D", (0.4571, 0.25, 0.2060)),
        ("D", (0.1656, 0.0465, 0.2848)),
    ),
    (0.5817, 0.4541),
    anions=2,
    bonds=(("D", "C", PHOSPHATE),),
)
_GARNET = Family(
    "garnet",
    230,
    (("A", (0.125, 0, 0.25)), ("B", (0, 0, 0)), ("C", (0.375, 0, 0.25)), ("D", (0.0381, 0.0449, 0.6514))),
    strukturbericht="S1_4",
    anions=2,
    bonds=(("D", "C", SILICATE),),
)
_ZIRCON = Family(
    "zircon",
    141,
    (("A", (0, 0.75, 0.125)), ("B", (0, 0.25, 0.375)), ("C", (0, 0.0661, 0.1953))),
    (1, 0.9054),
    setting=2,
    strukturbericht="S1_1",
    anions=2,
    bonds=(("C", "B", SILICATE),),
)

#: Those that are made from another one hold the same places around another centre.
COMPLEX = (
    _SODIUM_PEROXIDE,
    _BARIUM_PEROXIDE,
    _MAGNESIUM_PEROXIDE,
    _POTASSIUM_SUPEROXIDE,
    _SODIUM_SUPEROXIDE,
    _BRUCITE,
    _DIASPORE,
    _CALCITE,
    replace(_CALCITE, name="nitratine", shape=(1, 3.318), strukturbericht="", bonds=(("C", "B", NITRATE),)),
    replace(_CALCITE, name="calcite borate", shape=(1, 3.21), strukturbericht="", bonds=(("C", "B", BORATE),)),
    _ARAGONITE,
    _NITER,
    _LEAD_NITRATE,
    _BARITE,
    replace(_BARITE, name="potassium perchlorate", strukturbericht="", bonds=(("C", "B", PERCHLORATE),)),
    _OLIVINE,
    _TRIPHYLITE,
    _GARNET,
    _ZIRCON,
    replace(_ZIRCON, name="xenotime", shape=(1, 0.8745), strukturbericht="", bonds=(("C", "B", PHOSPHATE),)),
)
