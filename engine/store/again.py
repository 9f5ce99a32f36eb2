"""The commands that make what an atlas lacks, as an error names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platonic_atlas.engine.types import OWN_CHECKPOINT


def embed_command(place: object, model: str, told: Mapping[str, Any], weights: object = None) -> str:
    """The command that embeds an atlas with a model.

    told : what is known of the model, such as the attributes of its embedding: `origin` and `family` ; weights : its file
    """
    own = (
        f" --family {told.get('family')} --weights {weights or 'FILE'}" if told.get("origin") == OWN_CHECKPOINT else ""
    )
    return f"platonic embed {place} --model {model}{own}"
