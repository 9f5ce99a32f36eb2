"""Folders for a while: what a killed process left of them is taken away by the next one."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from platonic_atlas.engine.errors import PlatonicError, WorkerError
from platonic_atlas.engine.locks import LOCK, locked

PREFIX = "platonic-"
YOUNG = 60.0  # seconds in which a folder may not have its lock yet


@contextmanager
def scratch(kind: str) -> Iterator[Path]:
    """A new folder for the time of the block, locked so that others see that it is in use."""
    _sweep(kind)
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix=f"{PREFIX}{kind}-", ignore_cleanup_errors=True))
        )
        stack.enter_context(locked(folder / LOCK, _taken(folder), patience=0))
        yield folder


def _sweep(kind: str) -> None:
    """Take away folders of processes that are gone: their locks are free."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}{kind}-*"):
        with contextlib.suppress(OSError, PlatonicError):
            if folder.is_symlink() or not (folder / LOCK).is_file() or time.time() - folder.stat().st_mtime < YOUNG:
                continue
            with locked(folder / LOCK, _taken(folder), patience=0):
                shutil.rmtree(folder, ignore_errors=True)


def _taken(folder: Path) -> WorkerError:
    return WorkerError(f"{folder} is in use.", "Each process has a folder of its own.", "Run the same command again.")
