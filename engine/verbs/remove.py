"""The verb `remove`: models, anchor sets and layouts leave an atlas, with what was made from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from platonic_atlas.engine.errors import NotInAtlas, ReadOnlyAtlas, UsageError

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def _said_to_nobody(absent: str) -> None:
    """Where nobody asks what was not there."""


def remove(
    atlas: Atlas, *, models: Sequence[str] = (), anchors: Sequence[str] = (), layouts: Sequence[str] = (),
    missed: Callable[[str], None] = _said_to_nobody,
) -> list[str]:  # fmt: skip
    """Take models, anchor sets and layouts out of an atlas; returns the paths of what went.

    With a model go its maps and moments, and an embedding of it that was begun; with an anchor set the layouts made with
    it. What others were made of together with it (studies, layouts whose axes it shaped) is stale then, as `status` says.
    Stopped at any moment, the same command goes on: what is not there any more is passed over.

    missed : hears the path of each thing that was named and is not there

    Raises
    ------
    UsageError
        Nothing is named.
    NotInAtlas
        The atlas holds nothing of what is named.
    ReadOnlyAtlas
        It came with a shipped atlas.
    """
    if not (models or anchors or layouts):
        raise UsageError(
            "Nothing to be removed is named.",
            "Models, anchor sets and layouts can be taken out of an atlas.",
            f"Name one: platonic remove {atlas.path} --model NAME",
        )
    if not atlas.read_only:
        atlas.settle()
    held = {"embeddings": atlas.begun(), "anchors": atlas.anchor_sets(), "layouts": sorted(atlas.layouts())}
    named = {room: list(dict.fromkeys(names)) for room, names in zip(held, (models, anchors, layouts), strict=True)}
    _require_held(atlas, named, held, missed)
    going = {room: [name for name in names if name in held[room]] for room, names in named.items()}
    _require_ours(atlas, going["embeddings"], going["anchors"], going["layouts"])
    return list(_removed(atlas, going))


def _removed(atlas: Atlas, going: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Remove, and yield the path of each thing that went."""
    from platonic_atlas.engine.store import only_writer

    for name in going["layouts"]:
        atlas.forget_layout(name)
        yield f"layouts/{name}"
    for name in going["anchors"]:
        yield from (f"layouts/{layout}" for layout in atlas.forget_anchors(name))
        yield f"anchors/{name}"
    for name in going["embeddings"]:
        maps = [f"layouts/{layout}/{name}" for layout, held in atlas.layouts().items() if name in held]
        with only_writer(atlas, name):
            atlas.forget_model(name)
        yield from (*maps, f"embeddings/{name}")


def _require_held(
    atlas: Atlas, named: Mapping[str, list[str]], held: Mapping[str, list[str]], missed: Callable[[str], None]
) -> None:
    """Say what is not there; an error where nothing is."""
    absent = [f"{room}/{name}" for room, names in named.items() for name in names if name not in held[room]]
    if len(absent) == sum(map(len, named.values())):
        there = "; ".join(f"{room}: {', '.join(held[room]) or 'none'}" for room, names in named.items() if names)
        raise NotInAtlas(
            f"{atlas.path.name} holds no {', '.join(absent)}; nothing was removed.",
            f"It holds of {there}.",
            f"See what it holds: platonic status {atlas.path}",
        )
    for path in absent:
        missed(path)


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
