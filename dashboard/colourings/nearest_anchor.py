"""By the distance to the nearest anchor, in the first trained model shown."""

from __future__ import annotations

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.values import NearestAnchor
from platonic_atlas.dashboard.colourings.scheme import Seen, by_values


def values(data: AtlasData, seen: Seen) -> NearestAnchor | None:
    """None where there are no anchors, or no models."""
    models = seen.key.models
    if not seen.anchors or not models:
        return None
    model = (data.trained(models) or models)[0]
    return NearestAnchor(model, seen.key.layer, seen.key.balance, seen.anchors)


SCHEME = by_values("nearest_anchor", "Distance to nearest anchor", values)
