"""What runs where this machine is not: the workflow of hosted CI and the image. Read here; built and run there."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml

from tests.documents import ROOT


def workflow() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    return found


def runs(job: str) -> str:
    return "\n".join(step["run"] for step in workflow()["jobs"][job]["steps"] if "run" in step)


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def test_the_matrix_holds_every_python_and_system_that_is_promised() -> None:
    promised = [words.rpartition(" ")[2] for words in project()["classifiers"] if "Python :: 3." in words]
    matrix = workflow()["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == promised
    assert project()["requires-python"] == f">={promised[0]}"
    systems = {words.rpartition(" ")[2] for words in project()["classifiers"] if words.startswith("Operating System")}
    named = {"ubuntu": "Linux", "macos": "MacOS", "windows": "Windows"}
    assert {named[name.partition("-")[0]] for name in matrix["os"]} == systems


def test_coverage_is_measured_once_on_a_python_that_watches_itself() -> None:
    matrix = workflow()["jobs"]["tests"]["strategy"]["matrix"]
    (measured,) = [cell for cell in matrix["include"] if "coverage" in cell]
    assert measured["os"] in matrix["os"]
    assert tuple(map(int, measured["python"].split("."))) >= (3, 12)
    assert "--cov" in measured["coverage"].split()
    assert "${{ matrix.coverage }}" in runs("tests")


def test_hosted_ci_runs_the_readmes_test_command() -> None:
    line = next(line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if "pytest" in line)
    venv, *commands = [part.replace(".venv/bin/", "") for part in line.split(" && ")]
    assert venv == "python3 -m venv .venv"
    assert all(command in runs("tests") for command in commands)


def test_hosted_ci_looks_at_style_as_ci_does_here() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    commands = re.findall(r"^\.venv/bin/((?:ruff|mypy|lint-imports)\b.*)$", script, re.MULTILINE)
    assert {command.split()[0] for command in commands} == {"ruff", "mypy", "lint-imports"}
    assert all(f"\n{command}\n" in f"\n{runs('style')}\n" for command in commands)


def test_the_image_gets_all_that_the_wheel_is_made_of_and_nobody_is_root_in_it() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    assert copied == let_in == {"pyproject.toml", "setup.py", "README.md", "LICENSE", "engine", "dashboard", "data"}
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert "0" not in users
    assert "root" not in users
    assert '"--address", "0.0.0.0"' in lines[-1]
