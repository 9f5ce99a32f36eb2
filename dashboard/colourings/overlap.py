"""By the share of an atom's nearest atoms that two models both name."""

from __future__ import annotations

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.values import Overlap
from platonic_atlas.dashboard.colourings.scheme import Seen, by_values


def values(data: AtlasData, seen: Seen) -> Overlap | None:
    return None if seen.pair is None else Overlap(*seen.pair, seen.key.layer)


def sentence(data: AtlasData, seen: Seen) -> tuple[str, str] | None:
    if seen.pair is None:
        return None
    first, second = (data.models[name].title for name in seen.pair)
    return (
        f"Where {first} and {second} name the same neighbours.",
        "The colour is the share of an atom's ten nearest atoms that both models name; choose the pair under Options.",
    )


SCHEME = by_values(
    "overlap", "Neighbour overlap", values, sentence=sentence, of_pair=True, suggests="share fewest neighbours"
)
