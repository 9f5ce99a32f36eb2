"""A worker that hangs is ended with an error that says so; a slow one is waited for."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from platonic_atlas.engine.errors import UsageError, WorkerError
from platonic_atlas.engine.extract import survivors
from platonic_atlas.engine.extract.process import WorkerProcess, described
from platonic_atlas.engine.extract.protocol import structure_message
from platonic_atlas.engine.extract.pulse import IDLENESS_VARIABLE, SILENCE_VARIABLE, Watch, _clock, cpu_seconds
from platonic_atlas.engine.extract.session import load_job
from platonic_atlas.engine.verbs.embed import embed
from tests.engine.extract.test_runner import SPRINGS, new_atlas, structures


@pytest.fixture
def loaded(springs: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What is set here, a worker started afterwards is given."""
    monkeypatch.setenv(SILENCE_VARIABLE, "3")
    monkeypatch.setenv(IDLENESS_VARIABLE, "0.8")
    return monkeypatch


def energies_of_structures() -> list[float]:
    with WorkerProcess(Path(sys.executable)) as worker:
        worker.request(load_job(SPRINGS, None, False, "cpu"))
        messages = [structure_message(atoms) for atoms in structures()[:3]]
        found: list[float] = worker.request({"task": "energies", "structures": messages})["energies"]
    return found


@pytest.mark.skipif(os.name != "posix", reason="no SIGSTOP")
def test_a_stopped_worker_is_silent_and_is_ended(loaded: pytest.MonkeyPatch) -> None:
    loaded.setenv("SPRINGS_STOP", "1")
    with pytest.raises(WorkerError, match=r"hung \(no sign of life for [3-5] s\)") as caught:
        energies_of_structures()
    assert "'energies' (3 structures, the first Cl4Na4)" in caught.value.happened
    assert "chatter that must not reach the reports" in caught.value.happened  # its last lines
    assert SILENCE_VARIABLE in caught.value.next_step


def test_a_worker_that_sleeps_for_ever_is_alive_and_does_nothing(loaded: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where it hangs at whatever it is shown, a few are tried alone, and the error is told."""
    loaded.setattr(survivors, "MOST_HANGS", 1)  # each that is tried costs two hangs
    loaded.setenv("SPRINGS_SLOW", "3600")
    with pytest.raises(WorkerError, match="hung .alive, but without using the processor") as caught:
        embed(new_atlas(tmp_path / "a.atlas.zarr"), [SPRINGS])
    assert "'chunk' (chunk 1 of 'springs'), which had structure#1 (MgO)" in caught.value.happened
    assert caught.value.hung


def test_a_structure_that_the_model_hangs_at_is_refused_and_the_others_go_on(
    loaded: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded.setenv("SPRINGS_HANG_AT", "26")
    atlas = new_atlas(tmp_path / "a.atlas.zarr")
    assert embed(atlas, [SPRINGS]) == ["springs"]
    why = atlas.model_attrs("springs")["refused"]["3"]
    assert why.startswith("the model hangs at it (alive, but without using the processor")
    numbers = atlas.numbers()
    assert (atlas.present("springs") == ((numbers < 54) & (numbers != 26))).all()


def test_a_slow_worker_that_works_is_waited_for(loaded: pytest.MonkeyPatch) -> None:
    loaded.setenv("SPRINGS_BURN", "2.5")
    assert np.isfinite(energies_of_structures()).all()


def test_silence_without_rest_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that holds the interpreter silences the pulse; the system sees the process work."""
    system_sees(monkeypatch, 1.0, 2.0, 2.0)
    watch = Watch(1, longest_silence=12.0, longest_idleness=100.0)
    assert looks(watch, 23.5) == ""
    assert watch.waited() == "no sign of life for 12 s"


def test_a_stopped_worker_is_ended_after_the_time_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    system_sees(monkeypatch, 1.0, 1.0, 3.0, 3.0)
    watch = Watch(1, longest_silence=12.0, longest_idleness=100.0)
    assert looks(watch, 11.5) == ""
    assert watch.waited() == "no sign of life for 12 s"
    watch.heard({"event": "alive", "cpu": 2.5})
    assert looks(watch, 11.5) == ""
    assert watch.waited() == "no sign of life for 12 s"


def test_who_works_in_silence_is_not_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of silence may be set above that of idleness."""
    system_sees(monkeypatch, *range(100))
    watch = Watch(1, longest_silence=12.0, longest_idleness=2.0)
    assert looks(watch, 40.0) == ""
    watch.heard({"event": "alive", "cpu": 40.0})
    assert watch.waited() == ""


def system_sees(monkeypatch: pytest.MonkeyPatch, *cpu: float) -> None:
    """CPU seconds of the worker, each time that they are asked for."""
    used = iter(cpu)
    monkeypatch.setattr("platonic_atlas.engine.extract.pulse.cpu_seconds", lambda pid: next(used))


def looks(watch: Watch, seconds: float) -> str:
    """What is said while nothing is heard for so long."""
    return "".join(watch.waited() for _ in range(round(seconds / watch.look)))


def test_progress_and_processor_time_are_work() -> None:
    watch = Watch(1, longest_silence=12.0, longest_idleness=2.0)
    for report in (
        {"event": "progress", "atoms": 7},
        {"event": "alive", "cpu": 0.5},
        {"event": "alive", "cpu": 0.5001},
    ):
        assert looks(watch, 1.0) == ""
        watch.heard(report)
    assert watch.atoms == 7
    assert looks(watch, 1.0) == ""
    watch.heard({"event": "alive", "cpu": 0.5002})
    assert "without using the processor or getting on for 2 s" in watch.waited()


def test_the_processor_time_of_a_process_is_read() -> None:
    assert os.name != "posix" or (cpu_seconds(os.getpid()) or 0.0) > 0  # Windows does not tell it
    assert cpu_seconds(2**22 + 1) is None
    assert _clock("1-02:03:04.50") == 93784.5
    assert _clock("0:07") == 7


@pytest.mark.parametrize("told", ["soon", "0", "inf", "nan"])
def test_a_time_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv(SILENCE_VARIABLE, told)
    with pytest.raises(UsageError, match=f"is '{told}'"):
        Watch(1)


def test_a_job_that_is_no_json_is_an_error_at_once() -> None:
    with WorkerProcess(Path(sys.executable)) as worker, pytest.raises(TypeError, match="not JSON serializable"):
        worker.request({"task": "load", "spec": object()})


@pytest.mark.skipif(os.name != "posix", reason="no shell")
def test_a_worker_that_died_and_left_a_process_behind_is_told_as_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it left holds the pipes: neither their end nor their closing is waited for."""
    interpreter, left = tmp_path / "python", tmp_path / "left"
    interpreter.write_text(f"#!/bin/sh\nexec 3<&0\nsleep 120 <&3 &\necho $! > {left}\nexit 3\n")
    interpreter.chmod(0o755)
    monkeypatch.setenv(SILENCE_VARIABLE, "0.4")  # 2 s until the first report
    began = time.monotonic()
    try:
        with (
            pytest.raises(WorkerError, match="died .exit code 3. during the job 'load'"),
            WorkerProcess(interpreter) as worker,
        ):
            worker.request({"task": "load", "of": "x" * 2**20})  # more than a pipe holds
    finally:
        os.kill(int(left.read_text()), signal.SIGKILL)
    assert time.monotonic() - began < 30


def test_a_job_is_told_in_words() -> None:
    assert described({"task": "load"}) == "'load'"
    assert (
        described({"task": "refusals", "structures": [4, 5]}) == "'refusals' (2 structures, the first 4 of the atlas)"
    )
