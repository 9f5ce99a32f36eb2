"""The models that are shown where nobody names any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas

MAPS = 7


def shown_by_default(atlas: Atlas, most: int = MAPS) -> list[str]:
    """The models of an atlas that are shown first: the catalogue's default ones in its order, then what else is
    trained, then controls."""
    from platonic_atlas.engine.models.catalogue import catalogue, default_models

    defaults, order = default_models(), {name: i for i, name in enumerate(catalogue())}

    def rank(name: str) -> tuple[bool, bool, int, str]:
        control = bool(atlas.model_attrs(name, atlas.layers(name)[0]).get("control"))
        return control, name not in defaults, order.get(name, len(order)), name

    return sorted(atlas.models(), key=rank)[:most]


def trained_of(atlas: Atlas, layer: str, models: Sequence[str] | None = None) -> list[str]:
    """Those of some models, of the ones shown first where None, that are trained and have the layer: they shape frames."""
    controls = atlas.controls()
    having = [model for model in models or shown_by_default(atlas) if layer in atlas.layers(model)]
    return [model for model in having if model not in controls]
