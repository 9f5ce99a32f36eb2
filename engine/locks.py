"""One writer at a time: locks that the system lets go of when their process dies."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platonic_atlas.engine.errors import AtlasError, PlatonicError

LOCK = ".lock"
PATIENCE = 60.0  # seconds to wait for one who writes something small


@contextmanager
def locked(file: Path, busy: PlatonicError, *, patience: float | None = None) -> Iterator[None]:
    """Hold the lock of a file while the block runs. The file stays behind: one that is taken away before its lock is let
    go of can be held by two.

    busy : is raised where another process, or another thread, still holds it after `patience` seconds (`PATIENCE` where None)

    Raises
    ------
    AtlasError
        Something else lies at the place of the lock, such as a link, which may lead to a file of the user's.
    """
    from filelock import FileLock, Timeout  # not at the top: the environments of the models do without it

    _refuse_other(file)
    lock = FileLock(file, timeout=PATIENCE if patience is None else patience)
    try:
        lock.acquire()
    except Timeout:
        raise busy from None
    except NotImplementedError:  # a file system that has no locks
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _refuse_other(file: Path) -> None:
    try:
        mode = file.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise AtlasError(
            f"{file} is no plain file.",
            "A lock is an empty file, and opening another thing in its place could change what it leads to.",
            "Take it away, if it is yours; else do not write to this folder.",
        )
