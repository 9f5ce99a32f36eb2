"""The models of a family by one worker, one after the other: its packages are imported once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from platonic_atlas.engine.extract.process import WorkerProcess
from platonic_atlas.engine.extract.protocol import Message, Tell, told_to_nobody
from platonic_atlas.engine.extract.session import ModelSession, load_job
from platonic_atlas.engine.types import ModelSpec


class FamilyWorker:
    """A worker, and the model that it holds now."""

    def __init__(self, process: WorkerProcess) -> None:
        self.process = process
        self.holder: ModelTurn | None = None

    def session(self, spec: ModelSpec, weights: Path | None = None, *, trust_weights: bool = False) -> ModelSession:
        """The model, loaded now, and again whenever another was asked something in between."""
        turn = ModelTurn(self, load_job(spec, weights, trust_weights, "cpu"))
        return ModelSession(turn, spec.name)  # type: ignore[arg-type]


class ModelTurn:
    """What a session asks of a pool of workers, for one of the models that share a worker."""

    def __init__(self, worker: FamilyWorker, load: Message) -> None:
        self._worker, self._load = worker, load
        self._take()

    @property
    def loaded(self) -> Message:
        return self._loaded

    def request(self, job: Mapping[str, Any]) -> Message:
        self._take()
        return self._worker.process.request(job)

    def run(self, jobs: Iterable[Mapping[str, Any]], tell: Tell = told_to_nobody) -> list[Message]:
        self._take()
        return [self._worker.process.request(job, tell) for job in jobs]

    def _take(self) -> None:
        if self._worker.holder is not self:
            self._worker.holder = None  # where loading fails, the next one starts from nothing
            self._loaded = self._worker.process.request(self._load)
            self._worker.holder = self
