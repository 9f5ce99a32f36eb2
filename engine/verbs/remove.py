"""The verb `remove`: models, anchor sets and layouts leave an atlas, with what was made from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from platonic_atlas.engine.errors import NotInAtlas, ReadOnlyAtlas, UsageError

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def remove(
    atlas: Atlas, *, models: Sequence[str] = (), anchors: Sequence[str] = (), layouts: Sequence[str] = ()
) -> list[str]:
    """Take models, anchor sets and layouts out of an atlas; returns the paths of what went.

    With a model go its maps and moments, and an embedding of it that was begun; with an anchor set the layouts made with
    it. What others were made of together with it (studies, layouts whose axes it shaped) is stale then, as `status` says.
    What was named and is not there is said before anything goes. Stopped at any moment, the same command goes on.

    Raises
    ------
    UsageError
        Nothing is named.
    NotInAtlas
        The atlas does not hold what is named.
    ReadOnlyAtlas
        It came with a shipped atlas.
    """
    from platonic_atlas.engine.store import only_writer

    if not (models or anchors or layouts):
        raise UsageError(
            "Nothing to be removed is named.",
            "Models, anchor sets and layouts can be taken out of an atlas.",
            f"Name one: platonic remove {atlas.path} --model NAME",
        )
    if not atlas.read_only:
        atlas.settle()
    _require_held(atlas, "model", models, atlas.begun())
    _require_held(atlas, "anchor set", anchors, atlas.anchor_sets())
    _require_held(atlas, "layout", layouts, atlas.layouts())
    _require_ours(atlas, models, anchors, layouts)
    gone = [*(f"layouts/{name}" for name in layouts), *(f"anchors/{name}" for name in anchors)]
    for name in layouts:
        atlas.forget_layout(name)
    for name in anchors:
        atlas.forget_anchors(name)
    for name in models:
        gone += [f"layouts/{layout}/{name}" for layout, held in atlas.layouts().items() if name in held]
        with only_writer(atlas, name):
            atlas.forget_model(name)
    return [*gone, *(f"embeddings/{name}" for name in models)]


def _require_held(atlas: Atlas, what: str, names: Sequence[str], held: Sequence[str] | dict[str, list[str]]) -> None:
    if unknown := [name for name in names if name not in held]:
        raise NotInAtlas(
            f"{atlas.path.name} holds no {what} {', '.join(map(repr, unknown))}; nothing was removed.",
            f"It holds: {', '.join(held) or 'none'}.",
            f"See what it holds: platonic status {atlas.path}",
        )


def _require_ours(atlas: Atlas, models: Sequence[str], anchors: Sequence[str], layouts: Sequence[str]) -> None:
    """A shipped atlas keeps what it came with; what was derived from it here may go."""
    came = [name for name in anchors if name not in atlas.own_anchor_sets()]
    came += [name for name in layouts if name not in atlas.own_layouts()]
    if atlas.read_only and (models or came):
        raise ReadOnlyAtlas(
            f"{', '.join([*models, *came])} came with {atlas.path.name}, which is read-only; nothing was removed.",
            "What is shipped stays as it is; what was made from it on this machine can be removed.",
            f"Make a copy that can change: platonic unpack {atlas.path} --to NEW.atlas.zarr",
        )
