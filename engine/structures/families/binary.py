"""Salts of one cation and one anion."""

from __future__ import annotations

from platonic_atlas.engine.structures.families.prototype import THIRD, Family

BINARY = (
    Family("rock salt", 225, (("A", (0, 0, 0)), ("B", (0.5, 0.5, 0.5))), strukturbericht="B1"),
    Family("zincblende", 216, (("A", (0, 0, 0)), ("B", (0.25, 0.25, 0.25))), strukturbericht="B3"),
    Family("wurtzite", 186, (("A", (THIRD, 2 * THIRD, 0)), ("B", (THIRD, 2 * THIRD, 0.375))), (1, 1.62), True, 1, "B4"),
    Family("caesium chloride", 221, (("A", (0, 0, 0)), ("B", (0.5, 0.5, 0.5))), strukturbericht="B2"),
    Family("nickel arsenide", 194, (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.25))), (1, 1.45), True, 1, "B8_1"),
    Family("fluorite", 225, (("A", (0, 0, 0)), ("B", (0.25, 0.25, 0.25))), strukturbericht="C1"),
    Family("antifluorite", 225, (("B", (0, 0, 0)), ("A", (0.25, 0.25, 0.25)))),
    Family("rutile", 136, (("A", (0, 0, 0)), ("B", (0.305, 0.305, 0))), (1, 0.65), strukturbericht="C4"),
    Family("cadmium iodide", 164, (("A", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.25))), (1, 1.6), True, 1, "C6"),
    Family(
        "lanthanum oxide",
        164,
        (("A", (THIRD, 2 * THIRD, 0.246)), ("B", (0, 0, 0)), ("B", (THIRD, 2 * THIRD, 0.648))),
        (1, 1.56),
        True,
        1,
        "D5_2",
    ),
    Family("corundum", 167, (("A", (0, 0, 0.352)), ("B", (0.306, 0, 0.25))), (1, 2.73), True, 1, "D5_1"),
    Family("rhenium trioxide", 221, (("A", (0, 0, 0)), ("B", (0.5, 0, 0))), strukturbericht="D0_9"),
    Family("bismuth fluoride", 225, (("A", (0, 0, 0)), ("B", (0.25, 0.25, 0.25)), ("B", (0.5, 0.5, 0.5)))),
    Family("lithium bismuthide", 225, (("B", (0, 0, 0)), ("A", (0.25, 0.25, 0.25)), ("A", (0.5, 0.5, 0.5)))),
)
