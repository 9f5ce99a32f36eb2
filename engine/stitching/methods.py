"""The methods of a stitch, and what tells them apart."""

from __future__ import annotations

from enum import StrEnum


class Method(StrEnum):
    """How one model is led to another."""

    RIDGE = "ridge"
    PROCRUSTES = "procrustes"
    AFFINE = "affine"
    ANCHORS = "anchors"
    MERGE = "merge"
    RELATIVE_RIDGE = "relative-ridge"
    RELATIVE_MLP = "relative-mlp"


METHODS = tuple(Method)
DIRECT = (Method.RIDGE, Method.PROCRUSTES, Method.AFFINE)  # fitted on paired sites; the others lead through anchors
RELATIVE = (Method.RELATIVE_RIDGE, Method.RELATIVE_MLP)  # translate no features: a readout of the cosines
