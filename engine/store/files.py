"""Where an atlas lies: folders, shipped zips, the default one; nothing is ever overwritten."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path, PurePosixPath

from platonic_atlas.engine.errors import AtlasError, AtlasExists, AtlasMissing
from platonic_atlas.engine.store import remote, schema
from platonic_atlas.engine.store.remote import AtlasUrl

Place = Path | AtlasUrl

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
    if found.exists():
        return found
    what = "The shipped atlas" if path is None else "The atlas"
    raise AtlasMissing(
        f"{what} {found} does not exist.",
        "An atlas is a folder *.atlas.zarr or a file *.atlas.zip.",
        "Make one with: platonic ingest FILE… --to NEW.atlas.zarr",
    )


def make_room(path: Path, *, force: bool) -> Path | None:
    """Refuse to overwrite `path`, or with `force` move what lies there aside and return its new place."""
    if not path.exists():
        return None
    if not force:
        raise AtlasExists(
            f"{path} exists already.",
            "An atlas is never overwritten.",
            "Choose another path, or add --force to move the old one aside.",
        )
    aside = path.with_name(f"{path.name}.{time.strftime('%Y%m%d-%H%M%S')}.{os.getpid()}.old")
    path.rename(aside)
    return aside


def check_zip(path: Path) -> None:
    """Refuse a zip whose members leave its folder or unpack to more than an atlas may hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise AtlasError(
            f"{path} is not a readable zip file ({error}).",
            "An atlas that is shipped is one *.atlas.zip.",
            "Download it again, or rebuild it with: platonic build RECIPE",
        ) from error
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


def too_large(path: Path) -> AtlasError:
    return AtlasError(
        f"{path} unpacks to more than an atlas may hold.",
        f"At most {schema.MAX_MEMBER_BYTES // 1024**3} GiB a member and {schema.MAX_TOTAL_BYTES // 1024**3} GiB in all.",
        "Use the unpacked folder *.atlas.zarr instead.",
    )
