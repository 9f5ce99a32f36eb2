"""One Python environment a group of model families, made by uv under the user's cache folder.

Families contradict each other in what they pin, and none of it belongs beside the dashboard. An environment is built
beside its place under a temporary name, checked by importing what it is for, marked, and renamed: one without the
marker is never used.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from platonic_atlas.engine.adapters.base import family_adapter, family_names
from platonic_atlas.engine.adapters.weights import existing
from platonic_atlas.engine.errors import EnvironmentMissing, ModelError
from platonic_atlas.engine.extract.pip_settings import uv_environment
from platonic_atlas.engine.locks import locked
from platonic_atlas.engine.types import ModelSpec

MARKER = "platonic-environment.json"
ROOT_VARIABLE = "PLATONIC_ENV_ROOT"
PATIENCE = 3600.0  # seconds to wait for another process that makes the same environment

_REPORT = """
import importlib, importlib.metadata as metadata, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
found = {d.metadata["Name"].lower(): d.version for d in metadata.distributions()}
print("VERSIONS " + json.dumps(found, sort_keys=True))
"""


@dataclass(frozen=True)
class Environment:
    """One environment: state is ready | outdated (the pins changed since) | partial | missing."""

    name: str
    families: tuple[str, ...]
    path: Path
    state: str
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def interpreter(self) -> Path:
        return interpreter_in(self.path)


def environment_root(env_root: str | os.PathLike[str] | None = None) -> Path:
    """Where environments live: the argument, else $PLATONIC_ENV_ROOT, else the user's cache folder."""
    chosen = env_root or os.environ.get(ROOT_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("platonic-atlas") / "environments"


def interpreter_in(path: Path) -> Path:
    """The Python of a virtual environment."""
    return path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment_names() -> list[str]:
    """Environments that can be made: those with a file of wanted packages."""
    found = (entry.name for entry in files("platonic_atlas.engine.environments").iterdir())
    return sorted(name.removesuffix(".in") for name in found if name.endswith(".in"))


def environment_of(family: str) -> str | None:
    """Name of a family's environment, or None where any interpreter serves; an environment's own name is one too."""
    return family if family in environment_names() else family_adapter(family).environment


def inspect(name: str, *, env_root: str | os.PathLike[str] | None = None) -> Environment:
    """State and versions of one environment."""
    path = environment_root(env_root) / name
    families = tuple(family for family in family_names() if family_adapter(family).environment == name)
    if not path.exists():
        return Environment(name, families, path, "missing")
    try:
        marker = json.loads((path / MARKER).read_text())
    except (OSError, ValueError):
        return Environment(name, families, path, "partial")
    state = "ready" if marker.get("pins") == pins_digest(name) else "outdated"
    if not interpreter_in(path).exists():
        state = "partial"  # for one, the Python that it was made with is gone
    return Environment(name, families, path, state, marker.get("versions", {}))


def describe(*, env_root: str | os.PathLike[str] | None = None) -> list[dict[str, Any]]:
    """One row an environment: name, state, families, size_mb, path, versions of the packages it was made for."""
    rows = []
    for name in environment_names():
        found = inspect(name, env_root=env_root)
        shown = {package: found.versions[package] for package in wanted_packages(name) if package in found.versions}
        rows.append(
            {
                "name": name,
                "state": found.state,
                "families": list(found.families),
                "size_mb": round(_size(found.path) / 1e6),
                "path": str(found.path),
                "versions": shown,
            }
        )
    return rows


def ready(family: str, *, env_root: str | os.PathLike[str] | None = None) -> bool:
    """True where a worker of the family could be started now."""
    try:
        find_interpreter(family, env_root=env_root)
    except ModelError:
        return False
    return True


def find_interpreter(family: str, *, env_root: str | os.PathLike[str] | None = None) -> Path:
    """The Python that runs a family: this one where its packages are importable, else that of its environment.

    Raises
    ------
    ModelError
        The family has no adapter.
    EnvironmentMissing
        Its environment is missing or not whole.
    """
    adapter = family_adapter(family)
    if all(importlib.util.find_spec(package) for package in adapter.requires):
        return Path(sys.executable)
    if adapter.environment is None or adapter.environment not in environment_names():
        raise EnvironmentMissing(
            f"The family {family!r} needs {', '.join(adapter.requires)}, which is not installed here.",
            "A family without an environment of its own runs where platonic runs.",
            f"Install it: {sys.executable} -m pip install {' '.join(adapter.requires)}",
        )
    found = inspect(adapter.environment, env_root=env_root)
    if found.state in ("missing", "partial"):
        raise EnvironmentMissing(
            f"The environment of the family {family!r} is {found.state} ({found.path}).",
            f"The family runs in a Python environment of its own, {adapter.environment!r}.",
            f"Make it with: platonic env sync {family}",
        )
    return found.interpreter


def find_weights(
    spec: ModelSpec, weights: Path | None = None, *, env_root: str | os.PathLike[str] | None = None
) -> Path | None:
    """The checkpoint file of a model as its worker will find it, or None."""
    try:
        interpreter = find_interpreter(spec.family, env_root=env_root)
        family = family_adapter(spec.family)
    except ModelError:
        return None
    if Path(sys.executable) == interpreter:
        return existing(spec, weights, family)
    home = interpreter.parent.parent
    return existing(spec, weights, family, [*home.glob("lib/python*/site-packages"), *home.glob("Lib/site-packages")])


def sync(
    *families: str, env_root: str | os.PathLike[str] | None = None, force: bool = False, quiet: bool = True
) -> list[Path]:
    """Make the environments of families (or environments by name) with uv; one that is ready is left alone.

    Returns the paths of the environments.

    Raises
    ------
    ModelError
        A family is unknown, or uv could not install what is pinned; the message holds uv's last lines.
    """
    names = dict.fromkeys(environment_of(family) for family in families)
    return [_make(name, env_root=env_root, force=force, quiet=quiet) for name in names if name is not None]


def _make(name: str, *, env_root: str | os.PathLike[str] | None, force: bool, quiet: bool) -> Path:
    root = environment_root(env_root)
    _made_folder(root)
    busy = ModelError(
        f"Another process has been making the environment {name!r} for {PATIENCE / 60:.0f} minutes.",
        "One process at a time makes an environment.",
        f"Wait until it is done, or end it, then repeat: platonic env sync {name}",
    )
    with locked(root / f".{name}.lock", busy, patience=PATIENCE):
        found = inspect(name, env_root=env_root)
        if found.state == "ready" and not force:
            return found.path
        _remove_abandoned(root, name)
        building = root / f".{name}.{os.getpid()}.partial"
        try:
            _install(name, building, quiet=quiet)
            versions = _imported_versions(name, building)
            marker = {"pins": pins_digest(name), "python": sys.version.split()[0], "versions": versions}
            (building / MARKER).write_text(json.dumps(marker, indent=1, sort_keys=True) + "\n")
            _replace(building, found.path)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        return found.path


def _made_folder(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"Environments cannot be made in {root} ({error.strerror or error}).",
            "They lie in a folder that may be written to.",
            f"Name another: --env-root FOLDER, or set {ROOT_VARIABLE}",
        ) from error


def _install(name: str, building: Path, *, quiet: bool) -> None:
    settings = {**uv_environment(), "VIRTUAL_ENV": str(building)}
    # Relocatable, because it is renamed once it is whole; only its interpreter is used, never its scripts.
    _uv(["venv", "--relocatable", "--python", sys.executable, str(building)], settings, quiet=quiet)
    with as_file(files("platonic_atlas.engine.environments")) as pins:
        # Constraints and not a lock: another build of the same torch version (CPU, CUDA) fits them too.
        command = ["pip", "install", "--constraints", f"{pins / name}.txt", "--overrides", f"{pins / name}.ov"]
        _uv([*command, "--requirements", f"{pins / name}.in"], settings, quiet=quiet)


def _uv(arguments: Sequence[str], settings: Mapping[str, str], *, quiet: bool) -> None:
    from uv import find_uv_bin

    command, errors = [find_uv_bin(), *arguments], subprocess.PIPE if quiet else None
    done = subprocess.run(command, env=dict(settings), stderr=errors, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stderr or "").strip().splitlines()[-12:])
        raise ModelError(
            f"uv could not make the environment (uv {' '.join(arguments[:2])}, exit code {done.returncode}).\n{last}",
            "It installs pinned packages from the index that uv or pip is set up with.",
            "Check the network and the settings UV_INDEX_URL, UV_FIND_LINKS or pip's, then repeat the command.",
        )


