"""What the documents promise: code runs as it stands, every command and option is written down."""

from __future__ import annotations

import re
import subprocess

import pytest
import typer

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.store import schema
from platonic_atlas.engine.store.studies import STUDIES_SUFFIX
from tests.documents import ROOT, blocks

COMMANDS = typer.main.get_command(app)


def test_the_notebook_example_runs_on_the_shipped_atlas(capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, object] = {}
    for code in blocks("docs/notebook.md", "python"):
        exec(compile(code, "docs/notebook.md", "exec"), found)
    assert found["z"].dims == ("site", "anchor")  # type: ignore[attr-defined]
    assert found["shown"].get(0).rgb is not None  # type: ignore[attr-defined]
    assert len(capsys.readouterr().out.splitlines()) >= 3


def test_the_public_verbs_stay_verbs_whatever_modules_are_loaded() -> None:
    """A module of the same name would take a verb's place once it is imported."""
    import pkgutil

    import platonic_atlas.engine

    modules = {module.name for module in pkgutil.iter_modules(platonic_atlas.__path__)} | {
        "engine",
        "dashboard",
        "data",
    }
    assert not modules & set(platonic_atlas.__all__)
    assert all(callable(getattr(platonic_atlas, verb)) for verb in platonic_atlas.__all__)


def test_what_contributing_points_at_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:engine|dashboard|tests|data|docs)/[\w./-]+)`", text)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def in_the_tree() -> set[str]:
    """Paths that the tree in CONTRIBUTING.md names: `engine/`, `engine/store/`, `engine/types.py`, …"""
    tree = re.search(
        r"^## The tree\n\n```\n(.*?)```",
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    assert tree is not None
    found, room = set[str](), ""
    for line in tree[1].splitlines():
        names = re.split(r" {2,}", line.strip())[0].split()
        room = room if line.startswith(" ") else names[0]
        found |= {room if name == room else room + name if name.endswith("/") else f"{room}{name}.py" for name in names}
    return found


def in_the_checkout() -> set[str]:
    """Top-level folders, what lies in them one step deeper as a folder, and the modules of both packages; as git has them."""
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked archive, not a checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    parts = [line.split("/") for line in listed.stdout.splitlines()]
    folders = {f"{each[0]}/" for each in parts if len(each) > 1}
    inner = {"/".join(each[:2]) + "/" for each in parts if len(each) > 2 and not each[0].startswith(".")}
    modules = {
        "/".join(each) for each in parts
        if len(each) == 2 and each[0] in ("engine", "dashboard") and each[1].endswith(".py") and each[1] != "__init__.py"
    }  # fmt: skip
    return folders | inner | modules


def test_the_tree_in_contributing_is_the_tree() -> None:
    assert in_the_tree() == in_the_checkout()


def test_the_commits_of_the_recipes_are_in_the_history() -> None:
    recipes = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## How to add")[1].split("\n## ")[0]
    named = re.findall(r"^- commit `([0-9a-f]{7,})`", recipes, re.MULTILINE)
    assert len(named) == len(re.findall(r"^\*\*", recipes, re.MULTILINE))
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked archive, not a checkout")
    asked = ["git", "rev-parse", "--is-shallow-repository"]
    if subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "true":
        pytest.skip("a checkout without its history")
    for commit in named:
        subprocess.run(["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, check=True)


def test_the_format_page_names_every_array_and_kind_of_study() -> None:
    text = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    tables = (schema.STRUCTURES, schema.STRUCTURE_EXTRAS, schema.ATOMS, schema.SITES, schema.INPUTS, schema.EMBEDDING,
              schema.EXTRAS, schema.MOMENTS)  # fmt: skip
    names = {name for table in tables for name in table} | set(schema.STUDY_FORMATS)
    assert [name for name in sorted(names) if not re.search(rf"[` ]{name}[` \[]", text)] == []
    assert f"{schema.STUDIES}/<kind>/<name>" in text
    assert f"`default.atlas{STUDIES_SUFFIX}`" in text


def every_command() -> dict[str, typer.core.TyperCommand]:
    """'anchors', 'env sync', … and their commands."""
    found = {}
    for name, command in COMMANDS.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found |= {f"{name} {each}": of for each, of in inner.items()} if inner else {name: command}
    return found


@pytest.mark.parametrize("name", every_command())
def test_every_command_and_option_is_in_the_documents(name: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    command = every_command()[name]
    assert f"platonic {name}" in text
    options = [option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)]
    missing = [option for option in options if option.startswith("--") and option not in text and option != "--help"]
    assert missing == []
    assert "Example: platonic" in (command.help or "")
