"""What ends a worker alone is refused, and the rest go on; what ends it at everything is an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from platonic_atlas.engine.errors import WorkerError
from platonic_atlas.engine.extract.process import WorkerPool
from platonic_atlas.engine.extract.survivors import MOST_DEATHS, MOST_HANGS, Survivors


class Pool:
    """Workers that some structures end."""

    def __init__(self, fatal: set[int], *, hung: bool = False) -> None:
        self.fatal, self.hung, self.tried = fatal, hung, list[int]()

    def revive(self) -> None:
        """Always there."""

    def request(self, job: Mapping[str, Any]) -> dict[str, Any]:
        self.tried += job["structures"]
        if self.fatal & set(job["structures"]):
            raise ended(job["structures"], self.hung)
        return {}


def ended(structures: list[int], hung: bool) -> WorkerError:
    error = WorkerError("The worker process died.", "", "")
    error.structures, error.how, error.hung = tuple(structures), "signal 9", hung
    return error


def embedded(pool: Pool, n: int) -> Survivors:
    """Work through n structures ten at a time, as the runner does."""
    survivors = Survivors(cast(WorkerPool, pool), "an.atlas.zarr")

    def work() -> None:
        for start in range(0, n, 10):
            left = [i for i in range(start, min(start + 10, n)) if i not in survivors.fatal]
            if pool.fatal & set(left):
                raise ended(left, pool.hung)

    survivors.through(work)
    return survivors


def test_the_ones_that_end_a_worker_are_found_and_no_others() -> None:
    survivors = embedded(Pool({3, 7, 8, 42}), 60)
    assert survivors.told() == dict.fromkeys(("3", "7", "8", "42"), "the model loses its process to it (signal 9)")


def test_many_that_are_not_next_to_one_another_are_each_its_own_fault() -> None:
    assert set(embedded(Pool(set(range(0, 200, 2)), hung=True), 200).fatal) == set(range(0, 200, 2))


@pytest.mark.parametrize(("hung", "most"), [(True, MOST_HANGS), (False, MOST_DEATHS)])
def test_where_everything_ends_the_worker_the_error_is_told_soon(hung: bool, most: int) -> None:
    pool = Pool(set(range(500)), hung=hung)
    with pytest.raises(WorkerError):
        embedded(pool, 500)
    assert len(pool.tried) == most + 1