def _imported_versions(name: str, path: Path) -> dict[str, str]:
    """Import what the environment is for, in it, and return the version of every distribution."""
    imports = imported_packages(name)
    command = [str(interpreter_in(path)), "-I", "-c", _REPORT, *imports]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("VERSIONS ")]
    if done.returncode or not lines:
        last = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise ModelError(
            f"The environment {name!r} was installed, but its packages cannot be imported.\n{last}",
            f"It is for: {', '.join(imports)}.",
            f"Try again with: platonic env sync {name}",
        )
    versions: dict[str, str] = json.loads(lines[-1].removeprefix("VERSIONS "))
    return versions


def _replace(building: Path, place: Path) -> None:
    """Put a whole environment in its place; the old one goes last."""
    aside = place.with_name(f".{place.name}.{os.getpid()}.old")
    if place.exists():
        place.rename(aside)
    building.rename(place)
    shutil.rmtree(aside, ignore_errors=True)


def _remove_abandoned(root: Path, name: str) -> None:
    """Remove what interrupted runs left: who holds the lock is alone."""
    for left in [*root.glob(f".{name}.*.partial"), *root.glob(f".{name}.*.old")]:
        shutil.rmtree(left, ignore_errors=True)


def wanted_packages(name: str) -> list[str]:
    """Packages that an environment is for, by the names of their distributions."""
    lines = _pin_text(f"{name}.in").splitlines()
    return [line.split("==")[0].strip() for line in lines if line.strip() and not line.startswith("#")]


def imported_packages(name: str) -> list[str]:
    """What a worker imports in an environment: the packages that its families require, and the store's."""
    adapters = [family_adapter(family) for family in family_names()]
    found = {package for adapter in adapters if adapter.environment == name for package in adapter.requires}
    return sorted({*found, "zarr"})


def pins_digest(name: str) -> str:
    """SHA-256 of the three files that say what an environment holds."""
    texts = [_pin_text(f"{name}.{ending}") for ending in ("in", "ov", "txt")]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _pin_text(file: str) -> str:
    return files("platonic_atlas.engine.environments").joinpath(file).read_text(encoding="utf-8")


def _size(path: Path) -> int:
    return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file()) if path.exists() else 0
