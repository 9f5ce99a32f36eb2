"""How long work says how far it is: one protocol for everything, a bar on a terminal, silence or lines elsewhere.

A function that may take long has an argument `progress: Progress = silent` and calls it. What the caller raises in it
ends the work: that is how a run is cancelled.
"""

from __future__ import annotations

import sys
import time
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


#: Seconds between two lines where there is no terminal.
BETWEEN_LINES = 10.0


@contextmanager
def bar(*, lines: bool = False) -> Iterator[Progress]:
    """Yield what a command hands to its verb: a bar on a terminal; elsewhere silence, or a line now and then."""
    if not sys.stderr.isatty():
        yield _lines() if lines else silent
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)

        def tell(what: str, done: float, total: float = 1.0, /) -> None:
            shown.update(task, description=what, completed=done, total=total or None)

        yield tell


def _lines() -> Progress:
    """A line when a stage begins, and one every ten seconds of it."""
    told: dict[str, float] = {}

    def tell(what: str, done: float, total: float = 1.0, /) -> None:
        now = time.monotonic()
        if now - told.get(what, -BETWEEN_LINES) >= BETWEEN_LINES or (total and done >= total):
            told[what] = now
            whole = total > 1 or not total
            said = (f"{done:,.0f}" + (f" of {total:,.0f}" if total else "")) if whole else f"{100 * done:.0f} %"
            print(f"{what} {said}", file=sys.stderr, flush=True)

    return tell
