"""The runner's part where a structure takes the model's process with it: it is found, recorded, and the rest go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from platonic_atlas.engine.errors import WorkerError

if TYPE_CHECKING:
    from platonic_atlas.engine.extract.process import WorkerPool
    from platonic_atlas.engine.extract.scale_out import Cluster

Result = TypeVar("Result")


class Survivors:
    """A pool whose workers may be killed by a structure: what the dead one had is tried alone, what kills again is
    remembered, and the work goes on without it."""

    def __init__(self, pool: WorkerPool | Cluster, atlas: str) -> None:
        self.pool, self.atlas = pool, atlas
        self.fatal: dict[int, str] = {}

    def through(self, work: Callable[[], Result]) -> Result:
        """Do a work that reads `fatal`, again until no structure kills a worker.

        Raises
        ------
        WorkerError
            A worker died, and of no structure that it had alone.
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
        found = {}
        for index in suspects:
            self.pool.revive()
            try:
                self.pool.request({"task": "refusals", "atlas": self.atlas, "structures": [index], "fatal": {}})
            except WorkerError as death:
                found[index] = f"the model's process dies of it ({death.how or 'it hangs'})"
        self.pool.revive()
        return found
