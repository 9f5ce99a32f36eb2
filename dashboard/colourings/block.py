"""By block of the periodic table."""

from __future__ import annotations

from platonic_atlas.dashboard.colourings.palettes import by_block
from platonic_atlas.dashboard.colourings.scheme import by_elements

SCHEME = by_elements("block", "Block", by_block)
