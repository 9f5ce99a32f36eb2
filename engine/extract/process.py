"""A worker process as the runner sees it, and several of them sharing a queue of jobs."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from platonic_atlas.engine.adapters.weights import CACHE_VARIABLE, VARIABLE, cache_folder, weights_folder
from platonic_atlas.engine.errors import WorkerError
from platonic_atlas.engine.extract.protocol import (
    Message,
    Tell,
    error_of,
    line_of,
    receive,
    structure_of,
    told_to_nobody,
)
from platonic_atlas.engine.extract.pulse import BEATS, IDLENESS_VARIABLE, SILENCE_VARIABLE, Watch
from platonic_atlas.engine.scratch import scratch

Kind = type[BaseException] | None
LAST_LINES = 12
LAST_BYTES = 64 * 1024  # in which they are looked for: a worker may have said gigabytes
END = 30.0  # seconds that a worker gets to go once it has no more jobs
LAST_READ = 2.0  # seconds that what is left in a pipe takes to be read, once its worker has gone


def link_engine(folder: Path) -> None:
    """Let `folder` hold our package, less the dashboard, and nothing else: a link, or a copy where links are not allowed.

    On its path a worker sees `platonic_atlas.engine` without the packages that are installed beside it here.
    """
    engine, package = Path(__file__).resolve().parent.parent, folder / "platonic_atlas"
    package.mkdir()
    shutil.copy(str(import_module("platonic_atlas").__file__), package / "__init__.py")
    try:
        (package / "engine").symlink_to(engine, target_is_directory=True)
    except OSError:
        shutil.copytree(engine, package / "engine", ignore=shutil.ignore_patterns("__pycache__"))


def worker_environment(folder: Path, *, own_interpreter: bool) -> dict[str, str]:
    """Variables of a worker process: one thread, our package on its path, nothing of the user's site folder."""
    settings = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    inherited = os.environ.get("PYTHONPATH") if own_interpreter else None
    settings["PYTHONPATH"] = os.pathsep.join([str(folder), *([inherited] if inherited else [])])
    settings.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    if not own_interpreter:
        settings["PYTHONNOUSERSITE"] = "1"
        # uv compiles nothing. What a worker imports is compiled once and kept in the environment, which is ours: MACE then
        # starts in 9 s of CPU time where it took 27 at every start.
        settings.pop("PYTHONDONTWRITEBYTECODE", None)
    settings.setdefault(VARIABLE, str(weights_folder()))
    settings.setdefault(CACHE_VARIABLE, str(cache_folder()))
    settings["PYTHONUTF8"] = "1"
    # What it copies and keeps for a while goes with its folder, even where it is killed.
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    settings.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)))
    return settings


