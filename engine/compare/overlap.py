"""Whether two models name the same nearest sites (SCIENCE section 2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from platonic_atlas.engine.compare.measure import Compared, Measure
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.space.neighbours import K_NEIGHBOURS
from platonic_atlas.engine.types import FloatArray, IntArray


def neighbour_overlap(first: IntArray, second: IntArray) -> FloatArray:
    """(n,) share of the k nearest sites that two tables (n, k) both name; NaN where one has none."""
    shared = (first[:, :, None] == second[:, None, :]).any(axis=2).mean(axis=1)
    known = (first[:, 0] >= 0) & (second[:, 0] >= 0)
    return np.where(known, shared, np.nan)


def _of_two(models: Mapping[str, Compared]) -> FloatArray:
    if len(models) != 2:
        raise InputError(
            f"Neighbour overlap is of two models, {len(models)} given.",
            "Expected two models.",
            "Name two models; 'platonic models' lists what the atlas holds.",
        )
    first, second = models.values()
    return neighbour_overlap(first.neighbours, second.neighbours)


NEIGHBOUR_OVERLAP = Measure(
    name="neighbour-overlap",
    of=_of_two,
    definition=f"Share of the {K_NEIGHBOURS} nearest sites, by the cosine of centred unit rows, that two models both name.",
    range=(0.0, 1.0),
    likeness=1,
    source="SCIENCE section 2; Huh et al., ICML 2024, arXiv:2405.07987 (mutual nearest neighbours)",
)
