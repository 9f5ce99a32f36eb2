"""Alloys and intermetallic compounds."""

from __future__ import annotations

from platonic_atlas.engine.structures.families.prototype import THIRD, Family

INTERMETALLIC = (
    Family("full Heusler", 225, (("A", (0.25, 0.25, 0.25)), ("B", (0.5, 0.5, 0.5)), ("C", (0, 0, 0))), anions=0),
    Family("half-Heusler", 216, (("A", (0.25, 0.25, 0.25)), ("B", (0.5, 0.5, 0.5)), ("C", (0, 0, 0))), anions=0),
    Family("caesium chloride", 221, (("A", (0, 0, 0)), ("B", (0.5, 0.5, 0.5))), anions=0),
    Family("copper gold", 221, (("A", (0.5, 0.5, 0)), ("B", (0, 0, 0))), strukturbericht="L1_2", anions=0),
    Family("Laves C15", 227, (("A", (0.125, 0.125, 0.125)), ("B", (0.5, 0.5, 0.5))), (1, 1), False, 2, "C15", anions=0),
    Family("aluminium boride", 191, (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.5))), (1, 1.08), True, 1, "C32", 0),
    Family(
        "calcium copper",
        191,
        (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0)), ("B", (0.5, 0, 0.5))),
        (1, 0.81),
        True,
        1,
        "D2_d",
        0,
    ),
    Family("chromium silicide", 223, (("A", (0.25, 0, 0.5)), ("B", (0, 0, 0))), strukturbericht="A15", anions=0),
    Family(
        "thorium chromium silicide",
        139,
        (("A", (0, 0, 0)), ("B", (0, 0.5, 0.25)), ("C", (0, 0, 0.375))),
        (1, 2.5),
        anions=0,
    ),
    Family(
        "titanium aluminium carbide",
        194,
        (("A", (THIRD, 2 * THIRD, 0.084)), ("B", (THIRD, 2 * THIRD, 0.75)), ("C", (0, 0, 0))),
        (1, 4.46),
        True,
        anions=0,
    ),
    Family(
        "titanium silicon carbide",
        194,
        (
            ("A", (0, 0, 0)),
            ("A", (THIRD, 2 * THIRD, 0.135)),
            ("B", (0, 0, 0.25)),
            ("C", (THIRD, 2 * THIRD, 0.572)),
        ),
        (1, 5.755),
        True,
        anions=0,
    ),
)
