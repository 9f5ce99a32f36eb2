"""The runner's part where a structure ends the model's process, or holds it for ever: it is found, recorded, and the rest
go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from platonic_atlas.engine.errors import WorkerError

if TYPE_CHECKING:
    from platonic_atlas.engine.extract.process import WorkerPool
    from platonic_atlas.engine.extract.scale_out import Cluster

Result = TypeVar("Result")
# At structures one after the other; beyond it is no structure's fault. A hang costs minutes, a death the start of a worker.
MOST_HANGS, MOST_DEATHS = 2, 20


class Survivors:
    """A pool whose workers may be killed, or held for ever, by a structure: what the ended one had is tried alone, what
    ends another is remembered, and the work goes on without it."""

    def __init__(self, pool: WorkerPool | Cluster, atlas: str) -> None:
        self.pool, self.atlas = pool, atlas
        self.fatal: dict[int, str] = {}
        self._last: tuple[int, ...] = ()  # that ended a worker one after the other in the atlas

    def through(self, work: Callable[[], Result]) -> Result:
        """Do a work that reads `fatal`, again until no structure kills a worker.

        Raises
        ------
        WorkerError
            A worker was ended, and by no structure that it had alone; or by too many one after the other.
        """
        while True:
            try:
                return work()
            except WorkerError as death:
                found = self._fatal_alone([i for i in death.structures if i not in self.fatal])
                if not found:
                    raise
                self.fatal |= found

    def told(self) -> dict[str, str]:
        """The fatal structures as a job holds them."""
        return {str(i): why for i, why in self.fatal.items()}

    def _fatal_alone(self, suspects: Sequence[int]) -> dict[int, str]:
        """Those that end a worker alone, and why; none where too many do in a row."""
        found = {}
        for index in suspects:
            if (end := self._alone(index)) is None:
                continue
            what = "hangs at it" if end.hung else "loses its process to it"
            found[index] = f"the model {what} ({end.how})"
            if self._in_a_row(index) > (MOST_HANGS if end.hung else MOST_DEATHS):
                return {}
        self.pool.revive()
        return found

    def _in_a_row(self, index: int) -> int:
        """How many ended a worker one after the other, with this one."""
        self._last = (*(self._last if index - 1 in self._last else ()), index)
        return len(self._last)

    def _alone(self, index: int) -> WorkerError | None:
        """How a worker ends that has nothing but this structure; None where it goes on."""
        self.pool.revive()
        try:
            self.pool.request({"task": "refusals", "atlas": self.atlas, "structures": [index], "fatal": {}})
        except WorkerError as end:
            return end
        return None
