"""A progress bar on a terminal, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Tell(Protocol):
    """Says what is being done and how much of it; a total of 0 means that nobody knows how much there is."""

    def __call__(self, what: str, done: float, total: float = 1.0, /) -> None: ...


@contextmanager
def bar() -> Iterator[Tell]:
    """Yield what every verb calls with its progress."""
    if not sys.stderr.isatty():
        yield lambda what, done, total=1.0, /: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda what, done, total=1.0, /: shown.update(task, description=what, completed=done, total=total or None)
