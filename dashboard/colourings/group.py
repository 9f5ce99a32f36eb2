"""By group of the periodic table, the f-block apart."""

from __future__ import annotations

from platonic_atlas.dashboard.colourings.palettes import by_group
from platonic_atlas.dashboard.colourings.scheme import by_elements

SCHEME = by_elements("group", "Group", by_group, first=True)
