"""Where a new atlas may be written: a name that says what it will be, in a folder that can hold it."""

from __future__ import annotations

import os
from pathlib import Path

from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.store import remote, schema
from platonic_atlas.engine.store.files import Place


def new_folder(to: Place | str | os.PathLike[str]) -> None:
    """Refuse a place that a growing atlas, a folder, cannot be made at.

    Raises
    ------
    UsageError
        It has no name, the name of a packed file, or lies inside of a file.
    """
    if remote.is_url(to):
        return
    _named(str(to))
    if str(to).endswith((schema.SUFFIX_ZIP, ".zip")):
        raise UsageError(
            f"{to} is the name of a packed atlas, and a folder was to be made.",
            f"A growing atlas is a folder, *{schema.SUFFIX_DIRECTORY}; `platonic build` packs one.",
            f"Say: --to {str(to).removesuffix('.zip').removesuffix('.atlas')}{schema.SUFFIX_DIRECTORY}",
        )
    _in_a_folder(Path(str(to)).expanduser())


def new_target(to: Path) -> None:
    """Refuse a place that neither a growing nor a packed atlas can be made at; raises UsageError as `new_folder`."""
    _named(str(to))
    _in_a_folder(to.expanduser())


def _named(to: str) -> None:
    if not to.strip() or Path(to).name in ("", "..") or "\0" in to:
        raise UsageError(
            f"{to!r} is no name for an atlas.",
            f"An atlas is a folder *{schema.SUFFIX_DIRECTORY} or a file *{schema.SUFFIX_ZIP}.",
            f"Name one: --to NEW{schema.SUFFIX_DIRECTORY}",
        )


def _in_a_folder(path: Path) -> None:
    for above in path.absolute().parents:
        if above.exists():
            if not above.is_dir():
                raise UsageError(
                    f"{above} is a file, and {path.name} cannot lie inside of it.",
                    "An atlas is made in a folder.",
                    f"Choose another place: --to {above.parent / path.name}",
                )
            return
