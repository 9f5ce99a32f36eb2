"""Environments: whole or not used, pins complete, settings of the machine respected. No package is installed here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from platonic_atlas.engine.errors import EnvironmentMissing, ModelError
from platonic_atlas.engine.extract import environments, pip_settings
from platonic_atlas.engine.extract.environments import (
    MARKER,
    describe,
    environment_root,
    find_interpreter,
    inspect,
    pins_digest,
    ready,
    sync,
)
from platonic_atlas.engine.extract.process import worker_environment


def _made(root: Path, *, pins: str) -> Path:
    place = root / "sevennet"
    environments.interpreter_in(place).parent.mkdir(parents=True)
    environments.interpreter_in(place).symlink_to(sys.executable)
    (place / MARKER).write_text(json.dumps({"pins": pins, "versions": {"sevenn": "0.13.0", "torch": "2.13.0"}}))
    return place


@pytest.fixture
def fake_uv(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Stand in for uv: make the interpreter, note the commands."""
    said: list[list[str]] = []

    def run(arguments, settings, *, quiet):
        said.append(list(arguments))
        if arguments[0] == "venv":
            place = Path(arguments[-1])
            environments.interpreter_in(place).parent.mkdir(parents=True)
            environments.interpreter_in(place).symlink_to(sys.executable)

    monkeypatch.setattr(environments, "_uv", run)
    monkeypatch.setattr(environments, "imported_packages", lambda name: ["json"])
    return said


def test_the_root_is_the_argument_then_the_variable_then_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATONIC_ENV_ROOT", str(tmp_path / "a"))
    assert environment_root() == tmp_path / "a"
    assert environment_root(tmp_path / "b") == tmp_path / "b"
    monkeypatch.delenv("PLATONIC_ENV_ROOT")
    assert "platonic-atlas" in str(environment_root())


def test_a_missing_environment_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentMissing, match="platonic env sync chgnet"):
        find_interpreter("chgnet", env_root=tmp_path)
    assert not ready("chgnet", env_root=tmp_path)
    assert not ready("mace", env_root=tmp_path)


def test_what_needs_nothing_runs_here(tmp_path: Path) -> None:
    assert find_interpreter("onehot", env_root=tmp_path) == Path(sys.executable)


def test_an_environment_without_its_marker_is_not_used(tmp_path: Path) -> None:
    place = _made(tmp_path, pins=pins_digest("sevennet"))
    assert find_interpreter("diep", env_root=tmp_path) == environments.interpreter_in(place)
    (place / MARKER).unlink()
    assert inspect("sevennet", env_root=tmp_path).state == "partial"
    with pytest.raises(EnvironmentMissing, match="partial"):
        find_interpreter("diep", env_root=tmp_path)


def test_changed_pins_make_it_outdated_and_a_lost_python_partial(tmp_path: Path) -> None:
    place = _made(tmp_path, pins="of another day")
    assert inspect("sevennet", env_root=tmp_path).state == "outdated"
    environments.interpreter_in(place).unlink()
    assert inspect("sevennet", env_root=tmp_path).state == "partial"


def test_describe_lists_every_environment(tmp_path: Path) -> None:
    row = next(row for row in describe(env_root=tmp_path) if row["name"] == "sevennet")
    assert (row["state"], row["size_mb"], row["versions"]) == ("missing", 0, {})
    assert row["families"] == ["chgnet", "diep", "sevennet", "untrained-sevennet"]
    _made(tmp_path, pins=pins_digest("sevennet"))
    row = next(row for row in describe(env_root=tmp_path) if row["name"] == "sevennet")
    assert (row["state"], row["versions"]["sevenn"]) == ("ready", "0.13.0")


def test_families_share_an_environment_that_is_made_once(tmp_path: Path, fake_uv: list[list[str]]) -> None:
    assert sync("sevennet", "chgnet", "diep", "onehot", env_root=tmp_path) == [tmp_path / "sevennet"]
    assert [command[0] for command in fake_uv] == ["venv", "pip"]
    assert inspect("sevennet", env_root=tmp_path).state == "ready"
    sync("chgnet", env_root=tmp_path)
    assert len(fake_uv) == 2
    install = fake_uv[1]
    for option, ending in (("--constraints", ".txt"), ("--overrides", ".ov"), ("--requirements", ".in")):
        assert install[install.index(option) + 1].endswith(f"sevennet{ending}")


