"""All measures by name; another one is a file with a `Measure` and a line here, or an entry made from outside."""

from __future__ import annotations

from platonic_atlas.engine.compare.disagreement import DISAGREEMENT
from platonic_atlas.engine.compare.measure import Measure
from platonic_atlas.engine.compare.overlap import NEIGHBOUR_OVERLAP
from platonic_atlas.engine.errors import UsageError

MEASURES: dict[str, Measure] = {measure.name: measure for measure in (DISAGREEMENT, NEIGHBOUR_OVERLAP)}


def find_measure(name: str) -> Measure:
    """The measure of a name; raises UsageError, which names those there are, where there is none."""
    if name not in MEASURES:
        raise UsageError(
            f"There is no measure {name!r}.", f"The measures are {', '.join(MEASURES)}.", "Say one of them."
        )
    return MEASURES[name]
