"""What a disk refuses, in words: full, not to be written to, gone."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platonic_atlas.engine.errors import AtlasError, PlatonicError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
GONE = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE}


@contextmanager
def told_of_the_disk(
    what: str, again: str = "run the same command again", kept: str = "Nothing that was there before is changed."
) -> Iterator[None]:
    """Turn what the system says of a disk into our words.

    what : was to be written, as a sentence begins ("The layout 'x'") ; again : how it is done again ; kept : what is not lost

    Raises
    ------
    AtlasError
        It could not be written.
    """
    try:
        yield
    except PlatonicError:  # some of them are OSErrors too
        raise
    except OSError as error:
        raise _not_written(what, error, again, kept) from error


@contextmanager
def written_whole(file: Path) -> Iterator[Path]:
    """A file of this process beside `file`, to be filled in the block: it takes its place at the end, where no error is."""
    partial = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def write_whole(file: Path, text: str) -> None:
    """Write a small file so that what was there stays until the new one is whole."""
    with written_whole(file) as partial:
        partial.write_text(text, encoding="utf-8")


def _not_written(what: str, error: OSError, again: str, kept: str) -> AtlasError:
    place = f" at {error.filename}" if error.filename else ""
    return AtlasError(
        f"{what} could not be written{place} ({error.strerror or error}).",
        kept,
        f"{_way_out(error.errno)}, then {again}.",
    )


def not_read(what: str, error: OSError) -> AtlasError:
    """What the system says of a file that cannot be read, in our words."""
    way = "Allow it to be read" if error.errno in FORBIDDEN else "See that the path is right and its disk is connected"
    way = _way_out(error.errno) if error.errno in FULL else way
    place = f" at {error.filename}" if error.filename and str(error.filename) != what else ""
    return AtlasError(
        f"{what} cannot be {'used' if error.errno in FULL else 'read'}{place} ({error.strerror or error}).",
        "What a command names is there and may be read; there is room for what it makes.",
        f"{way}, then run the same command again.",
    )


def _way_out(number: int | None) -> str:
    if number in FULL:
        return "The disk or your share of it is full: make room"
    if number in FORBIDDEN:
        return "The folder may not be written to: allow it or choose another"
    if number in GONE:
        return "The folder is no longer there: see that its disk is connected"
    return "See what is wrong with the disk"
