"""Ten random kills over all commands that write: nothing is lost. A hundred: `python benchmarks/kills.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.documents import ROOT


@pytest.mark.skipif(os.name != "posix", reason="it kills by signals and finds workers in /proc")
def test_ten_random_kills_lose_nothing() -> None:
    command = [sys.executable, ROOT / "benchmarks" / "kills.py", "--kills", "10", "--seed", "15", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(done.stdout)["kills"]
    assert sum(row["kills"] for row in rows) == 10
    assert {row["command"] for row in rows} >= {
        "ingest",
        "label",
        "embed",
        "embed (worker)",
        "anchors",
        "layout",
        "pack",
        "build",
    }
    assert all(row["read"] == row["equal"] == row["kills"] for row in rows), rows
