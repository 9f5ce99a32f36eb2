"""When an atlas was last written to, told without opening it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from platonic_atlas.engine.store import schema

if TYPE_CHECKING:
    from platonic_atlas.engine.store.store import Atlas


def stamp(atlas: Atlas) -> tuple[int, ...]:
    """Times [ns] at which the atlas and what is kept beside it were last written, 0 where nothing lies there: another
    value after each write, on this machine; always the same for an atlas elsewhere.
    """
    path = atlas.path
    own = [path / schema.DOCUMENT if path.is_dir() else path] if isinstance(path, Path) else []
    return tuple(_written(place) for place in (*own, atlas.beside / schema.DOCUMENT))


def _written(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return 0
