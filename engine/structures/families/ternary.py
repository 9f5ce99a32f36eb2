"""Salts of three ions."""

from __future__ import annotations

from platonic_atlas.engine.structures.families.prototype import Family

TERNARY = (
    Family("perovskite", 221, (("A", (0, 0, 0)), ("B", (0.5, 0.5, 0.5)), ("C", (0.5, 0.5, 0))), strukturbericht="E2_1"),
    Family("antiperovskite", 221, (("A", (0.5, 0.5, 0)), ("B", (0.5, 0.5, 0.5)), ("C", (0, 0, 0))), anions=2),
    Family(
        "spinel",
        227,
        (("A", (0.125, 0.125, 0.125)), ("B", (0.5, 0.5, 0.5)), ("C", (0.2625, 0.2625, 0.2625))),
        setting=2,
        strukturbericht="H1_1",
    ),
    Family(
        "chalcopyrite",
        122,
        (("A", (0, 0, 0)), ("B", (0, 0, 0.5)), ("C", (0.25, 0.25, 0.125))),
        (1, 1.98),
        strukturbericht="E1_1",
    ),
    Family("delafossite", 166, (("A", (0, 0, 0)), ("B", (0, 0, 0.5)), ("C", (0, 0, 0.11))), (1, 5.8), True),
    Family("sodium ferrite", 166, (("A", (0, 0, 0.5)), ("B", (0, 0, 0)), ("C", (0, 0, 0.24))), (1, 5.1), True),
    Family(
        "ilmenite", 148, (("A", (0, 0, 0.355)), ("B", (0, 0, 0.146)), ("C", (0.317, 0.023, 0.245))), (1, 2.77), True
    ),
    Family("potassium chloroplatinate", 225, (("A", (0.25, 0.25, 0.25)), ("B", (0, 0, 0)), ("C", (0.24, 0, 0)))),
    Family(
        "matlockite",
        129,
        (("A", (0.25, 0.25, 0.205)), ("B", (0.75, 0.25, 0)), ("C", (0.25, 0.25, 0.65))),
        (1, 1.76),
        setting=2,
        strukturbericht="E0_1",
        anions=2,
    ),
    Family(
        "potassium nickel fluoride",
        139,
        (("A", (0, 0, 0.353)), ("B", (0, 0, 0)), ("C", (0, 0.5, 0)), ("C", (0, 0, 0.16))),
        (1, 3.25),
    ),
    Family(
        "scheelite",
        88,
        (("A", (0, 0.25, 0.625)), ("B", (0, 0.25, 0.125)), ("C", (0.15, 0.009, 0.211))),
        (1, 2.17),
        setting=2,
    ),
    Family("half-Heusler", 216, (("A", (0.5, 0.5, 0.5)), ("B", (0.25, 0.25, 0.25)), ("C", (0, 0, 0))), anions=1),
)
