"""Where an atlas lies: folders, shipped zips, the default one; nothing is ever overwritten."""

from __future__ import annotations

import os
import shutil
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from platonic_atlas.engine.errors import AtlasError, AtlasExists, AtlasMissing
from platonic_atlas.engine.locks import LOCK, locked
from platonic_atlas.engine.store import nodes, remote, schema
from platonic_atlas.engine.store.disk import not_read
from platonic_atlas.engine.store.remote import AtlasUrl

Place = Path | AtlasUrl

SHOWN = 300  # characters of a path that an error names
TRIES = 20  # in a second, to remove a folder
DEFAULT_NAME = "default" + schema.SUFFIX_ZIP


def data_folder() -> Path:
    """The folder of the shipped atlas and recipes: inside the wheel, or `data/` of a checkout."""
    return Path(__file__).resolve().parents[2] / "data"  # platonic_atlas/data, or data/ beside engine/


def resolve(path: Place | str | os.PathLike[str] | None) -> Place:
    """The atlas that a user means: a path, a URL, or None for the shipped one.

    Raises
    ------
    AtlasMissing
        Nothing lies there.
    """
    if path is not None and remote.is_url(path):
        place = AtlasUrl(str(path))
        remote.no_zip(place)
        found: Place = place
    else:
        found = data_folder() / DEFAULT_NAME if path is None else Path(str(path)).expanduser()
    try:
        if found.exists():
            return found
    except OSError as error:  # a folder that may not be looked into, a name that is too long
        raise not_read(str(found)[:SHOWN], error) from error
    what = "The shipped atlas" if path is None else "The atlas"
    raise AtlasMissing(
        f"{what} {found} does not exist.",
        "An atlas is a folder *.atlas.zarr or a file *.atlas.zip.",
        "Make one with: platonic ingest FILE… --to NEW.atlas.zarr",
    )


def refuse_taken(path: Path, *, force: bool) -> None:
    """Say before anything is done what `make_room` would say, and whether an atlas can be made there at all.

    Raises
    ------
    AtlasExists
        As `make_room`.
    AtlasError
        The path leads through a file, or the folder may not be written to.
    """
    above = next(each for each in path.absolute().parents if os.path.lexists(each))
    if not above.is_dir() or not os.access(above, os.W_OK):
        why = "may not be written to" if above.is_dir() else "is no folder"
        raise AtlasError(
            f"{path} cannot be made: {above} {why}.", "An atlas is made in a folder.", "Choose another path."
        )
    if outer := next((each for each in Path(os.path.abspath(path)).parents if looks_like_an_atlas(each)), None):
        raise AtlasExists(
            f"{path} lies inside the atlas {outer.name}.",
            "An atlas holds nothing but its own parts, and would be damaged by others.",
            f"Choose another path: --to {outer.parent / path.name}",
        )
    if os.path.lexists(path):
        if not force:
            raise AtlasExists(
                f"{path} exists already.",
                "An atlas is never overwritten.",
                "Choose another path, or add --force to move an atlas that is there aside.",
            )
        if not looks_like_an_atlas(path):
            raise AtlasExists(
                f"{path} is no atlas, and is left where it is.",
                "With --force an atlas is moved aside, never another file or folder.",
                f"Choose another path: --to NEW{schema.SUFFIX_DIRECTORY}",
            )


def make_room(path: Path, *, force: bool) -> Path | None:
    """Refuse to overwrite `path`, or with `force` move the atlas that lies there aside and return its new place.

    Raises
    ------
    AtlasExists
        Something lies there and `force` is False, or it is no atlas: what is not ours is never moved.
    """
    refuse_taken(path, force=force)
    if not os.path.lexists(path):
        return None
    aside = path.with_name(f"{path.name}.{time.strftime('%Y%m%d-%H%M%S')}.{os.getpid()}.old")
    path.rename(aside)
    return aside


def looks_like_an_atlas(path: Path) -> bool:
    """Whether the root document of an atlas is there, damaged or not, under a name by which it can be moved."""
    if path.name in ("", ".", ".."):
        return False
    try:
        if path.is_dir():
            document = (path / nodes.DOCUMENT).read_bytes()
        else:
            with zipfile.ZipFile(path) as archive:
                document = archive.read(nodes.DOCUMENT)
    except (OSError, zipfile.BadZipFile, KeyError, zlib.error, NotImplementedError, RuntimeError):
        return path.is_file() and path.name.endswith(schema.SUFFIX_ZIP) and zipfile.is_zipfile(path)
    return schema.FORMAT.encode() in document


def put_in_place(made: Path, target: Path, *, force: bool) -> Path | None:
    """Move what is whole to where it belongs; returns where what was there lies now. It comes back where that fails."""
    aside = make_room(target, force=force)
    try:
        made.rename(target)
    except BaseException:
        if aside is not None:
            aside.rename(target)
        raise
    return aside


@contextmanager
def room_beside(target: Path) -> Iterator[Path]:
    """A folder beside `target` in which it is made: ours alone, emptied of what a killed command left, and gone in the end.

    Raises
    ------
    AtlasExists
        Another process is making `target`.
    """
    if target.name in ("", ".", ".."):
        raise AtlasExists(f"{target} exists already.", "An atlas has a name of its own.", "Choose another path.")
    room = target.with_name(f".{target.name}.partial")
    room.mkdir(parents=True, exist_ok=True)
    busy = AtlasExists(
        f"Another process is making {target}.",
        "One command at a time makes an atlas.",
        "Wait until it is done, or choose another path.",
    )
    with locked(room / LOCK, busy, patience=0):
        for left in room.iterdir():
            if left.is_dir():
                shutil.rmtree(left)
            elif left.name != LOCK:
                left.unlink()
        try:
            yield room
        finally:
            _take_away(room)


def _take_away(room: Path) -> None:
    """Remove a folder into which threads of Zarr may still be writing what an error has made useless."""
    for _ in range(TRIES):
        shutil.rmtree(room, ignore_errors=True)
        if not room.exists():
            return
        time.sleep(1 / TRIES)


def check_zip(path: Path) -> dict[str, int]:
    """Refuse a zip whose members leave its folder or unpack to more than an atlas may hold; name -> bytes of each."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise AtlasError(
            f"{path} is not a readable zip file ({error}).",
            "An atlas that is shipped is one *.atlas.zip.",
            "Download it again, or rebuild it with: platonic build RECIPE",
        ) from error
    if len({member.filename for member in members}) < len(members):
        raise AtlasError(
            f"{path} holds two members of one name.",
            "Each member of an atlas has its own.",
            "Do not use this file; get the atlas from a place you trust.",
        )
    for member in members:
        parts = PurePosixPath(member.filename).parts
        if member.filename.startswith("/") or ".." in parts or "\\" in member.filename:
            raise AtlasError(
                f"{path} holds a member outside of itself: {member.filename!r}.",
                "Members of an atlas lie inside it.",
                "Do not use this file; get the atlas from a place you trust.",
            )
        if member.file_size > schema.MAX_MEMBER_BYTES:
            raise too_large(path)
    if sum(member.file_size for member in members) > schema.MAX_TOTAL_BYTES:
        raise too_large(path)
    return {member.filename: member.file_size for member in members}


def too_large(path: Path) -> AtlasError:
    return AtlasError(
        f"{path} unpacks to more than an atlas may hold.",
        f"At most {schema.MAX_MEMBER_BYTES // 1024**3} GiB a member and {schema.MAX_TOTAL_BYTES // 1024**3} GiB in all.",
        "Use the unpacked folder *.atlas.zarr instead.",
    )
