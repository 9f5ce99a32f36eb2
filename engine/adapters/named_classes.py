"""Checkpoints that name classes to be made (`@module`, `@class`): nothing but those that the family knows is made.

The packages import whatever module a file names and call what it names with the arguments it holds. Their files are
therefore looked at first, with an unpickler that makes tensors and numbers only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from platonic_atlas.engine.errors import ModelError

FILES = ("model.json", "model.pt", "state.pt")
MODULE, CLASS = "@module", "@class"
DEEPEST = 32  # mappings within mappings; the packages write three


def require_known_classes(folder: Path, known: Mapping[str, Sequence[str]], package: str) -> None:
    """Refuse a model in a folder that names a class besides the known ones, or holds more than numbers and settings.

    known : class -> the modules or folders of modules that it may come from

    Raises
    ------
    ModelError
        A file is missing, broken, or names something else.
    """
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise ModelError(
            f"{folder} lacks {', '.join(missing)}.",
            f"A {package} model is a folder with {', '.join(FILES)}.",
            "Name its state.pt: platonic embed ATLAS --model NAME --weights FOLDER/state.pt",
        )
    for module, name in named_classes([_held(folder / file, package) for file in FILES]):
        if not any(f"{module}.".startswith(f"{place}.") for place in known.get(str(name), ())):
            raise ModelError(
                f"{folder} names the class {name!r} of {module!r}, which no {package} model is made of.",
                f"Known are: {', '.join(known)}. Nothing of it was run.",
                "Do not use a file that asks for something else; fetch the model again from where it was published.",
            )


def named_classes(held: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """(module, class) of every mapping that names either, however deep it lies.

    Raises
    ------
    ModelError
        It lies too deep.
    """
    if depth > DEEPEST:
        raise ModelError(
            f"The settings of a checkpoint lie more than {DEEPEST} deep.",
            "A model's settings are a few numbers, words and lists.",
            "Fetch the model again from where it was published.",
        )
    if isinstance(held, Mapping):
        if MODULE in held or CLASS in held:
            yield held.get(MODULE), held.get(CLASS)
        held = list(held.values())
    if isinstance(held, list | tuple):
        for part in held:
            yield from named_classes(part, depth + 1)


def _held(file: Path, package: str) -> Any:
    """What a file holds, made of tensors, numbers and words alone."""
    import torch

    try:
        if file.suffix == ".json":
            return json.loads(file.read_text(encoding="utf-8"))
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken or a foreign file can fail in any way
        said = next(iter(str(error).strip().splitlines()), "")[:200]
        raise ModelError(
            f"{file} cannot be read as part of a {package} model ({type(error).__name__}: {said}).",
            f"Its three files belong together, as {package} saved them, and hold numbers and settings only.",
            "Fetch the folder again if a file was cut off.",
        ) from error
