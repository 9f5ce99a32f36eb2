"""The tree is the table of contents: one file a public verb."""

from __future__ import annotations

from importlib import import_module

import pytest

import platonic_atlas


@pytest.mark.parametrize("verb", platonic_atlas.__all__)
def test_a_verb_has_its_file(verb: str) -> None:
    module = import_module(f"platonic_atlas.engine.verbs.{verb}")
    assert getattr(module, verb) is getattr(platonic_atlas, verb)
    assert (module.__doc__ or "").startswith(f"The verb `{verb}`")
