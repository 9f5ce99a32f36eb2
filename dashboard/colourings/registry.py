"""Every colouring there is: a new one is a file beside this, and a line here."""

from __future__ import annotations

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.colourings import (
    block,
    disagreement,
    electronegativity,
    element,
    group,
    label,
    nearest_anchor,
    neighbourhood,
    overlap,
    period,
    rotation_spread,
)
from platonic_atlas.dashboard.colourings.scheme import Scheme

SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        group.SCHEME,
        period.SCHEME,
        element.SCHEME,
        block.SCHEME,
        electronegativity.SCHEME,
        neighbourhood.NEIGHBOURS,
        neighbourhood.ROOM,
        neighbourhood.BOND,
        label.COORDINATION,
        label.PROTOTYPE,
        nearest_anchor.SCHEME,
        disagreement.SCHEME,
        overlap.SCHEME,
        rotation_spread.SCHEME,
    )
}


def schemes(data: AtlasData) -> dict[str, Scheme]:
    """What an atlas offers, in the order of the bar: its other labels come last."""
    known = {name: scheme for name, scheme in SCHEMES.items() if scheme.offered(data)}
    return known | {name: label.of_label(name) for name in data.label_names() if name not in SCHEMES}


def scheme(name: str) -> Scheme:
    """The scheme of a name; any other name is a label's."""
    return SCHEMES.get(name) or label.of_label(name)
