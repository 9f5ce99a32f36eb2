"""What anchors make of the models: the numbers that follow with every change of a set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from platonic_atlas.engine.anchors.redundancy import Redundancy, redundancy
from platonic_atlas.engine.space.side_by_side import SideBySide
from platonic_atlas.engine.types import FloatArray, IntArray


@dataclass(frozen=True)
class AnchorMeasures:
    """Of one set of anchors.

    sites : (K,) ; shared : (n,) λ of the first axes ; agreement : model -> (2,) ; redundancy : of each model
    left_out : model -> why ; rows : model -> (K, d)
    """

    sites: IntArray
    shared: FloatArray
    agreement: Mapping[str, FloatArray]
    redundancy: Mapping[str, Redundancy]
    left_out: Mapping[str, str]
    rows: Mapping[str, FloatArray] = field(repr=False)


def anchor_measures(models: SideBySide, sites: IntArray) -> AnchorMeasures:
    """λ, agreement and redundancy of anchors (K,) in models that were read once.

    Raises
    ------
    AnchorError
        There is no anchor, or a shaping model does not embed one.
    """
    rows, left_out = models.rows(sites)
    found = models.measured(rows)
    said = {model: redundancy(each) for model, each in rows.items()}
    return AnchorMeasures(sites, found.shared, found.agreement, said, left_out, rows)
