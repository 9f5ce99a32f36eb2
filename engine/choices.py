"""The fixed choices of commands and verbs: one enum each, offered by the command line and checked in the verb.

A value equals its string, which is what files and links hold; verbs take either.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TypeVar

from platonic_atlas.engine.errors import UsageError


class Balance(StrEnum):
    """What weighs the same in sums over sites: each element, or each atom."""

    ELEMENTS = "elements"
    ATOMS = "atoms"


class FrameName(StrEnum):
    """The axes of a map: those on which the models agree, those along which they spread, or each model's own."""

    AGREEMENT = "agreement"
    VARIANCE = "variance"
    OWN = "own"


class Representation(StrEnum):
    """What a map is made of: cosines to the anchors, or the features themselves."""

    RELATIVE = "relative"
    RAW = "raw"


class LayoutMethod(StrEnum):
    """How sites are laid out in two dimensions."""

    PCA = "pca"
    UMAP = "umap"


class Strategy(StrEnum):
    """How anchors are chosen: the keys of `platonic_atlas.engine.anchors.choose.STRATEGIES`."""

    DIRECT = "direct"
    FARTHEST = "farthest"
    KMEANS = "kmeans"
    ELEMENT = "element"
    RANDOM = "random"
    FILE = "file"


class Method(StrEnum):
    """How one model is led to another."""

    RIDGE = "ridge"
    PROCRUSTES = "procrustes"
    AFFINE = "affine"
    ANCHORS = "anchors"
    MERGE = "merge"
    RELATIVE_RIDGE = "relative-ridge"
    RELATIVE_MLP = "relative-mlp"


class MeasuredSource(StrEnum):
    """Where a recipe takes measured crystals from: pymatgen's AFLOW list, or a package that brings CIF files."""

    AFLOW = "aflow"
    CRYSTALS = "crystals"
    DANS_DIFFRACTION = "dans-diffraction"


class OnError(StrEnum):
    """What to do with a structure that cannot be used."""

    SKIP = "skip"
    FAIL = "fail"


DEVICE = re.compile(r"cpu|mps|(cuda|xpu)(:[0-9]{1,3})?")
LARGEST_SEED = 2**32 - 1  # what NumPy and scikit-learn take


def device_named(name: str) -> str:
    """The name of a device, as torch spells it.

    Raises
    ------
    UsageError
        There is no such kind of device.
    """
    if not DEVICE.fullmatch(name):
        raise UsageError(
            f"There is no device {name!r}.",
            "The devices are cpu, cuda, cuda:1 (the second one), mps, xpu.",
            "Say --device cpu, or the name of one that is here.",
        )
    return name


def within(value: int, what: str, least: int, most: int | None = None) -> int:
    """A whole number that is not too small, nor too large.

    Raises
    ------
    UsageError
        It is no whole number, or outside.
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        span = f"{least} or more" if most is None else f"from {least} to {most}"
        raise UsageError(
            f"{value!r} is no number of {what}." if what != "seed" else f"{value!r} is no seed.",
            f"Expected a whole number, {span}.",
            f"Give another, such as {max(least, 1)}.",
        )
    return value


def seed_of(value: int) -> int:
    """A seed of what is drawn at random; raises UsageError for one that generators do not take."""
    return within(value, "seed", 0, LARGEST_SEED)


Choice = TypeVar("Choice", bound=StrEnum)


def chosen(kind: type[Choice], value: str, what: str) -> Choice:
    """The member of an enum that a value names; `what` is the word for such a choice.

    Raises
    ------
    UsageError
        There is no such choice; the message names those there are.
    """
    try:
        return kind(value)
    except ValueError:
        raise UsageError(
            f"There is no {what} {value!r}.",
            f"The choices are {', '.join(kind)}.",
            f"Say one of them, such as {next(iter(kind))}.",
        ) from None
