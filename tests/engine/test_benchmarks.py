"""Benchmarks are commands that anybody can run from a checkout."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.documents import ROOT

# What several share is a module without a command
COMMANDS = sorted(file for file in ROOT.glob("benchmarks/*.py") if "__main__" in file.read_text(encoding="utf-8"))
Started = dict[str, subprocess.Popen[str]]


@pytest.fixture(scope="module")
def started() -> Iterator[Started]:
    """All at once: each waits for its imports."""
    running = {
        file.stem: subprocess.Popen(
            [sys.executable, file, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for file in COMMANDS
    }
    yield running
    for process in running.values():
        process.kill()


@pytest.mark.parametrize("name", [file.stem for file in COMMANDS])
def test_a_benchmark_tells_how_it_is_run(started: Started, name: str) -> None:
    said, failed = started[name].communicate(timeout=120)
    assert started[name].returncode == 0, failed
    assert f"python benchmarks/{name}.py" in said
    assert "--json" in said
