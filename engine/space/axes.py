"""From a layout's key to spaces, anchor rows and projections: the one place that says what a map is made of.

Arrays in, arrays out; who has them (a verb, the dashboard's caches) decides what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from platonic_atlas.engine.choices import Balance, FrameName, Representation
from platonic_atlas.engine.space.agreement import agreement_frame
from platonic_atlas.engine.space.cross import CrossMoments
from platonic_atlas.engine.space.frames import (
    ModelSpace,
    Projection,
    less_element_means,
    model_space,
    own_frame,
    place,
    shared_frame,
    within_elements,
)
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, LayoutKey, Moments

CrossOf = Callable[[Sequence[str]], CrossMoments]  # of trained models, side by side


def layout_name(key: LayoutKey) -> str:
    """The name of a layout: method and anchors (or raw), then whatever differs from the default."""
    raw = key.representation == Representation.RAW
    more = {
        str(key.frame): key.frame != FrameName.AGREEMENT and not raw,
        "within-elements": key.within_elements,
        "by-atoms": key.balance == Balance.ATOMS,
        "uncentred": not key.centre and not raw,
        key.layer: key.layer != READOUT,
    }
    made_of = str(key.representation) if raw else key.anchors
    return "-".join([key.method, made_of, *(word for word, differs in more.items() if differs)])


def is_shared(key: LayoutKey) -> bool:
    """Whether the maps of a key have axes in common: raw features of different models have none."""
    return key.representation == Representation.RELATIVE and key.frame != FrameName.OWN


def space_of(key: LayoutKey, embedding: FloatArray, moments: Moments, atomic_numbers: IntArray) -> ModelSpace:
    """One model as the key asks for it.

    embedding : (n_sites, d) ; moments : of the key's layer and balance ; atomic_numbers : (n_sites,)
    """
    return model_space(embedding, moments, atomic_numbers, representation=key.representation, centre=key.centre)


def rows_of(key: LayoutKey, space: ModelSpace, sites: IntArray) -> FloatArray:
    """(K, d) rows of the anchors `sites` in one model; raises AnchorError where it lacks one."""
    return anchor_rows(space.embedding, space.moments, sites, centre=key.centre)


def projections(
    key: LayoutKey, spaces: Mapping[str, ModelSpace], rows: Mapping[str, FloatArray], shaping: Sequence[str],
    cross: CrossOf,
) -> dict[str, Projection]:  # fmt: skip
    """Each model's way onto the axes of the key's frame.

    rows : model -> (K, d), of the models that embed the anchors, which are those that get a place; of raw features no
        anchors are asked for, and every model of `spaces` gets one
    shaping : the trained models that shape a shared frame; without any, each model has its own
    cross : asked for the cross moments of those that do, where it is the agreement frame
    """
    if key.representation == Representation.RAW:
        return {model: own_frame(space) for model, space in spaces.items()}
    shaping = [model for model in shaping if model in rows]
    if key.frame == FrameName.AGREEMENT and shaping:
        return agreement_frame(cross(shaping), rows, spaces, shaping, within=key.within_elements)
    if key.within_elements:
        spaces = {model: within_elements(spaces[model]) for model in rows}
    if is_shared(key) and shaping:
        return shared_frame(rows, spaces, shaping)
    return {model: own_frame(spaces[model], rows[model]) for model in rows}


def placed(key: LayoutKey, space: ModelSpace, projection: Projection, atomic_numbers: IntArray) -> FloatArray:
    """Coordinates of the sites on the axes of the key's frame, (n_sites, 2) float32; within elements each less the mean
    place of its element."""
    places = place(space, projection)
    return less_element_means(places, atomic_numbers) if key.within_elements else places
