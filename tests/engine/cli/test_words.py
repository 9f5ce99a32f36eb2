"""What commands say: tables with headings, whole sentences, a line in the end, and what Ctrl-C left."""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from platonic_atlas import open_atlas
from platonic_atlas.engine.cli import app as program
from platonic_atlas.engine.cli import printing
from platonic_atlas.engine.cli.app import COMMANDS, app
from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.models.catalogue import catalogue
from platonic_atlas.engine.store import Atlas


def said(*words: str, columns: str = "80") -> str:
    found = CliRunner().invoke(app, list(words), env={"COLUMNS": columns})
    assert found.exit_code == 0, found.output
    return found.output


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The program itself: exit code, standard output, standard error."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["platonic", *words])
        with pytest.raises(SystemExit) as ended, warnings.catch_warnings():
            program.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    monkeypatch.setenv("PYTHONWARNINGS", "default")
    return run


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_help_does_not_cut_its_own_sentences(columns: str) -> None:
    flat = " ".join(said("--help", columns=columns).split())
    assert "..." not in flat.partition("Commands:")[2]
    assert "..." not in said("env", "--help", columns=columns).partition("Commands:")[2]
    for command in COMMANDS:
        first = next(line.strip() for line in str(command.__doc__).splitlines() if line.strip())
        assert first in flat


def test_the_version_is_said() -> None:
    assert said("--version").startswith("platonic ")


def test_models_are_tables_in_groups_that_say_what_to_do_next(tmp_path: Path, onehot_atlas: Atlas) -> None:
    told = said("models", str(onehot_atlas.path), "--env-root", str(tmp_path))
    for heading in ("Shown by default", "Controls", "Models whose file you bring", "embedded here", "what to do next"):
        assert heading in told
    assert "False" not in told and "True" not in told and "{" not in told
    rows = {line.split()[0]: line for line in told.splitlines() if line.strip()}
    assert set(catalogue()) <= set(rows)
    assert "yes" in rows["onehot"]
    assert rows["chgnet-0.3.0"].endswith("platonic env sync chgnet")
    held = json.loads(said("models", str(onehot_atlas.path), "--env-root", str(tmp_path), "--json"))
    assert [row["name"] for row in held["models"]] == list(catalogue())


@pytest.mark.parametrize(("columns", "shown"), [(300, "licence"), (120, "weights"), (80, "what to do next")])
def test_on_a_narrow_terminal_columns_go_and_the_name_stays(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, columns: int, shown: str
) -> None:
    monkeypatch.setattr(printing.shutil, "get_terminal_size", lambda fallback=(80, 24): os.terminal_size((columns, 40)))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _, told, _ = run("models", "--env-root", str(tmp_path))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", told)
    heads = next(line for line in plain.splitlines() if "model " in line)
    assert shown in heads
    assert ("licence" in heads) == (columns > 120)
    assert max(len(line.rstrip()) for line in plain.splitlines()) <= columns
    assert set(catalogue()) <= {line.split()[0] for line in plain.splitlines() if line.strip()}
    assert re.search(r"^ chgnet-r2scan .*platonic env sync chgnet *$", plain, re.MULTILINE)


def test_a_title_is_not_broken_to_the_width_of_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    printing.table(["axis", "shared"], [["1", "0.80"]], "What all models share along an axis")
    assert capsys.readouterr().out.splitlines()[0] == "What all models share along an axis"


def test_environments_are_a_table(tmp_path: Path) -> None:
    told = said("env", "list", "--env-root", str(tmp_path))
    assert "state" in told and "families" in told
    assert "[" not in told and "{" not in told
    assert "platonic env sync sevennet" in told
    assert str(tmp_path) in told
    assert (
        json.loads(said("env", "list", "--json", "--env-root", str(tmp_path)))["environments"][0]["state"] == "missing"
    )


def test_doctor_is_one_screen_and_one_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_only = tmp_path / "a file"
    read_only.write_text("")
    monkeypatch.setenv("PLATONIC_DATA", str(read_only))
    told = said("doctor", "--env-root", str(tmp_path))
    assert len(told.splitlines()) <= 45
    held = json.loads(said("doctor", "--json", "--env-root", str(tmp_path)))
    assert held["versions"]["numpy"] == np.__version__
    assert held["environments"]["sevennet"] == "missing"
    folders = {row["for"]: row["said"] for row in held["write_access"]}
    assert folders["temporary files"] == "yes"
    assert folders["derived data"].startswith("no (")
    assert {"here", "missing"} == held["weights"].keys()


