"""What lies in `.writing/` of an atlas: one folder for each change that is on its way, or was when its process was killed.

An atlas may come from a stranger. So nothing that is found there is believed: only folders of the names that are given
to them here are looked at, no link is followed, and a place leads to a unit of this atlas or counts as none.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import stat
import uuid
from pathlib import Path

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.names import LONGEST_MADE, is_name
from platonic_atlas.engine.store import schema

STAGES = ".writing"
PLACE, NEW, OLD = "place", "new", "old"  # in a stage: the path that it is meant for, what goes there, what was there
_NAME = re.compile("[0-9a-f]{32}")
_MOST = 8 * LONGEST_MADE  # bytes of a place, which is a few names


def fresh(folder: Path, path: str) -> Path:
    """A new stage of an atlas for the change at a path."""
    stage = folder / STAGES / uuid.uuid4().hex
    stage.mkdir(parents=True)
    (stage / PLACE).write_text(path, encoding="utf-8")
    return stage


def found(folder: Path) -> list[Path]:
    """The stages of an atlas, by name."""
    room = folder / STAGES
    if not is_folder(room):
        return []
    return sorted(stage for stage in room.iterdir() if _NAME.fullmatch(stage.name) and is_folder(stage))


def place(stage: Path) -> str:
    """The path that a stage is meant for, a unit or what lies above units; empty where it names none."""
    try:
        told = (stage / PLACE).lstat()
        if not stat.S_ISREG(told.st_mode) or told.st_size > _MOST:
            return ""
        path = (stage / PLACE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    parts = path.split("/")
    return path if len(parts) <= schema.unit_depth(path) and all(map(is_name, parts)) else ""


def is_unit(path: str) -> bool:
    """Whether a path is that of a unit, which is put in its place whole."""
    return path.count("/") + 1 == schema.unit_depth(path)


def is_folder(path: Path) -> bool:
    """Whether a folder lies there, which a link to one is not."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def remove(folder: Path, stage: Path) -> None:
    """Take a stage away, and the room of the stages where it was the last."""
    shutil.rmtree(stage)
    with contextlib.suppress(OSError):  # others are there
        (folder / STAGES).rmdir()


def refuse_links(folder: Path, path: str) -> None:
    """Refuse a way to a place in an atlas that leads elsewhere.

    Raises
    ------
    AtlasError
        Something on the way, or what lies at its end, is no folder of the atlas itself.
    """
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        there = folder.joinpath(*parts[:depth])
        if there.is_symlink() or (there.exists() and not is_folder(there)):
            raise AtlasError(
                f"{'/'.join(parts[:depth])} of {folder.name} is a link, or no folder.",
                "An atlas consists of plain files and folders.",
                "Copy the atlas with its links resolved, if you trust where they lead: cp -rL OLD NEW",
            )
