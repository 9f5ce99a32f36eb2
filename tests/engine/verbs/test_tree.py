"""The tree is the table of contents: one file a public verb."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import platonic_atlas
from platonic_atlas.engine import verbs


@pytest.mark.parametrize("verb", platonic_atlas.__all__)
def test_a_verb_has_its_file(verb: str) -> None:
    module = import_module(f"platonic_atlas.engine.verbs.{verb}")
    assert getattr(module, verb) is getattr(platonic_atlas, verb)
    assert (module.__doc__ or "").startswith(f"The verb `{verb}`")


def test_each_file_is_a_verb() -> None:
    files = {file.stem for file in Path(str(verbs.__file__)).parent.glob("*.py")} - {"__init__"}
    assert files == set(platonic_atlas.__all__)


@pytest.mark.parametrize("verb", sorted(set(platonic_atlas.__all__) - {"open_atlas"}))  # the store opens it
def test_a_file_offers_its_verb_and_nothing_else(verb: str) -> None:
    module = import_module(f"platonic_atlas.engine.verbs.{verb}")
    own = {name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    assert {name for name in own if not name.startswith("_")} == {verb}


def test_editors_are_told_of_the_verbs_that_are_found() -> None:
    """The public module lists its verbs twice: for `__getattr__`, and as imports that only type checkers read."""
    tree = ast.parse(Path(str(platonic_atlas.__file__)).read_text(encoding="utf-8"))
    (told,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = {
        str(node.module).rsplit(".", 1)[-1]: [(each.name, each.asname) for each in node.names]
        for node in told.body if isinstance(node, ast.ImportFrom)
    }  # fmt: skip
    assert imported == {verb: [(verb, verb)] for verb in platonic_atlas.__all__}
    assert len(set(platonic_atlas.__all__)) == len(platonic_atlas.__all__)
