"""How much of a set of anchors says the same: the eigenvalues of their Gram matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.types import FloatArray

STORED = float(np.finfo(np.float32).eps)  # features are kept in float32: what is smaller is rounding


@dataclass(frozen=True)
class Redundancy:
    """Of K anchors in one model of d features, from the eigenvalues of the K × K Gram matrix of their rows.

    rank : how many are above rounding, at most the smaller of K and d
    effective_rank : exp(-Σ p log p) with p the eigenvalues over their sum (Roy and Vetterli, EUSIPCO 2007): K where
    the rows stand at right angles, 1 where all are one
    condition : the largest over the smallest that is above rounding
    """

    n_anchors: int
    n_features: int
    rank: int
    effective_rank: float
    condition: float

    @property
    def singular(self) -> bool:
        """Whether an anchor follows from the others, as it must where there are more anchors than features."""
        return self.rank < self.n_anchors


def redundancy(rows: FloatArray) -> Redundancy:
    """Of the rows (K, d) of the anchors in one model.

    The eigenvalues are the squared singular values of the rows, which keeps their small ones exact. Above rounding is
    what exceeds the largest singular value times max(K, d) times the precision of float32, in which features are kept.
    """
    n, d = rows.shape
    values = np.linalg.svd(rows, compute_uv=False)
    known = values[values > values[0] * max(n, d) * STORED] ** 2
    if not len(known):
        return Redundancy(n, d, 0, 0.0, float("nan"))
    share = known / known.sum()
    effective = float(np.exp(-(share @ np.log(share))))
    return Redundancy(n, d, len(known), effective, float(known[0] / known[-1]))
