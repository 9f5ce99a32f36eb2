"""By period of the periodic table."""

from __future__ import annotations

from platonic_atlas.dashboard.colourings.palettes import by_period
from platonic_atlas.dashboard.colourings.scheme import by_elements

SCHEME = by_elements("period", "Period", by_period, first=True)