def test_an_interrupted_sync_leaves_nothing_that_is_used(
    tmp_path: Path, fake_uv: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(name: str, path: Path) -> dict[str, str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environments, "_imported_versions", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sync("sevennet", env_root=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [".sevennet.lock"]
    (tmp_path / ".sevennet.99999999.partial").mkdir()  # what SIGKILL leaves
    sync("sevennet", env_root=tmp_path)
    assert not list(tmp_path.glob("*.partial"))
    assert inspect("sevennet", env_root=tmp_path).state == "ready"


def test_what_a_worker_keeps_for_a_while_goes_with_its_folder(tmp_path: Path) -> None:
    """Private copies of checkpoints are hundreds of megabytes: a worker that is killed must not leave them."""
    settings = worker_environment(tmp_path, own_interpreter=True)
    for name in ("TMPDIR", "TEMP", "TMP"):
        assert Path(settings[name]).is_dir()
        assert Path(settings[name]).parent == tmp_path


def test_one_process_at_a_time_makes_an_environment(
    tmp_path: Path, fake_uv: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever builds holds a lock, on every system; what it builds is not taken away under its hands."""
    code = (
        "import sys; from filelock import FileLock\n"
        "with FileLock(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / ".sevennet.lock")]
    monkeypatch.setattr(environments, "PATIENCE", 0.1)
    busy = tmp_path / ".sevennet.1.partial"
    busy.mkdir()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ModelError, match="Another process"):
            sync("sevennet", env_root=tmp_path)
        assert busy.exists()
        other.kill()
    sync("sevennet", env_root=tmp_path)
    assert not busy.exists()
    assert inspect("sevennet", env_root=tmp_path).state == "ready"


def test_packages_that_cannot_be_imported_fail_the_sync(
    tmp_path: Path, fake_uv: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "imported_packages", lambda name: ["a_package_that_is_nowhere"])
    with pytest.raises(ModelError, match="cannot be imported"):
        sync("sevennet", env_root=tmp_path)
    assert inspect("sevennet", env_root=tmp_path).state == "missing"


def test_pins_name_exact_versions_and_no_local_build() -> None:
    for name in environments.environment_names():
        for line in environments._pin_text(f"{name}.txt").splitlines():
            package, _, version = line.partition("==")
            assert package, line
            assert version, line
            assert "+" not in version, line
        wanted = environments.wanted_packages(name)
        assert wanted
        assert "zarr" in wanted


def test_settings_of_pip_reach_uv_unless_uv_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        pip_settings, "_configured", lambda: {"find-links": "one\ntwo", "index-url": "https://mirror.invalid/simple"}
    )
    for variable in ("UV_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL"):
        monkeypatch.delenv(variable, raising=False)
    assert pip_settings.uv_environment()["UV_FIND_LINKS"] == "one two"
    assert pip_settings.uv_environment()["UV_DEFAULT_INDEX"] == "https://mirror.invalid/simple"
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert pip_settings.uv_environment()["UV_FIND_LINKS"] == str(tmp_path)
    monkeypatch.setenv("UV_FIND_LINKS", "mine")
    monkeypatch.setenv("UV_INDEX_URL", "https://own.invalid/simple")
    assert pip_settings.uv_environment()["UV_FIND_LINKS"] == "mine"
    assert "UV_DEFAULT_INDEX" not in pip_settings.uv_environment()


def test_pip_is_asked_for_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nfind-links = /some/wheels\ntimeout = 9\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    assert pip_settings._configured()["find-links"] == "/some/wheels"
    assert set(pip_settings._configured()) <= set(pip_settings.TAKEN_OVER)


def test_what_a_worker_imports_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a family's environment, which is ours, whatever the user's own Python is told; in hers as she says."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in worker_environment(tmp_path, own_interpreter=False)
    assert worker_environment(tmp_path, own_interpreter=True)["PYTHONDONTWRITEBYTECODE"] == "1"
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    assert "PYTHONDONTWRITEBYTECODE" not in worker_environment(tmp_path, own_interpreter=True)
