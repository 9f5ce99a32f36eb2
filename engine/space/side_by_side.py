"""The models of an atlas side by side, ready for anchors of any choice: read once, measured as often as anchors change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.space.agreement import Agreement
from platonic_atlas.engine.space.anchor_blocks import AnchorBlocks, Covariances, anchor_blocks
from platonic_atlas.engine.space.anchored import Anchored
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.types import FloatArray, IntArray


@dataclass(frozen=True)
class SideBySide:
    """Models and their covariances.

    spaces : of all models ; shaping : the trained ones whose agreement it is
    groups : covariances of the shaping models and of those that embed all of their sites; then, for each model that
    embeds less, of the shaping models and of it, over what both embed; of a model that embeds none of theirs there are
    none ; left_out : model -> why, of those that could not be read
    """

    spaces: Mapping[str, ModelSpace]
    shaping: tuple[str, ...]
    groups: tuple[Covariances, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def within(self) -> bool:
        """Whether the mean of each element is taken away."""
        return self.groups[0].within

    def read_with(self, models: Iterable[str]) -> list[str]:
        """The shaping models and those of `models` that embed a site with them; no other is ever read."""
        beside = [model for model in models if model not in self.shaping]
        return [*self.shaping, *(each for each in beside if any(each in group.columns for group in self.groups))]

    def embedded(self, models: Iterable[str]) -> IntArray:
        """(n,) the sites that all of these models embed."""
        return np.flatnonzero(np.all([np.isfinite(self.spaces[model].rho) for model in models], axis=0))

    def rows(
        self, sites: IntArray, models: Iterable[str] | None = None
    ) -> tuple[dict[str, FloatArray], dict[str, str]]:
        """Model -> (K, d) rows of anchors, and why others have none.

        models : those that are asked for, all where None

        Raises
        ------
        AnchorError
            A shaping model does not embed one of them.
        """
        rows, left_out = dict[str, FloatArray](), dict(self.left_out)
        for model in self.spaces if models is None else models:
            space = self.spaces[model]
            try:
                rows[model] = anchor_rows(space.embedding, space.moments, sites, centre=space.centre)
            except AnchorError as error:
                if model in self.shaping:
                    raise AnchorError(
                        f"{model} shapes the frame: {error.happened}", error.expected, error.next_step
                    ) from error
                left_out[model] = error.happened
        return rows, left_out

    def measured(self, rows: Mapping[str, FloatArray]) -> Agreement:
        """λ and agreement with these anchors, of every model that has rows.

        rows : model -> (K, d)
        """
        found: dict[str, FloatArray] = {}
        shared: FloatArray = np.zeros(0)
        for i, group in enumerate(self.groups):
            of = {model: rows[model] for model in group.columns if model in rows}
            if i and len(of) == len(self.shaping):
                continue
            anchored = Anchored.of(group, of, self.spaces, self.shaping)
            shared = anchored.shared() if i == 0 else shared
            found |= anchored.agreement(shaping=i == 0)
        return Agreement(self.shaping, shared, found)

    def blocks(self, rows: Mapping[str, FloatArray], *, others: bool = True) -> list[AnchorBlocks]:
        """What the agreement with any of these anchors follows from: for many choices among them.

        rows : model -> (K, d) ; others : also of the models that do not shape, as far as they have rows
        """
        found = []
        for i, group in enumerate(self.groups):
            beside = [model for model in group.columns if model in rows and model not in self.shaping] if others else []
            if i == 0 or beside:
                found.append(anchor_blocks(group, rows, self.spaces, self.shaping, beside))
        return found
