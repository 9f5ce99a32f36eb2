"""A verb in a process of its own: progress, result, errors in words, and an end at any moment."""

from __future__ import annotations

import time

import pytest

from platonic_atlas.dashboard.work.process import Report, Task
from platonic_atlas.engine.errors import InputError, WorkerError

HERE = "tests.dashboard.work.test_process"


def tells(*, steps: int, progress: object) -> list[int]:
    for step in range(steps):
        progress("counting", step, steps)  # type: ignore[operator]
    return list(range(steps))


def refuses(*, progress: object) -> None:
    raise InputError("It cannot be done.", "Something else was expected.", "Try: platonic --help")


def dies(*, progress: object) -> None:
    raise SystemExit(3)


def stumbles(*, progress: object) -> None:
    raise ValueError("of nobody's making")


def gives_what_cannot_be_sent(*, progress: object) -> object:
    return lambda: 0


def sleeps(*, progress: object) -> None:
    progress("sleeping", 0.5)  # type: ignore[operator]
    time.sleep(600)


def wait(task: Task, *, until: object = lambda report: report.done) -> Report:
    end = time.monotonic() + 60
    while not until(report := task.poll()):  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)
    return report


def test_the_result_comes_back() -> None:
    report = wait(Task(f"{HERE}:tells", steps=4))
    assert (report.result, report.error) == ([0, 1, 2, 3], None)


def test_an_error_comes_back_in_its_three_parts() -> None:
    error = wait(Task(f"{HERE}:refuses")).error
    assert isinstance(error, InputError)
    assert (error.happened, error.next_step) == ("It cannot be done.", "Try: platonic --help")


@pytest.mark.parametrize(("function", "word"), [("stumbles", "ValueError"), ("gives_what_cannot_be_sent", "failed")])
def test_an_error_that_nobody_expected_is_one_in_words_too(
    function: str, word: str, capfd: pytest.CaptureFixture[str]
) -> None:
    error = wait(Task(f"{HERE}:{function}")).error
    assert error is not None
    assert word in error.happened
    assert error.expected and error.next_step
    assert "Traceback" in capfd.readouterr().err


def test_a_process_that_dies_is_an_error() -> None:
    error = wait(Task(f"{HERE}:dies")).error
    assert isinstance(error, WorkerError)
    assert "exit code" in error.happened


def test_cancelled_work_ends_at_once() -> None:
    task = Task(f"{HERE}:sleeps")
    assert wait(task, until=lambda report: report.what == "sleeping").fraction == pytest.approx(0.5)
    started = time.monotonic()
    task.cancel()
    assert time.monotonic() - started < 10
    assert not task._process.is_alive()
    assert task.poll().done
