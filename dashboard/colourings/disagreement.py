"""By how much the models disagree about a site's place."""

from __future__ import annotations

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.values import Disagreement
from platonic_atlas.dashboard.colourings.scheme import Seen, by_values


def values(data: AtlasData, seen: Seen) -> Disagreement | None:
    """None where there is no shared space, or there are no two trained models to disagree in it."""
    key = seen.key
    if key.representation != "relative" or not seen.anchors or len(data.trained(key.models)) < 2:
        return None
    return Disagreement(key.models, key.layer, key.balance, key.centre, seen.anchors)


SCHEME = by_values("disagreement", "Disagreement", values, scale="inferno")
