"""The verb `ingest`: a new atlas from structures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from platonic_atlas.engine.choices import OnError, chosen
from platonic_atlas.engine.progress import Progress, silent

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas
    from platonic_atlas.engine.structures.read import Input


def ingest(
    inputs: Input | Sequence[Input],
    to: str | Path,
    *,
    primitive: bool = False,
    orbits: bool = True,
    on_error: OnError | str = OnError.SKIP,
    coordination: bool = True,
    workers: int | None = None,
    elements: Sequence[str] = (),
    every: int = 1,
    last: bool = False,
    force: bool = False,
    progress: Progress = silent,
) -> Atlas:
    """Read structures and write them as a new atlas.

    The options are those of `platonic_atlas.engine.structures.collect`. An existing atlas is never overwritten; `force`
    moves it aside.

    Raises
    ------
    InputError : nothing usable in the input, or a structure was rejected and `on_error="fail"`
    AtlasExists : something lies at `to` already, which with `force` is no atlas
    UsageError : nothing can be made at `to`, `on_error` is neither "skip" nor "fail", `every` is below 1, or one of
        `elements` is none
    """
    from platonic_atlas.engine.store import create_atlas, is_url
    from platonic_atlas.engine.store.files import refuse_taken
    from platonic_atlas.engine.store.targets import new_folder
    from platonic_atlas.engine.structures.collect import collect

    new_folder(to)
    on_error = chosen(OnError, on_error, "way with what cannot be used")
    if not is_url(to):  # before the minutes, not after them
        refuse_taken(Path(to).expanduser(), force=force)
    collection = collect(
        inputs, primitive=primitive, orbits=orbits, on_error=on_error, coordination=coordination, workers=workers,
        elements=elements, every=every, last=last, progress=progress,
    )  # fmt: skip
    return create_atlas(to, collection, force=force)
