"""The command `doctor`: what a report of a fault should say of the machine, on one screen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer

from platonic_atlas.engine.cli.options import AsJson, EnvRoot
from platonic_atlas.engine.cli.printing import report, table

PACKAGES = ("numpy", "scipy", "zarr", "numcodecs", "ase", "pymatgen", "spglib", "panel", "bokeh", "umap-learn", "uv")


def doctor(as_json: AsJson = False, env_root: EnvRoot = None) -> None:
    """Versions, environments, weights, write access and browser, for a report of a fault.

    Example: platonic doctor
    """
    found: dict[str, Any] = {
        "versions": _versions(), "environments": _environments(env_root), "weights": _weights(env_root),
        "write_access": _folders(env_root), "browser": _browser(),
    }  # fmt: skip
    if as_json:
        report(found, as_json)
        return
    typer.echo(", ".join(f"{name} {version}" for name, version in found["versions"].items()))
    table(["environment", "state"], [[name, state] for name, state in found["environments"].items()])
    table(
        ["folder", "where", "can be written"], [[row["for"], row["path"], row["said"]] for row in found["write_access"]]
    )
    here, missing = found["weights"]["here"], found["weights"]["missing"]
    typer.echo(f"weights    {len(here)} models here; not here: {', '.join(missing) or 'none'}")
    typer.echo(f"browser    {found['browser'] or 'none found; open the address that `platonic serve` prints by hand'}")


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from platonic_atlas.engine.store.derived import tool_version

    told = {"platonic": tool_version(), "python": sys.version.split()[0], "system": platform.platform(terse=True)}
    for package in PACKAGES:
        try:
            told[package] = version(package)
        except PackageNotFoundError:
            told[package] = "missing"
    return told


def _environments(env_root: Path | None) -> dict[str, str]:
    from platonic_atlas.engine.extract.environments import environment_names, inspect

    return {name: inspect(name, env_root=env_root).state for name in environment_names()}


def _weights(env_root: Path | None) -> dict[str, list[str]]:
    """Models with a checkpoint whose file is here, and those whose file is not."""
    from platonic_atlas.engine.extract.environments import find_weights
    from platonic_atlas.engine.models.catalogue import catalogue

    told: dict[str, list[str]] = {"here": [], "missing": []}
    for spec in catalogue().values():
        if spec.checkpoint:
            told["here" if find_weights(spec, env_root=env_root) is not None else "missing"].append(spec.name)
    return told


def _folders(env_root: Path | None) -> list[dict[str, Any]]:
    import tempfile

    from platonic_atlas.engine.adapters.weights import cache_folder, weights_folder
    from platonic_atlas.engine.extract.environments import environment_root
    from platonic_atlas.engine.store.beside import derived_root

    places = {
        "environments": environment_root(env_root), "weights": weights_folder(), "converted checkpoints": cache_folder(),
        "derived data": derived_root(), "temporary files": Path(tempfile.gettempdir()), "here": Path.cwd(),
    }  # fmt: skip
    return [{"for": what, "path": str(path), "said": _writable(path)} for what, path in places.items()]


def _writable(path: Path) -> str:
    """Tried, not asked: permissions do not know of a disk that is mounted read-only, nor of one that is full."""
    import tempfile

    place = next(each for each in (path, *path.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"platonic")
            file.flush()
    except OSError as error:
        return f"no ({error.strerror or error})"
    return "yes" if place == path else f"yes, once it is made in {place}"


def _browser() -> str:
    import webbrowser

    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return ""
    return str(getattr(found, "name", "") or type(found).__name__)
