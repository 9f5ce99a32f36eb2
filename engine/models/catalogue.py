"""Reading the catalogue of models and naming what a user asks for."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from platonic_atlas.engine.errors import ModelError, UnknownName, UsageError
from platonic_atlas.engine.types import OWN_CHECKPOINT, ModelSpec

REQUIRED = ("family", "title", "trained_on", "licence")
KEYS = tuple(field.name for field in fields(ModelSpec) if field.name != "name")


# Several models under one name: the seven of Li and Walsh (Nature Machine Intelligence 2026).
PRESETS = {
    "paper": (
        "mace-mp-0-small", "mace-mp-0-medium", "mace-mp-0-large", "mace-omat-0-medium", "sevennet-omat",
        "orb-v3-con-omat", "orb-v3-dir-omat",
    ),
}  # fmt: skip


def spelled_out(names: Iterable[str]) -> list[str]:
    """Names of models, each preset replaced by what it stands for, repetitions left out."""
    return list(dict.fromkeys(model for name in names for model in PRESETS.get(name, (name,))))


def catalogue() -> dict[str, ModelSpec]:
    """Every model by name: the seven shown by default first, then the others, the controls and the ones only listed."""
    return dict(_shipped())


@cache
def _shipped() -> dict[str, ModelSpec]:
    return read_catalogue(files("platonic_atlas.engine.models").joinpath("catalogue.toml").read_text(encoding="utf-8"))


def read_catalogue(text: str) -> dict[str, ModelSpec]:
    """Parse a catalogue.

    Raises
    ------
    ModelError
        The text is no TOML, or a table has an unknown key or lacks a required one.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(
            f"The catalogue of models is not valid TOML ({error}).",
            "It has one table a model.",
            "Compare it with the catalogue shipped in engine/models/catalogue.toml.",
        ) from error
    return {name: _spec(name, table) for name, table in tables.items()}


def _spec(name: str, table: Any) -> ModelSpec:
    if not isinstance(table, Mapping):
        raise ModelError(
            f"The catalogue has a value {name!r} outside any table.",
            "It has one table a model.",
            f"Write it as: [{name}]",
        )
    for key in table:
        if key not in KEYS:
            raise ModelError(
                f"The catalogue entry [{name}] has an unknown key {key!r}{_meant(key, KEYS)}.",
                f"Known keys: {', '.join(KEYS)}.",
                "Correct or remove the key.",
            )
    if missing := [key for key in REQUIRED if key not in table]:
        raise ModelError(
            f"The catalogue entry [{name}] lacks {', '.join(missing)}.",
            f"Every model states: {', '.join(REQUIRED)}.",
            "Add what is missing.",
        )
    return ModelSpec(name=name, **table)


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""


def default_models() -> list[str]:
    """Names of the models shown by default, in order."""
    return [spec.name for spec in catalogue().values() if spec.default]


def find_model(name: str) -> ModelSpec:
    """The catalogue entry of a name.

    Raises
    ------
    UnknownName
        There is no such model; the message names the nearest one.
    """
    models = catalogue()
    if name not in models:
        raise UnknownName(
            f"There is no model {name!r} in the catalogue{_meant(name, models)}.",
            f"It lists: {', '.join(models)}.",
            f"For a checkpoint of your own: --model {name} --family FAMILY --weights FILE --trust-weights",
        )
    return models[name]


def user_model(name: str, *, family: str | None = None, weights: str | Path | None = None) -> ModelSpec:
    """What `--model NAME [--family F --weights PATH]` means: a catalogue entry, or a checkpoint of the user's own.

    Raises
    ------
    ModelError
        Neither the catalogue nor the request says what `name` is.
    UsageError
        The name of a catalogue entry is used for something else, or the checkpoint is not named.
    """
    if family is None:
        return find_model(name)
    if name in catalogue():
        raise UsageError(
            f"The name {name!r} belongs to the catalogue.",
            "A checkpoint of your own has a name of its own.",
            f"Choose another: --model my-{name} --family {family} --weights FILE",
        )
    if weights is None:
        raise UsageError(
            f"No checkpoint is given for {name!r}.",
            "A model outside the catalogue is a family and a file.",
            f"Add it: --model {name} --family {family} --weights FILE --trust-weights",
        )
    return ModelSpec(
        name=name,
        family=family,
        title=name,
        trained_on="the user's own training",
        licence="the user's own",
        checkpoint=Path(weights).name,
        origin=OWN_CHECKPOINT,
    )
