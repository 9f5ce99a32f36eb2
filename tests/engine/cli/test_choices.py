"""Options with fixed choices: offered by the command line, refused there and in the verb."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest
import typer
from typer.testing import CliRunner

import platonic_atlas
from platonic_atlas.engine import choices
from platonic_atlas.engine.choices import Balance, chosen
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.store import Atlas

# Options that take any text. A new option is listed here, or is an enum.
FREE = {
    "address", "against", "allow_origin", "anchors", "atlas", "device", "elements", "families", "family", "layer", "layout", "model",
    "models", "name",
    "reference", "scheduler", "source", "target", "to",
}  # fmt: skip
# What a verb needs besides the choice that is wrong.
NEEDED: dict[str, dict[str, Any]] = {
    "choose_anchors": {"name": "n", "strategy": "random"},
    "cosines": {"model": "a"},
    "ingest": {"inputs": [], "to": "never.atlas.zarr"},
    "stitch": {"source": "a", "target": "b"},
}


def options() -> Iterator[tuple[str, str, Any]]:
    """Command, parameter, its annotation without `Annotated`."""
    groups = [
        *app.registered_commands,
        *(c for g in app.registered_groups for c in g.typer_instance.registered_commands),
    ]  # type: ignore[union-attr]
    for command in groups:
        assert command.callback is not None
        for name, kind in get_type_hints(command.callback).items():
            if name != "return":
                yield str(command.name), name, kind


def enum_of(kind: Any) -> type[StrEnum] | None:
    return next(
        (each for each in (kind, *get_args(kind)) if isinstance(each, type) and issubclass(each, StrEnum)), None
    )


def takes_text(kind: Any) -> bool:
    return kind is str or any(takes_text(each) for each in get_args(kind))


@pytest.mark.parametrize(
    ("command", "name", "kind"), [pytest.param(*each, id=f"{each[0]}-{each[1]}") for each in options()]
)
def test_an_option_is_free_text_by_decision_or_an_enum(command: str, name: str, kind: Any) -> None:
    assert enum_of(kind) or not takes_text(kind) or name in FREE


OFFERED = [(command, name, enum) for command, name, kind in options() if (enum := enum_of(kind))]


def test_every_enum_is_offered_somewhere() -> None:
    ours = {
        each
        for each in vars(choices).values()
        if isinstance(each, type) and issubclass(each, StrEnum) and each is not StrEnum
    }
    in_recipes = {choices.MeasuredSource}  # a file's choices: a wrong one is refused in tests/engine/structures
    assert ours - in_recipes <= {enum for _, _, enum in OFFERED}
    assert ("layout", "frame") in [each[:2] for each in OFFERED]


@pytest.mark.parametrize(("command", "name"), [each[:2] for each in OFFERED])
def test_a_wrong_choice_is_bad_usage_on_the_command_line(command: str, name: str) -> None:
    found = CliRunner().invoke(app, [command, f"--{name.replace('_', '-')}", "nonsense"])
    assert found.exit_code == 2
    assert "nonsense" in found.output


def verbs() -> Iterator[tuple[str, str, type[StrEnum]]]:
    for verb in platonic_atlas.__all__:
        function = getattr(platonic_atlas, verb)
        for name, parameter in inspect.signature(function).parameters.items():
            words = {word.strip() for word in str(parameter.annotation).split("|")}
            enums = [each for _, _, each in OFFERED if each.__name__ in words]
            if enums:
                assert "str" in words, f"{verb} takes no plain text for {name}"
                yield verb, name, enums[0]


CHECKED = sorted(set(verbs()), key=str)


def test_every_choice_of_a_command_is_one_of_its_verb() -> None:
    assert {name for _, name, _ in OFFERED} == {name for _, name, _ in CHECKED}


@pytest.mark.parametrize(("verb", "name", "enum"), CHECKED)
def test_a_wrong_choice_is_refused_by_the_verb_in_words(
    verb: str, name: str, enum: type[StrEnum], small_atlas: Atlas
) -> None:
    function = getattr(platonic_atlas, verb)
    first = [] if verb == "ingest" else [small_atlas]
    with pytest.raises(UsageError) as caught:
        function(*first, **{**NEEDED.get(verb, {}), name: "nonsense"})
    assert "nonsense" in caught.value.happened
    assert all(each in caught.value.expected for each in enum)
    assert caught.value.next_step
    assert caught.value.exit_code == 2


def test_a_choice_equals_its_text() -> None:
    assert chosen(Balance, "atoms", "balance") is Balance.ATOMS
    assert Balance.ATOMS == "atoms"
    assert f"{Balance.ATOMS}" == "atoms"


def test_commands_stay_in_the_file_of_their_group() -> None:
    assert isinstance(app, typer.Typer)
    assert all(c.callback.__module__ != "platonic_atlas.engine.cli.app" for c in app.registered_commands)  # type: ignore[union-attr]
