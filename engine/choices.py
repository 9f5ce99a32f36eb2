"""The fixed choices of commands and verbs: one enum each, offered by the command line and checked in the verb.

A value equals its string, which is what files and links hold; verbs take either.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from platonic_atlas.engine.errors import UsageError


class Balance(StrEnum):
    """What weighs the same in sums over sites: each element, or each atom."""

    ELEMENTS = "elements"
    ATOMS = "atoms"


class FrameName(StrEnum):
    """The axes of a map: one set for all models, or each model's own."""

    SHARED = "shared"
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


class OnError(StrEnum):
    """What to do with a structure that cannot be used."""

    SKIP = "skip"
    FAIL = "fail"


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
