"""The command that becomes the server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from platonic_atlas.dashboard.__main__ import arguments
from platonic_atlas.engine.cli.app import app


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The words with which the server would be started."""
    found: list[list[str]] = []
    monkeypatch.setattr(
        os, "execv", lambda program, words: found.append(words[words.index("platonic_atlas.dashboard") + 1 :])
    )
    monkeypatch.setattr(subprocess, "call", lambda words: found.append(words[4:]) or 0)
    return found


def test_the_server_gets_what_was_asked_for_whatever_the_names_begin_with(
    handed: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-x.atlas.zarr").mkdir()
    words = ["serve", "--port", "5050", "--allow-origin", "--strange", "--no-show", "--", "-x.atlas.zarr"]
    CliRunner().invoke(app, words)
    chosen = arguments(handed[0])
    assert (Path(chosen.atlas).name, chosen.port, chosen.allow_origin) == ("-x.atlas.zarr", 5050, ["--strange"])
    assert chosen.no_show
