"""What a pointer needs of the maps that it moves over."""

from __future__ import annotations

from typing import Protocol

from bokeh.models import Range1d

from platonic_atlas.dashboard.plots.atlas_map import LiveMap
from platonic_atlas.engine.types import FloatArray

TITLE = 36  # pixels at the top of a map that its title covers


class LinkedMaps(Protocol):
    """Maps of one size that share their axes; `size` is the width and height of each [pixels]."""

    cells: list[LiveMap]
    x: Range1d
    y: Range1d
    size: tuple[int, int]

    def places(self, cell: int) -> FloatArray | None:
        """(n_sites, 2) coordinates of a map, or None where nothing is drawn."""

    def point_at(self, site: int | None) -> None:
        """Ring one atom in every map."""

    def next_frame(self) -> None:
        """Draw the next step of a movement, if there is one: the last was painted."""
