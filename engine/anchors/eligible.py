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
    """(n_sites,) True where every model of the atlas has features.

    Raises
    ------
    AnchorError
        There is no such site; the message names the model that stands in the way most.
    """
    present = {model: _present(atlas, model) for model in atlas.models()}
    eligible = np.logical_and.reduce([np.ones(atlas.n_sites, dtype=bool), *present.values()])
    if present and not eligible.any():
        least = min(present, key=lambda model: int(present[model].sum()))
        raise AnchorError(
            f"No site is embedded by all models of {atlas.path.name}: {least} embeds {present[least].sum()} of {atlas.n_sites}.",
            "Anchors are sites that every model of the atlas embeds.",
            f"Take it out of the atlas, then choose again: platonic remove {atlas.path} --model {least}",
        )
    return eligible


def _present(atlas: Atlas, model: str) -> BoolArray:
    """(n_sites,) True where a model has features at all its layers."""
    return np.logical_and.reduce([atlas.present(model, layer) for layer in atlas.layers(model)])
