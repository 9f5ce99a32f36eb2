"""How long work says how far it is: one protocol for everything, a bar on a terminal, silence elsewhere.

A function that may take long has an argument `progress: Progress = silent` and calls it. What the caller raises in it
ends the work: that is how a run is cancelled.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    """Says what is being done and how much of it; a total of 0 means that nobody knows how much there is."""

    def __call__(self, what: str, done: float, total: float = 1.0, /) -> None: ...


def silent(what: str, done: float, total: float = 1.0, /) -> None:
    """Progress for nobody."""


def part(progress: Progress, start: float, end: float, what: str = "") -> Progress:
    """Progress of one part of a work, told as the stretch from `start` to `end` (0 to 1) of the whole.

    what : what the whole is called; where empty, each step keeps the name that it gives itself
    """

    def tell(step: str, done: float, total: float = 1.0, /) -> None:
        progress(what or step, start + (end - start) * (done / total if total else 0.0))

    return tell


@contextmanager
def bar() -> Iterator[Progress]:
    """Yield what a command hands to its verb: a bar on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)

        def tell(what: str, done: float, total: float = 1.0, /) -> None:
            shown.update(task, description=what, completed=done, total=total or None)

        yield tell
