"""A deterministic choice of decorations, spread evenly over elements and families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.structures import chemistry
from platonic_atlas.engine.structures.recipe_file import FamilyRecipe, StructureRecipe
from platonic_atlas.engine.types import FloatArray, IntArray


@dataclass(frozen=True)
class Decoration:
    """A family with an element for each role."""

    recipe: FamilyRecipe
    elements: tuple[int, ...]

    @property
    def n_sites(self) -> int:
        return len(self.recipe.family.sites)


def candidates(recipe: StructureRecipe, entry: FamilyRecipe) -> IntArray:
    """(n, n_roles) all decorations that the chemistry of the recipe allows, sorted."""
    if entry.kind == "intermetallic":
        rows = chemistry.intermetallic(
            entry.family, entry.roles, radius_ratio=entry.radius_ratio, valence=entry.valence
        )
    else:
        cations = [z for z in recipe.elements if z not in recipe.not_cations]
        states = chemistry.common_states(recipe.state_share)
        rows = chemistry.ionic(
            entry.family, cations, recipe.anions, states, given=entry.given, larger_first=entry.larger_first
        )
    return np.unique(rows[np.isin(rows, recipe.elements).all(axis=1)], axis=0)


class EvenOrder:
    """Hands out decorations one by one: the family furthest behind its share, its rarest elements.

    A decoration scores Σ log(1 + sites its elements have so far); the lowest comes first, ties by a
    seeded permutation. `refuse` gives back what a decoration counted for its elements, so that one without
    an energy minimum leaves its place to another of the same elements.
    """

    def __init__(self, recipe: StructureRecipe, counts: IntArray) -> None:
        """counts : (119,) sites that each element has already."""
        generator = np.random.default_rng(recipe.seed)
        self.entries: Sequence[FamilyRecipe] = recipe.families
        self.pools = [generator.permutation(candidates(recipe, entry)) for entry in self.entries]
        self.open = [np.ones(len(pool), dtype=bool) for pool in self.pools]
        self.taken: FloatArray = np.zeros(len(self.entries))
        self.counts = counts.astype(float)

    def take(self) -> Decoration | None:
        """The next decoration, None when all are used up."""
        share = np.array([entry.share for entry in self.entries])
        behind = np.where([left.any() for left in self.open], self.taken / share, np.inf)
        k = int(np.argmin(behind))
        if not np.isfinite(behind[k]):
            return None
        score = np.log1p(self.counts)[self.pools[k]].sum(axis=1)
        chosen = int(np.argmin(np.where(self.open[k], score, np.inf)))
        self.open[k][chosen] = False
        decoration = Decoration(self.entries[k], tuple(int(z) for z in self.pools[k][chosen]))
        self._count(decoration, 1)
        self.taken[k] += decoration.n_sites
        return decoration

    def refuse(self, decoration: Decoration) -> None:
        """Take a decoration out of its elements' counts again.

        The family stays charged: one that runs out of plausible members would otherwise be asked on and on.
        """
        self._count(decoration, -1)

    def _count(self, decoration: Decoration, sign: int) -> None:
        roles = decoration.recipe.family.roles
        for role, _ in decoration.recipe.family.sites:
            self.counts[decoration.elements[roles.index(role)]] += sign
