"""Maps from the features of model A to those of model B, fitted on paired sites (SCIENCE section 2, B and C).

Every direct map is affine: y = (x - x̄) T + ȳ, with the means of the training rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.types import FloatArray

DirectMethod = Literal["procrustes", "ridge", "affine"]
RIDGE_SHARE = 0.01


@dataclass(frozen=True)
class AffineMap:
    """y = (x - source_mean) matrix + target_mean; matrix : (d_a, d_b)."""

    source_mean: FloatArray
    target_mean: FloatArray
    matrix: FloatArray

    def __call__(self, features: FloatArray) -> FloatArray:
        """(n, d_b) float64 from (n, d_a)."""
        moved: FloatArray = (np.asarray(features, dtype=np.float64) - self.source_mean) @ self.matrix + self.target_mean
        return moved


def fit_direct(method: DirectMethod, source: FloatArray, target: FloatArray) -> AffineMap:
    """Fit a direct map on paired rows: source (n, d_a), target (n, d_b).

    Raises
    ------
    InputError
        There are too few pairs for the method, or the method is unknown.
    """
    if method not in FITS:
        raise InputError(
            f"There is no direct method {method!r}.", f"Methods: {', '.join(FITS)}.", f"Use --method {next(iter(FITS))}"
        )
    if len(source) < 2:
        raise InputError(
            f"{len(source)} paired sites are too few to fit {method}.",
            "A map is fitted on at least two sites that both models embed.",
            "Use an atlas with more structures.",
        )
    x, y = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    source_mean, target_mean = x.mean(axis=0), y.mean(axis=0)
    return AffineMap(source_mean, target_mean, FITS[method](x - source_mean, y - target_mean))


def _procrustes(x: FloatArray, y: FloatArray) -> FloatArray:
    """s T with T = U Vᵀ of XᵀY = U Σ Vᵀ, the narrower side zero-padded, and s = tr Σ / |X|² (Schönemann 1966).

    On paired rows |s X T - Y|² is smallest over all orthogonal T and scales s.
    """
    width = max(x.shape[1], y.shape[1])
    cross = np.zeros((width, width))
    cross[: x.shape[1], : y.shape[1]] = x.T @ y
    u, values, vt = np.linalg.svd(cross)
    spread = float(np.sum(x * x))
    scale = values.sum() / spread if spread > 0 else 0.0
    turned: FloatArray = scale * (u @ vt)[: x.shape[1], : y.shape[1]]
    return turned


def solve_ridge(x: FloatArray, y: FloatArray) -> FloatArray:
    """(XᵀX + α)⁻¹ XᵀY with α = 0.01 tr(XᵀX)/d: a penalty that does not depend on the units of the features."""
    gram = x.T @ x
    alpha = RIDGE_SHARE * np.trace(gram) / len(gram)
    if alpha == 0:
        return np.zeros((x.shape[1], y.shape[1]))
    solved: FloatArray = np.linalg.solve(gram + alpha * np.eye(len(gram)), x.T @ y)
    return solved


def _affine(x: FloatArray, y: FloatArray) -> FloatArray:
    """The least-squares map of smallest norm."""
    solved: FloatArray = np.linalg.lstsq(x, y, rcond=None)[0]
    return solved


FITS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "procrustes": _procrustes,
    "ridge": solve_ridge,
    "affine": _affine,
}


@dataclass(frozen=True)
class AnchorMap:
    """Through anchors: the inverse of B's relative projection applied to A's (Moschella et al. 2023; 2406.15057).

    anchors : (K, d_b) rows ê of the anchors in B ; mean0 : (d_b,) μ₀ of B
    norm : predicts |e_B| from e_A
    """

    anchors: FloatArray
    mean0: FloatArray
    norm: AffineMap

    def __call__(self, relative: FloatArray, features: FloatArray) -> FloatArray:
        """(n, d_b) features of B from A's relative representation (n, K) and A's features (n, d_a)."""
        direction = np.asarray(relative, dtype=np.float64) @ np.linalg.pinv(self.anchors.T)
        return from_centred(unit(direction), self.mean0, self.norm(features)[:, 0])


def unit(rows: FloatArray) -> FloatArray:
    """Rows scaled to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: FloatArray = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return scaled


def from_centred(centred: FloatArray, mean0: FloatArray, norms: FloatArray) -> FloatArray:
    """e = |e| (μ₀ + ρ ê) with the ρ that makes |μ₀ + ρ ê| = 1: back from centred unit rows to features.

    centred : (n, d) rows ê of length 1 ; mean0 : (d,) ; norms : (n,) |e|
    """
    along = centred @ mean0
    rho = -along + np.sqrt(np.maximum(along**2 + 1 - mean0 @ mean0, 0.0))
    features: FloatArray = norms[:, None] * (mean0 + rho[:, None] * centred)
    return features
