"""Processes that end with the one that started them, however that one ends: a kill asks nobody."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

LOOK = 0.5  # seconds between two looks
IDLE = 10  # seconds that a process of joblib waits for more work, also where it cannot see its parent


def end_with_parent(parent: int) -> None:
    """Watch, in a thread, that the process `parent` is still this one's, and end this process once it is not.

    On Windows a process keeps the number of a parent that has gone: there nothing is watched.
    """
    if os.name == "posix":
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(1)  # in the middle of whatever it does: nobody waits for it


def ending_with_us(folder: Path) -> dict[str, Any]:
    """Settings of `joblib.Parallel` whose processes end with this one.

    folder : a scratch folder for its files, which otherwise stay in the shared memory when this process is killed
    """
    return {
        "backend": "loky",
        "temp_folder": str(folder),
        "initializer": end_with_parent,
        "initargs": (os.getpid(),),
        "idle_worker_timeout": IDLE,
        "max_nbytes": None,
    }
