"""The anchors that are meant where nobody names any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from platonic_atlas.engine.errors import InputError

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas

DEFAULT_ANCHORS = "element-89"


def default_anchors(atlas: Atlas, why: str = "Anchors are what all models are seen from.") -> str:
    """`element-89` where the atlas has it, else its largest set, the first by name of equals.

    why : what they are needed for, said where there are none

    Raises
    ------
    InputError
        The atlas has no anchors.
    """
    sets = sorted(atlas.anchor_sets())
    if not sets:
        raise InputError(
            f"{atlas.path.name} has no anchors.",
            why,
            f"Make some: platonic anchors {atlas.path} --name {DEFAULT_ANCHORS} --strategy element",
        )
    return preferred({name: len(atlas.anchors(name)) for name in sets})


def preferred(sizes: Mapping[str, int]) -> str:
    """The name of the set that is used where none is named: see `default_anchors`; empty where there are none.

    sizes : set -> number of its anchors
    """
    return DEFAULT_ANCHORS if DEFAULT_ANCHORS in sizes else max(sorted(sizes), key=lambda name: sizes[name], default="")
