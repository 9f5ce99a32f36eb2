"""The page Atlas: the linked maps, what is selected in them, and the atom that was tapped."""

from __future__ import annotations

from platonic_atlas.dashboard.pages.maps import MapPage


class Atlas(MapPage):
    name, title = "atlas", "Atlas"
