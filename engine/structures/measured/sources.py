"""All sources of measured crystals under one call."""

from __future__ import annotations

from collections.abc import Iterable

from ase import Atoms

from platonic_atlas.engine.choices import MeasuredSource
from platonic_atlas.engine.structures.measured.aflow import aflow_prototypes
from platonic_atlas.engine.structures.measured.packages import PACKAGES, package_crystals
from platonic_atlas.engine.types import Reject


def measured_crystals(sources: Iterable[MeasuredSource], elements: Iterable[int]) -> tuple[list[Atoms], list[Reject]]:
    """Crystals of all the sources, in the order in which they are named, and what was left out with its reason.

    info of each: id, prototype, source, relaxed ("" as it is measured).

    Raises
    ------
    UsageError
        A package that a source reads is not installed, or is of another version.
    """
    known = set(elements)
    structures: list[Atoms] = []
    rejects: list[Reject] = []
    for source in sources:
        if source is MeasuredSource.AFLOW:
            found, refused = aflow_prototypes(known)
        else:
            found, refused = package_crystals(PACKAGES[source], known)
        structures += found
        rejects += refused
    return structures, rejects
