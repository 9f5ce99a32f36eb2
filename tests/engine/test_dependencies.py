"""What is imported is declared, and what is declared is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.documents import ROOT

DECLARED_ALL_THE_SAME = {
    "numba": "a floor: datashader and UMAP compile by it and take any, but older ones know neither NumPy 2 nor Python 3.13",
    "numcodecs": "a floor: Zarr decodes by it and takes any, and older ones ran the pickles of a file from a stranger",
    "weas-widget": "its JavaScript is served as a file; its Python, which wants ipywidgets, is never run",
}
ONE_OF_A_FAMILY = "engine/adapters/"  # what is imported here is imported in a worker, in the family's own environment


def spelt(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirements: list[str]) -> set[str]:
    return {spelt(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in requirements if line[:1].isalnum()}


def imported() -> dict[str, set[str]]:
    """Module of the top level -> files of the package that import it, anywhere in them."""
    found: dict[str, set[str]] = {}
    for file in (file for room in ("engine", "dashboard") for file in (ROOT / room).rglob("*.py")):
        for name in modules(ast.parse(file.read_text(encoding="utf-8"))):
            found.setdefault(name.partition(".")[0], set()).add(file.relative_to(ROOT).as_posix())
    return {name: files for name, files in found.items() if name not in {*sys.stdlib_module_names, "platonic_atlas"}}


def modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def in_environments() -> set[str]:
    """What the environments of the families hold: `.in` is asked for, `.txt` came with it."""
    folder = Path(ROOT, "engine/environments")
    files = (*folder.glob("*.in"), *folder.glob("*.txt"))
    return named([line for file in files for line in file.read_text(encoding="utf-8").splitlines()])


def declared() -> tuple[set[str], set[str]]:
    """Names that every user gets, and those of the extra `cluster`, which say what to install where they are missing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return named(project["dependencies"]), named(project["optional-dependencies"]["cluster"])


def test_everything_imported_is_declared() -> None:
    always, cluster = declared()
    installed, of_families = packages_distributions(), in_environments()
    missing = {}
    for module, files in imported().items():
        distributions = {spelt(name) for name in installed.get(module, [module])}
        if distributions & (always | cluster):
            continue
        in_a_worker = {spelt(module), f"{spelt(module)}-torch"} & of_families  # mace is mace-torch's
        if not in_a_worker or not all(file.startswith(ONE_OF_A_FAMILY) for file in files):
            missing[module] = sorted(files)
    assert missing == {}


def test_everything_declared_is_imported() -> None:
    always, cluster = declared()
    installed = packages_distributions()
    used = {spelt(name) for module in imported() for name in installed.get(module, [])}
    assert always | cluster == (used & (always | cluster)) | set(DECLARED_ALL_THE_SAME)
    assert used.isdisjoint(DECLARED_ALL_THE_SAME), "imported now: no exception any more"