class WorkerProcess:
    """One worker; a context manager that ends it."""

    def __init__(self, interpreter: Path) -> None:
        self._scratch = ExitStack()
        folder = self._scratch.enter_context(scratch("worker"))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in __exit__)
        link_engine(folder)
        self.process = subprocess.Popen(
            [str(interpreter), "-P", "-m", "platonic_atlas.engine.extract.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            env=worker_environment(folder, own_interpreter=Path(sys.executable) == interpreter),
        )
        self._jobs, self._reports = cast(IO[str], self.process.stdin), cast(IO[str], self.process.stdout)
        self._heard: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._spoken = False
        self._had: Message = {}  # the structures that it works on
        self._writer = threading.Thread()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Kind, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self.kill()
        _let_go(self._jobs, self._writer)
        try:
            self.process.wait(END)
        except subprocess.TimeoutExpired:
            self.kill()
        _let_go(self._reports, self._reader)
        self._log.close()
        self._scratch.close()

    def _read(self) -> None:
        """In a thread: a pipe cannot be waited for with a limit on every system. None is the end."""
        with contextlib.suppress(ValueError, OSError):  # closed under our hands, when a process of its own held it open
            for report in receive(self._reports):
                self._heard.put(report)
        self._heard.put(None)

    def kill(self) -> None:
        """End it, and wait until it has gone: one that is dying still looks alive."""
        self.process.kill()
        self.process.wait()

    def _write(self, line: str) -> None:
        """In a thread: a job is more than a pipe holds, and a hung worker does not read it."""
        with contextlib.suppress(OSError, ValueError):  # it died before it could read the job: the reports end
            self._jobs.write(line)
            self._jobs.flush()

    def request(self, job: Mapping[str, Any], tell: Tell = told_to_nobody) -> Message:
        """Do one job; returns its result.

        Raises
        ------
        PlatonicError
            The worker reported one of our errors.
        WorkerError
            It died, or it hung and was ended (`platonic_atlas.engine.extract.pulse`); the message carries its last lines.
        """
        watch, self._had = Watch(self.process.pid, started=self._spoken), {}
        self._writer = threading.Thread(target=self._write, args=(line_of(job),), daemon=True)
        self._writer.start()
        while (report := self._next(watch, job)) is not None:
            self._spoken = True
            watch.heard(report)
            if report["event"] == "done":
                return report
            if report["event"] == "error":
                raise error_of(report)
            if report["event"] == "progress":
                tell(int(report["atoms"]))
            if report["event"] == "working":
                self._had = report
        raise self._death(str(job.get("task")))

    def _next(self, watch: Watch, job: Mapping[str, Any]) -> Message | None:
        """The next report, None where there will be none; raises WorkerError for a worker that hangs."""
        ended = False
        while True:
            try:
                return self._heard.get(timeout=LAST_READ if ended else watch.look)
            except queue.Empty:
                if ended:  # a process that it left behind holds the pipe, which therefore has no end
                    return None
                ended = self.process.poll() is not None
                if not ended and (how := watch.waited()):
                    raise self._hung(job, watch, how) from None

    def _hung(self, job: Mapping[str, Any], watch: Watch, how: str) -> WorkerError:
        self.kill()
        done = f", {watch.atoms} atoms of it done" if watch.atoms else ""
        end = WorkerError(
            f"The worker process hung ({how}) during the job {described(job)}{self._with()}{done}, and was ended. Its last lines:\n{self._said()}",
            f"One that works, however slowly, says so every {watch.longest_silence / BEATS:.0f} seconds and uses the processor. Chunks that were complete are kept.",
            f"Run the same command again: it goes on from there. Where all is slow, give it longer (seconds): {SILENCE_VARIABLE}=600 or {IDLENESS_VARIABLE}=6000",
        )
        end.structures, end.how, end.hung = self._suspects(), how, True
        return end

    def _death(self, task: str) -> WorkerError:
        code = self.process.wait()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        death = WorkerError(
            f"The worker process died ({how}) during the job {task!r}{self._with()}. Its last lines:\n{self._said()}",
            "Chunks that were complete are kept.",
            "Run the same command again: it goes on from there.",
        )
        death.structures, death.how = self._suspects(), how
        return death

    def _suspects(self) -> tuple[int, ...]:
        """The structures of the atlas that it had."""
        return tuple(self._had.get("structures", ()))

    def _with(self) -> str:
        """The structures that it had, in words."""
        return f", which had {self._had['named']}" if self._had.get("named") else ""

    def _said(self) -> str:
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - LAST_BYTES))
        lines = self._log.read().decode(errors="replace").strip().splitlines()[-LAST_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "  (it said nothing)"


def _let_go(pipe: IO[str], thread: threading.Thread) -> None:
    """Close a pipe, unless its thread still waits at it: a process that the worker left behind holds the other end, and
    closing would wait for that one."""
    if thread.ident is not None:
        thread.join(LAST_READ)
    if not thread.is_alive():
        with contextlib.suppress(OSError):
            pipe.close()


def described(job: Mapping[str, Any]) -> str:
    """A job in words: its task, and the chunk or the structures that it is about."""
    task, structures = repr(str(job.get("task"))), job.get("structures") or []
    if "chunk" in job:
        return f"{task} (chunk {job['chunk']} of {job['model']!r})"
    if not structures:
        return task
    if isinstance(structures[0], int):
        return f"{task} ({len(structures)} structures, the first {structures[0]} of the atlas)"
    return f"{task} ({len(structures)} structures, the first {structure_of(structures[0]).get_chemical_formula()})"


class WorkerPool:
    """Several workers with the same model; jobs go to whichever is free."""

    def __init__(self, interpreter: Path, load: Mapping[str, Any], n_workers: int) -> None:
        self._workers: list[WorkerProcess] = []
        self._interpreter, self._load, self._n = interpreter, load, max(1, n_workers)
        self.loaded: Message = {}

    def __enter__(self) -> Self:
        try:
            for _ in range(self._n):  # one by one: those that started are ended where another cannot
                self._workers.append(WorkerProcess(self._interpreter))
            self.loaded = self._each(lambda worker: worker.request(self._load))[0]
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind: Kind, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in self._workers:
            worker.__exit__(kind, error, trace)

    def request(self, job: Mapping[str, Any]) -> Message:
        """One job for the first worker."""
        return self._workers[0].request(job)

    def revive(self) -> None:
        """Start and load another worker in the place of each that is dead."""
        for position, worker in enumerate(self._workers):
            if worker.process.poll() is not None:
                worker.__exit__(None, None, None)
                self._workers[position] = WorkerProcess(self._interpreter)
                self._workers[position].request(self._load)

    def run(self, jobs: Iterable[Mapping[str, Any]], tell: Tell = told_to_nobody) -> list[Message]:
        """All jobs; results in the order of the jobs. The first error stops the others."""
        waiting: queue.SimpleQueue[tuple[int, Mapping[str, Any]]] = queue.SimpleQueue()
        for position, job in enumerate(jobs):
            waiting.put((position, job))
        results: dict[int, Message] = {}
        failed = threading.Event()

        def serve(worker: WorkerProcess) -> None:
            while not failed.is_set():
                try:
                    position, job = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    results[position] = worker.request(job, tell)
                except BaseException:
                    failed.set()
                    raise

        self._each(serve)
        return [results[position] for position in sorted(results)]

    def _each(self, work: Callable[[WorkerProcess], Any]) -> Sequence[Any]:
        """Call for every worker at once; an interruption kills them, so that no thread waits for one."""
        with ThreadPoolExecutor(len(self._workers)) as threads:
            futures = [threads.submit(work, worker) for worker in self._workers]
            try:
                return [future.result() for future in futures]
            except BaseException:
                for worker in self._workers:
                    worker.kill()
                raise
