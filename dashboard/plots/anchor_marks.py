"""What the marks of anchors say of them: how each changes the agreement of the models, where that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.types import FloatArray

PLAIN, SMALLEST, LARGEST = 6.0, 5.0, 17.0  # pixels across a mark: of an anchor of which nothing is said, and of others
HELPS = {False: "#0b6e99", True: "#5cb9e0"}  # dark -> the colours of the bars in the list
HARMS = {False: "#b3261e", True: "#ff8a80"}
FULL = 0.9
MEANING = "Filled marks: blue anchors help the models agree, red ones hinder it; the largest by {:.2g}."


@dataclass(frozen=True)
class AnchorMarks:
    """Of n anchors. sizes : (n,) [pixels across] ; colours : of what fills them ; opacity : (n,) of it, 0 for an outline"""

    sizes: FloatArray
    colours: tuple[str, ...]
    opacity: FloatArray


def meaning(weights: Mapping[int, float]) -> str:
    """What the marks say, in words; empty where they are marked alike."""
    most = max((abs(weight) for weight in weights.values() if np.isfinite(weight)), default=0.0)
    return MEANING.format(most) if most > 0 else ""


def anchor_marks(weights: FloatArray, dark: bool) -> AnchorMarks:
    """Marks whose area grows with what is weighed, in one colour above 0 and in another below; outlines where all is 0.

    weights : (n,), NaN says nothing
    """
    known = np.nan_to_num(weights)
    most = float(np.abs(known).max(initial=0.0))
    colours = tuple((HARMS if value < 0 else HELPS)[dark] for value in known)
    if most == 0:
        return AnchorMarks(np.full(len(known), PLAIN), colours, np.zeros(len(known)))
    sizes = SMALLEST + (LARGEST - SMALLEST) * np.sqrt(np.abs(known) / most)
    return AnchorMarks(sizes, colours, np.where(known == 0, 0.0, FULL))
