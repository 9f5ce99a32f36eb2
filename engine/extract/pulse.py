"""How a hung worker is told from a slow one.

While a job runs, a thread of the worker says every few seconds that it is alive and how much CPU time it has used. The
runner counts the seconds in which it hears nothing and the system sees no work either, and those in which the worker
says that it lives but neither uses CPU time nor gets on. It counts only while it is awake itself: a command that was stopped with Ctrl-Z, or a laptop that
slept, blames no worker.
"""

from __future__ import annotations

import math
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.extract.protocol import send

SILENCE_VARIABLE, SILENCE = "PLATONIC_WORKER_SILENCE", 60.0  # seconds without any report
IDLENESS_VARIABLE, IDLENESS = "PLATONIC_WORKER_IDLENESS", 600.0  # seconds alive without CPU time and without progress
BEATS = 12  # in the time of silence: one every five seconds
STARTING = 5  # times as long until the first report: an interpreter starts and reads its packages from a slow disk
WORKED = 0.01  # seconds of CPU time that are more than noise
LOOK = 1.0  # seconds between two looks


def seconds_of(variable: str, otherwise: float) -> float:
    """A time from the environment.

    Raises
    ------
    UsageError
        The variable holds no positive number, or one without an end.
    """
    told = os.environ.get(variable, "")
    try:
        seconds = float(told or otherwise)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise UsageError(
            f"{variable} is {told!r}.",
            "It is a number of seconds, above 0 and finite.",
            f"Leave it out for {otherwise:g} seconds, or set another: {variable}=300",
        )
    return seconds


class Reports:
    """The way to the runner, shared by the job and the pulse: no line is written into another."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def send(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            send(self._stream, message)

    @contextmanager
    def pulse(self) -> Iterator[None]:
        """Say every few seconds, while the block runs, that this process lives."""
        ended, every = threading.Event(), seconds_of(SILENCE_VARIABLE, SILENCE) / BEATS
        beating = threading.Thread(target=self._beat, args=(ended, every), daemon=True)
        beating.start()
        try:
            yield
        finally:
            ended.set()

    def _beat(self, ended: threading.Event, every: float) -> None:
        while not ended.wait(every):
            try:  # what the pulse itself costs is no work
                self.send({"event": "alive", "cpu": time.process_time() - time.thread_time()})
            except OSError:
                return  # the runner is gone; the job notices when it reports


@dataclass
class Watch:
    """What the runner knows of a worker's job.

    pid : of the worker ; started : whether it has ever reported ; silent : seconds since it was heard or seen to work
    idle : seconds between reports that it lives and did nothing ; atoms : done
    """

    pid: int
    started: bool = True
    longest_silence: float = field(default_factory=lambda: seconds_of(SILENCE_VARIABLE, SILENCE))
    longest_idleness: float = field(default_factory=lambda: seconds_of(IDLENESS_VARIABLE, IDLENESS))
    silent: float = 0.0
    idle: float = 0.0
    atoms: int = 0
    _cpu: float = 0.0
    _seen: float | None = None

    @property
    def look(self) -> float:
        """Seconds to wait for the next report."""
        return min(LOOK, self.longest_silence / BEATS / 2)  # so that there is a look between two beats

    def heard(self, report: Mapping[str, Any]) -> None:
        """Take up a sign of life; progress and used CPU time are work.

        Idle is only what the worker says of itself: one that works in silence is not idle.
        """
        cpu = float(report.get("cpu", self._cpu))
        self.atoms += int(report.get("atoms", 0))
        if report["event"] != "alive" or cpu - self._cpu > WORKED:
            self.idle, self._cpu = 0.0, cpu
        else:
            self.idle += self.silent
        self.silent, self.started, self._seen = 0.0, True, None

    def waited(self) -> str:
        """A look passed without a report; says in words how it hangs, or nothing while it may yet be slow."""
        self.silent += self.look
        if self._seen is None:
            self._seen = cpu_seconds(self.pid)
        if self.silent >= self.longest_silence * (1 if self.started else STARTING):
            return "" if self._works_unheard() else f"no sign of life for {self.silent:.0f} s"
        if self.idle >= self.longest_idleness:
            return f"alive, but without using the processor or getting on for {self.idle:.0f} s"
        return ""

    def _works_unheard(self) -> bool:
        """Whether the system saw it work since the silence began or it was asked last: a library that holds the
        interpreter silences the pulse."""
        before, self._seen = self._seen, cpu_seconds(self.pid)
        works = before is not None and self._seen is not None and self._seen - before > WORKED
        if works:
            self.silent = self.idle = 0.0
        return works


def cpu_seconds(pid: int) -> float | None:
    """CPU time of another process; None where this system does not tell (Windows)."""
    try:
        if (status := Path(f"/proc/{pid}/stat")).exists():
            user, system = status.read_text().rpartition(")")[2].split()[11:13]
            return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        said = subprocess.run(["ps", "-o", "time=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
        return _clock(said.strip())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def _clock(told: str) -> float:
    """Seconds of [[days-]hours:]minutes:seconds."""
    days, _, rest = told.rpartition("-")
    total = 0.0
    for part in rest.split(":"):
        total = 60 * total + float(part)
    return total + 86400 * int(days or 0)
