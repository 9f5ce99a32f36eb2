"""What is known about each model that the tests run: a table in `cases/FAMILY.toml` each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platonic_atlas.engine.models.catalogue import find_model
from platonic_atlas.engine.types import ModelSpec

FOLDER = Path(__file__).with_name("cases")


@dataclass(frozen=True)
class Case:
    """A model of the catalogue that can be run on the development machines.

    features : layer -> number of features
    unknown : an atomic number that the model does not know
    dft : frames, mean and median absolute error [meV/atom] against DFT, as the energies come
    fitted : the same after a linear fit of the differences to the numbers of atoms of each element
    """

    name: str
    features: Mapping[str, int]
    unknown: int = 84
    dft: Mapping[str, Any] = field(default_factory=dict)
    fitted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def spec(self) -> ModelSpec:
        return find_model(self.name)

    @property
    def trained(self) -> bool:
        return not self.spec.control


def cases(files: list[str] | None = None) -> list[Case]:
    """The cases of the files named (stems of `cases/*.toml`), default: all."""
    chosen = files or sorted(path.stem for path in FOLDER.glob("*.toml"))
    found = []
    for stem in chosen:
        tables = tomllib.loads((FOLDER / f"{stem}.toml").read_text(encoding="utf-8"))
        found += [Case(name=name, **table) for name, table in tables.items()]
    return found
