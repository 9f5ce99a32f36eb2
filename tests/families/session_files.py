"""What several tests need is made once a session, whichever of the processes that share the tests comes first."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def session_folder(temporary: pytest.TempPathFactory) -> Path:
    """A folder that the processes of one session share."""
    own = temporary.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "once"
    folder.mkdir(exist_ok=True)
    return folder


def once(place: Path, make: Callable[[Path], None]) -> Path:
    """`place`, a file or a folder, made whole by the first who asks; the others wait for it."""
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            unfinished = place.with_name(f"{place.name}.{os.getpid()}")
            make(unfinished)
            unfinished.rename(place)
    return place
