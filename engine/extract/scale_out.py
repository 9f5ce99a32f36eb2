"""Chunks on a Dask cluster: the same jobs, done by whichever node is free, written straight into the atlas.

A chunk job is idempotent: it writes the rows of its chunk and then their checksums, so that a job that is done twice
(because a node was lost in the middle of it) leaves what one that is done once leaves. Each Dask worker keeps one
worker process of a family, in that family's own environment, with the model loaded.

A worker process that hangs on a node is ended there by the node that holds it, as on one machine
(`platonic_atlas.engine.extract.pulse`), and its error comes back; a node that is lost is noticed by Dask itself, which
gives the job to another. While no node is left, a run waits for one: a cluster may grow at any time.
"""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from platonic_atlas.engine.errors import PlatonicError, UsageError, WorkerError
from platonic_atlas.engine.extract.process import WorkerProcess
from platonic_atlas.engine.extract.protocol import Message, Tell, error_message, error_of, told_to_nobody

CONNECT = "30s"
TRIES = 3  # of a job that failed on a node; one whose node is lost is given to another by Dask itself


class Cluster:
    """A Dask cluster as the runner sees it: what `WorkerPool` is on one machine.

    address : of the scheduler, such as tcp://node:8786 ; load : the job that loads the model
    """

    def __init__(self, address: str, family: str, load: Mapping[str, Any], env_root: Path | None) -> None:
        self._address, self._family, self._load = address, family, dict(load)
        # absolute: the nodes work in other folders
        self._env_root = None if env_root is None else str(Path(env_root).expanduser().absolute())
        self._client: Any = None
        self.loaded: Message = {}

    def __enter__(self) -> Self:
        try:
            from distributed import Client
        except ImportError as error:
            raise UsageError(
                "The package `distributed` is not installed here.",
                "A Dask cluster is spoken to with it.",
                "Install it: pip install 'platonic-atlas[cluster]'",
            ) from error
        try:
            self._client = Client(self._address, timeout=CONNECT)
        except (OSError, ValueError) as error:  # nobody there, or no address
            raise UsageError(
                f"No Dask scheduler answers at {self._address} ({error}).",
                "A scheduler and its workers run where they can write into the atlas.",
                "Start one: dask scheduler, and on each node: dask worker ADDRESS --nthreads 1",
            ) from error
        try:
            self.loaded = self.request(self._load)
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()

    def request(self, job: Mapping[str, Any]) -> Message:
        """One job, on any node."""
        future = self._submit(job)
        return self._answer(self._result(future, [future]))

    def revive(self) -> None:
        """Nothing: a node starts another process in the place of a dead one when it is asked next."""

    def run(self, jobs: Iterable[Mapping[str, Any]], tell: Tell = told_to_nobody) -> list[Message]:
        """All jobs; results in the order of the jobs. The first error stops the others."""
        from distributed import as_completed

        futures = [self._submit(job) for job in jobs]
        results: dict[str, Message] = {}
        for future in as_completed(futures):
            result = self._answer(self._result(future, futures))
            results[future.key] = result
            tell(int(result.get("atoms", 0)))
        return [results[future.key] for future in futures]

    def _submit(self, job: Mapping[str, Any]) -> Any:
        # Not pure: the same job again is done again, for its chunk may have been damaged since.
        return self._client.submit(
            serve, self._family, self._load, dict(job), self._env_root, pure=False, retries=TRIES
        )

    def _result(self, future: Any, others: list[Any]) -> Message:
        try:
            found: Message = future.result()
        except Exception as error:  # Dask's own errors: a node that was lost once too often, a cluster that went away
            self._client.cancel(others)
            raise WorkerError(
                f"The cluster could not do a job ({type(error).__name__}: {str(error)[:300]}).",
                "Chunks that were complete are kept.",
                "Look at the logs of the Dask workers, then run the same command again: it goes on from there.",
            ) from error
        return found

    def _answer(self, message: Message) -> Message:
        if message["event"] == "error":
            raise error_of(message)
        return message


# What one Dask worker holds: the model that was asked for last, and a lock, for it may run several threads.
_lock = threading.Lock()
_held: dict[str, WorkerProcess] = {}


def serve(family: str, load: Message, job: Message, env_root: str | None) -> Message:
    """Do a job on a Dask worker: our errors come back as messages, so that both sides need the same classes only."""
    with _lock:
        key = json.dumps([family, load, env_root], sort_keys=True)
        try:
            process, loaded = _process(key, family, load, env_root)
            if job["task"] == "load":
                return {**loaded, "event": "done"}
            return {**process.request(job), "event": "done"}
        except PlatonicError as error:
            _end(key)
            return error_message(error)


_loaded: dict[str, Message] = {}


def _process(key: str, family: str, load: Message, env_root: str | None) -> tuple[WorkerProcess, Message]:
    """The worker process with this model, started where another model or none was held."""
    if key not in _held:
        from platonic_atlas.engine.extract.environments import find_interpreter

        for other in list(_held):
            _end(other)
        _held[key] = WorkerProcess(find_interpreter(family, env_root=env_root))
        _loaded[key] = _held[key].request(load)
    return _held[key], _loaded[key]


def _end(key: str) -> None:
    _loaded.pop(key, None)
    if (process := _held.pop(key, None)) is not None:
        process.__exit__(None, None, None)


@atexit.register
def _end_all() -> None:
    for key in list(_held):
        _end(key)
