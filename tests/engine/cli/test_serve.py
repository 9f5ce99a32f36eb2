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
def handed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """The words and the environment with which the server would be started."""
    found: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda program, words, env: found.append((words[4:], env)))
    monkeypatch.setattr(subprocess, "call", lambda words, env: found.append((words[4:], env)) or 0)
    return found


def test_the_server_gets_what_was_asked_for_whatever_the_names_begin_with(
    handed: list[tuple[list[str], dict[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-x.atlas.zarr").mkdir()
    words = ["serve", "--port", "5050", "--allow-origin", "--strange", "--no-show", "--", "-x.atlas.zarr"]
    CliRunner().invoke(app, words)
    chosen = arguments(handed[0][0])
    assert (Path(chosen.atlas).name, chosen.port, chosen.allow_origin) == ("-x.atlas.zarr", 5050, ["--strange"])
    assert chosen.no_show


@pytest.mark.parametrize(("set_before", "expected"), [(None, "malloc"), ("pymalloc", "pymalloc")])
def test_the_server_gives_memory_back_page_by_page_unless_told_otherwise(
    handed: list[tuple[list[str], dict[str, str]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    set_before: str | None,
    expected: str,
) -> None:
    monkeypatch.delenv("PYTHONMALLOC", raising=False)
    if set_before is not None:
        monkeypatch.setenv("PYTHONMALLOC", set_before)
    (tmp_path / "x.atlas.zarr").mkdir()
    CliRunner().invoke(app, ["serve", "--no-show", str(tmp_path / "x.atlas.zarr")])
    assert handed[0][1]["PYTHONMALLOC"] == expected
