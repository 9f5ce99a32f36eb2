"""What a strategy is asked, what it sees of the reference model, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.space.relative import row_chunks, unit_rows
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray, Moments

Chosen = tuple[IntArray, dict[str, Any]]  # sites (K,), and what the choice depended on or found on the way


@dataclass(frozen=True)
class AnchorSet:
    """Chosen anchors: sites (K,) and everything that the choice depended on."""

    sites: IntArray
    strategy: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reference:
    """What a strategy sees of the reference model: its eligible sites only.

    sites : (m,) site numbers ; embedding : (m, d) ; moments : the model's ; rho : (m,) ; atomic_numbers : (m,)
    """

    sites: IntArray
    embedding: FloatArray
    moments: Moments
    rho: FloatArray
    atomic_numbers: IntArray

    def unit_rows(self) -> FloatArray:
        """ê of the eligible sites, (m, d) float32."""
        unit = np.empty(self.embedding.shape, dtype=np.float32)
        for rows in row_chunks(len(unit)):
            unit[rows] = unit_rows(self.embedding[rows], self.moments, self.rho[rows])
        return unit


@dataclass(frozen=True)
class Request:
    """What is asked of a strategy; each takes of it what it needs (see `choose_anchors`)."""

    eligible: BoolArray
    embedding: FloatArray | None = None
    moments: Moments | None = None
    atomic_numbers: IntArray | None = None
    n: int | None = None
    seed: int = 0
    atoms: IntArray | None = None
    input_site: IntArray | None = None

    def candidates(self) -> IntArray:
        """(m,) the eligible sites."""
        return np.flatnonzero(self.eligible)

    def number(self) -> int:
        """How many anchors are wanted; raises AnchorError where nobody said or there are not so many sites."""
        n, n_eligible = self.n, len(self.candidates())
        if n is None or not 1 <= n <= n_eligible:
            raise AnchorError(
                f"{'No number of' if n is None else n} anchors asked for, {n_eligible} sites are eligible.",
                f"Expected a number from 1 to {n_eligible}: anchors are sites that every model embeds.",
                "Give another number with '-n'.",
            )
        return n

    def reference(self) -> Reference:
        """The eligible sites in the reference model; raises AnchorError without one, or where it lacks some."""
        if self.embedding is None or self.moments is None or self.atomic_numbers is None:
            raise AnchorError(
                "This strategy needs a reference model.",
                "Expected the embedding, moments and atomic numbers of a model in the atlas.",
                "Name one with '--reference'.",
            )
        sites = self.candidates()
        rho = self.moments.rho[sites]
        if not np.isfinite(rho).all():
            raise AnchorError(
                f"{np.count_nonzero(~np.isfinite(rho))} eligible sites are not embedded by the reference model.",
                "Eligible sites are those that every model embeds, the reference too.",
                "Choose another reference with '--reference'.",
            )
        return Reference(sites, self.embedding[sites], self.moments, rho, self.atomic_numbers[sites])