def test_layout_and_anchors_end_with_a_line(onehot_atlas: Atlas) -> None:
    path = str(onehot_atlas.path)
    few = said("anchors", path, "--name", "few", "--strategy", "random", "-n", "3", "--reference", "onehot")
    assert few == "few: 3 anchors, chosen by random in the space of onehot\n"
    line = said("layout", path, "--anchors", "few", "--method", "pca")
    assert line.startswith("pca-")
    assert ": 1 model, " in line
    assert line.endswith(f"see it with: platonic serve {path}\n")


@pytest.mark.parametrize(("command", "kept"), [("embed", "What is complete is kept"), ("anchors", "Nothing was kept")])
def test_ctrl_c_says_what_was_kept_and_how_to_go_on(
    command: str, kept: str, small_atlas: Atlas, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("platonic_atlas.engine.verbs.embed.embed", interrupted)
    monkeypatch.setattr("platonic_atlas.engine.verbs.choose_anchors.choose_anchors", interrupted)
    words = {"embed": ["--model", "onehot"], "anchors": ["--name", "few", "--strategy", "element"]}[command]
    code, out, err = run(command, str(small_atlas.path), *words)
    assert (code, out) == (130, "")
    assert err.splitlines() == [
        f"Stopped. {kept}; the same command {'goes on from there' if command == 'embed' else 'begins anew'}."
    ]


def test_the_program_prints_our_errors_and_those_of_its_options(small_atlas: Atlas, run) -> None:
    code, _, err = run("embed", str(small_atlas.path), "--model", "nonsense")
    assert (code, len(err.splitlines())) == (2, 3)
    code, _, err = run("embed", str(small_atlas.path), "--model", "onehot", "--workers", "-3")
    assert code == 2
    assert "--workers" in err
    assert run("status", str(small_atlas.path))[0] == 0
    assert run("verify", str(small_atlas.path))[0] == 0


def test_warnings_of_libraries_do_not_reach_the_user(small_atlas: Atlas, run, monkeypatch: pytest.MonkeyPatch) -> None:
    def warns(*_: object, **__: object) -> None:
        warnings.warn_explicit("crystal system", UserWarning, "/somewhere/ase/io/cif.py", 5)
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "warnoptions", [])
    monkeypatch.setattr("platonic_atlas.engine.verbs.embed.embed", warns)
    assert "cif.py" not in run("embed", str(small_atlas.path), "--model", "onehot")[2]


def test_a_file_of_structures_and_a_folder_are_no_atlas_and_it_is_said_so(tmp_path: Path, small_atlas: Atlas) -> None:
    crystal = tmp_path / "NaCl.cif"
    crystal.write_text("data_NaCl")
    with pytest.raises(AtlasError, match="is a file, and no atlas") as caught:
        open_atlas(crystal)
    assert f"platonic ingest {crystal} --to NaCl.atlas.zarr" in caught.value.next_step
    with pytest.raises(AtlasError, match=r"is a folder, and no atlas; it holds small\.atlas\.zarr") as caught:
        open_atlas(small_atlas.path.parent)
    assert str(small_atlas.path) in caught.value.next_step
    (tmp_path / "empty").mkdir()
    with pytest.raises(AtlasError, match="is a folder, and no atlas") as caught:
        open_atlas(tmp_path / "empty")
    assert "platonic ingest" in caught.value.next_step


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "locked/q.cif"), "locked/q.cif cannot be read (Permission denied)."),
        (NotADirectoryError(20, "Not a directory", "/dev/null/x"), "/dev/null/x cannot be read (Not a directory)."),
        (OSError(28, "No space left on device"), "make room"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_what_the_system_refuses_is_three_lines(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(**_: object) -> None:
        raise error

    monkeypatch.setattr(program, "app", refused)
    with pytest.raises(SystemExit) as ended:
        program.main()
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert said in told
    assert len(told.splitlines()) == 3
