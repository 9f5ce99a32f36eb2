"""A family from outside: a package of its own, built, installed and held to the contract by the documented command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from platonic_atlas.engine.extract import contract
from platonic_atlas.engine.types import ModelSpec
from tests.documents import ROOT, blocks

PACKAGE = ROOT / "tests" / "outside_family"
Check = Callable[..., subprocess.CompletedProcess[str]]
# What an adapter can get wrong: a line of it, what stands there instead, and the promise that this breaks.
WRONG = {
    "rotation": ("features[:, -1] = atoms.numbers / 10", "features[:, -1] = atoms.positions[:, 0]"),
    "permutation": ("features[:, -1] = atoms.numbers / 10", "features[:, -1] = np.arange(len(atoms))"),
    "batch = singles": (
        "np.concatenate([self._features(atoms) for atoms in structures])",
        "(np.concatenate([self._features(atoms) for atoms in structures]) + len(structures))",
    ),
    "supercell": ("features[:, -1] = atoms.numbers / 10", "features[:, -1] = len(atoms)"),
    "readout: the site energies": (
        "{READOUT: features}, self.readout(features, None)",
        "{READOUT: features}, features.sum(1)",
    ),
    "an unknown element": ("range(1, 87)", "range(1, 120)"),
    "a float32 row of 5 features": (".astype(np.float32)", ".astype(np.float32) * [1, 1, 1, 1, np.inf]"),
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as pip installs it, built from a copy."""
    folder = tmp_path_factory.mktemp("outside")
    source = shutil.copytree(PACKAGE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    done = subprocess.run([*command, "--target", folder / "site", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture
def checked(installed: Path, tmp_path: Path) -> Check:
    """Run the command on the package, a line of its adapter changed if asked for."""

    def run(*words: str, change: tuple[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        site = shutil.copytree(installed, tmp_path / "site")
        if change is not None:
            adapter = site / "platonic_radial" / "adapter.py"
            text = adapter.read_text(encoding="utf-8")
            assert text.count(change[0]) == 1
            adapter.write_text(text.replace(*change), encoding="utf-8")
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        command = [sys.executable, "-P", "-m", "platonic_atlas.engine.extract.contract", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return run


def test_a_package_of_a_third_party_keeps_the_contract(checked: Check) -> None:
    done = checked("radial")
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "radial: 9 of 9 promises kept"
    for promise in ("rotation", "reflection", "batch = singles", "readout: the site energies", "unknown element"):
        assert sum(line.startswith("kept") and promise in line for line in lines) == 1


@pytest.mark.parametrize("promise", WRONG)
def test_a_broken_promise_is_named_and_the_command_fails(promise: str, checked: Check) -> None:
    done = checked("radial", change=WRONG[promise])
    assert done.returncode == 1, done.stderr
    assert any(line.startswith("BROKEN") and promise in line for line in done.stdout.splitlines()), done.stdout


def test_a_checkpoint_of_the_family_is_checked_by_its_file(checked: Check, tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text('{"cutoff": 4.0, "centres": [2.0], "coefficients": [0.1, 0.2]}')
    done = checked("mine", "--family", "radial", "--weights", str(own))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a float32 row of 2 features" in done.stdout


def test_a_file_that_is_no_checkpoint_is_an_error_in_three_parts(checked: Check, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text("[]")
    done = checked("mine", "--family", "radial", "--weights", str(tmp_path / "own.json"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 3
    assert "no checkpoint of the family radial" in done.stderr


def test_the_control_onehot_keeps_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert contract.main(["onehot"]) == 0
    assert "none, because there are no site energies" in capsys.readouterr().out


def test_an_unknown_name_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert contract.main(["nonesuch"]) == 2
    assert "There is no model 'nonesuch'" in capsys.readouterr().err


def test_a_family_by_name_alone_has_no_file() -> None:
    assert contract.named_model("chgnet", None, None) == ModelSpec("chgnet", "chgnet", "chgnet", "unknown", "unknown")


def test_the_page_shows_the_package_as_it_is() -> None:
    """The code of the documentation is the code of the tested package."""
    for language, file in (("toml", "pyproject.toml"), ("python", "platonic_radial/adapter.py")):
        (shown,) = blocks("docs/adding-a-model.md", language)
        assert shown.strip() in (PACKAGE / file).read_text(encoding="utf-8")
