"""Seeded embeddings for the tests of the numerics."""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.space.frames import ModelSpace, model_space
from platonic_atlas.engine.space.relative import anchor_rows, compute_moments
from platonic_atlas.engine.types import Balance, FloatArray, IntArray, Representation

ELEMENTS = np.array([1, 3, 8, 9, 11, 14, 16, 17, 20, 26, 29, 35, 47, 55, 79])


def numbers(n: int = 300, seed: int = 0) -> IntArray:
    """Atomic numbers of n sites, some elements much commoner than others."""
    rng = np.random.default_rng(seed)
    return rng.choice(ELEMENTS, n, p=np.arange(1, 16) / 120)


def embedding(z: IntArray, d: int, seed: int, noise: float = 0.4) -> FloatArray:
    """Features of a made-up model: a vector an element, an offset common to all, and noise."""
    rng = np.random.default_rng(seed)
    of_element = rng.normal(size=(119, d)) * np.geomspace(3, 0.3, d)
    return (of_element[z] + rng.normal(size=d) + noise * rng.normal(size=(len(z), d))).astype(np.float32)


def changed(e: FloatArray, how: str, seed: int) -> FloatArray:
    """Features turned, scaled as a whole or row by row, shifted, or stretched along their axes."""
    rng, (n, d) = np.random.default_rng(seed), e.shape
    return {
        "rotation": lambda: e @ np.linalg.qr(rng.normal(size=(d, d)))[0],
        "scale": lambda: e * 7.5,
        "row scale": lambda: e * rng.uniform(0.5, 2, size=(n, 1)),
        "shift": lambda: e + 2,
        "stretch": lambda: e * np.linspace(0.5, 2, d),
    }[how]().astype(np.float32)


def space(
    e: FloatArray,
    z: IntArray,
    balance: Balance = "elements",
    centre: bool = True,
    representation: Representation = "relative",
) -> ModelSpace:
    """Moments and model space in one step."""
    return model_space(e, compute_moments(e, z, balance), z, centre=centre, representation=representation)


def rows_of(model: ModelSpace, sites: IntArray) -> FloatArray:
    """Anchor rows of a model space."""
    return anchor_rows(model.embedding, model.moments, sites, centre=model.centre)


def direct_z(e: FloatArray, w: FloatArray, sites: IntArray, centre: bool) -> FloatArray:
    """Z written out in float64, straight from the definitions."""
    r = e.astype(np.float64) / np.linalg.norm(e.astype(np.float64), axis=1, keepdims=True)
    if centre:
        r = r - w @ r
        r = r / np.linalg.norm(r, axis=1, keepdims=True)
    return r @ r[sites].T


def up_to_sign(found: FloatArray, expected: FloatArray) -> float:
    """Largest difference as a part of the expected range, each axis with its better sign."""
    worst = 0.0
    for a, b in zip(found.T, expected.T, strict=True):
        worst = max(worst, min(np.abs(a - b).max(), np.abs(a + b).max()))
    return float(worst / np.ptp(expected))
