"""The simple structures of the elements."""

from __future__ import annotations

from platonic_atlas.engine.structures.families.prototype import THIRD, Family

_HEXAGONAL_CLOSE = (8 / 3) ** 0.5

ELEMENTAL = (
    Family("bcc", 229, (("A", (0, 0, 0)),), strukturbericht="A2", anions=0),
    Family("fcc", 225, (("A", (0, 0, 0)),), strukturbericht="A1", anions=0),
    Family("hcp", 194, (("A", (THIRD, 2 * THIRD, 0.25)),), (1, _HEXAGONAL_CLOSE), True, strukturbericht="A3", anions=0),
    Family("diamond", 227, (("A", (0, 0, 0)),), strukturbericht="A4", anions=0),
    Family("simple cubic", 221, (("A", (0, 0, 0)),), strukturbericht="A_h", anions=0),
)
