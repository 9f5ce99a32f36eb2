"""One writer at a time: locks that the system lets go of when their process dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platonic_atlas.engine.errors import PlatonicError

LOCK = ".lock"
PATIENCE = 60.0  # seconds to wait for one who writes something small


@contextmanager
def locked(file: Path, busy: PlatonicError, *, patience: float | None = None, keep: bool = True) -> Iterator[None]:
    """Hold the lock of a file while the block runs.

    busy : is raised where another process, or another thread, still holds it after `patience` seconds (`PATIENCE` where None)
    keep : whether the file stays behind
    """
    from filelock import FileLock, Timeout  # not at the top: the environments of the models do without it

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
        if not keep:
            file.unlink(missing_ok=True)
        lock.release()
