"""Models as a view sees them: their spaces, and the rows of its anchors."""

from __future__ import annotations

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.engine.choices import Balance, FrameName, LayoutMethod, Representation
from platonic_atlas.engine.space.axes import rows_of, space_of
from platonic_atlas.engine.space.frames import ModelSpace
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey


def relative_key(models: tuple[str, ...], layer: str, balance: Balance, centre: bool) -> LayoutKey:
    """The key of models relative to anchors, where the frame and the anchors do not matter."""
    return LayoutKey(LayoutMethod.PCA, Representation.RELATIVE, FrameName.AGREEMENT, "", models, layer, balance, centre)


def space(data: AtlasData, model: str, key: LayoutKey) -> ModelSpace:
    """A model with the layer, representation, weights and centring of a key; kept as long as the atlas is open."""
    wanted = (model, key.layer, key.representation, key.balance, key.centre or key.representation == "raw")
    return data.own(("space", *wanted), lambda: _space(data, model, key))


def _space(data: AtlasData, model: str, key: LayoutKey) -> ModelSpace:
    return space_of(key, data.embedding(model, key.layer), data.moments(model, key.layer, key.balance), data.numbers)


def rows(data: AtlasData, model: str, key: LayoutKey, sites: IntArray) -> FloatArray:
    """Of the anchors, as `model` and the settings of `key` read them."""
    return rows_of(key, space(data, model, key), sites)


def lacking(data: AtlasData, model: str, key: LayoutKey, sites: IntArray) -> int:
    """How many of the anchors a model does not embed."""
    return int(np.count_nonzero(~data.present(model, key.layer)[sites]))


def anchor_bytes(sites: IntArray) -> bytes:
    """Sites as part of a record; see `anchor_sites`."""
    return np.ascontiguousarray(sites, dtype=np.int32).tobytes()


def anchor_sites(anchors: bytes) -> IntArray:
    return np.frombuffer(anchors, dtype=np.int32)
