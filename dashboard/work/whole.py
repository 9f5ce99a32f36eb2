"""What takes minutes for all models together: computed once, in a process beside the server, for every session."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.work.door import BUSY
from platonic_atlas.dashboard.work.followed import Followed
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.engine.store import Atlas
from platonic_atlas.engine.studies.study import Study

Found = TypeVar("Found", bound=Study)


@dataclass(frozen=True)
class Whole(Generic[Found]):
    """A study of a whole atlas.

    name : what its progress is called, and where the server holds it ; function : of the engine, called with the
    atlas ; kept : reads what is kept with the atlas or was shipped beside it
    """

    name: str
    function: str
    kept: Callable[[Atlas], Found | None]


class Once(Generic[Found]):
    """How a study of the whole atlas stands; `changed` is called when that is to be shown anew."""

    def __init__(self, source: AtlasData, whole: Whole[Found], changed: Callable[[], None]) -> None:
        self.source, self.whole, self._changed = source, whole, changed
        self.work = Followed(self.poll)
        self.progress: Progress | None = None
        self.problem, self._began = "", 0.0

    def found(self) -> Found | None:
        """Computed by any session of this server, kept with the atlas, or shipped beside it; else None."""
        data = self.source
        held: Found | None = data.held(self.whole.name)
        if held is None and (kept := self.whole.kept(data.atlas)) is not None:
            held = data.keep(self.whole.name, lambda: kept)
        return held

    def ask(self) -> None:
        """Begin, where it is neither known nor under way."""
        if self.work.task is not None or self.found() is not None:
            return
        data, self._began = self.source, time.monotonic()
        started = self.work.start(self.whole.function, atlas=data.atlas.path, keep=data.keeps)
        self.problem, self.progress = ("", Progress(self.whole.name, 0.0)) if started else (BUSY, None)
        self._changed()

    def poll(self) -> None:
        """Take up what the task reports."""
        if (report := self.work.report()) is None:
            return
        self.progress = None if report.done else Progress(self.whole.name, report.fraction)
        if report.done and report.error is not None:
            self.problem = f"{report.error.happened} {report.error.next_step}"
        elif report.done and report.result is not None:
            taken = time.monotonic() - self._began
            self.source.put(self.whole.name, report.result, seconds=taken)
        self._changed()

    def cancel(self) -> None:
        """Stop what is under way, if anything is."""
        if self.work.cancel():
            self.progress = None
            self._changed()
