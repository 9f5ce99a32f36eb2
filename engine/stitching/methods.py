"""What tells the methods of a stitch apart."""

from __future__ import annotations

from platonic_atlas.engine.choices import Method

DIRECT = (Method.RIDGE, Method.PROCRUSTES, Method.AFFINE)  # fitted on paired sites; the others lead through anchors
RELATIVE = (Method.RELATIVE_RIDGE, Method.RELATIVE_MLP)  # translate no features: a readout of the cosines
