"""Which sites may be anchors, and the model that they are chosen in unless another is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.types import BoolArray

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def first_trained(atlas: Atlas) -> str:
    """The model that anchors are chosen in unless another is named."""
    trained = [name for name in atlas.models() if not atlas.model_attrs(name, atlas.layers(name)[0]).get("control")]
    if not trained:
        raise AnchorError(
            f"{atlas.path.name} holds no trained model.",
            "Anchors are chosen in the space of a trained model.",
            f"Embed one first: platonic embed {atlas.path} --model sevennet-0",
        )
    from platonic_atlas.engine.models.catalogue import default_models

    return next((name for name in default_models() if name in trained), trained[0])


def embedded_by_all(atlas: Atlas) -> BoolArray:
    """(n_sites,) True where every model of the atlas has features."""
    eligible = np.ones(atlas.n_sites, dtype=bool)
    for model in atlas.models():
        for layer in atlas.layers(model):
            eligible &= atlas.present(model, layer)
    return eligible
