"""How an anchor set was asked for: what it keeps of that, so that the same request is known again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platonic_atlas.engine.choices import Strategy
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.store import sites_digest
from platonic_atlas.engine.types import IntArray


def request(strategy: Strategy, n: int | None, seed: int, layer: str, atoms: IntArray | None) -> dict[str, Any]:
    """What a set keeps of how it was asked for. atoms : those that a file names, of which the digest is kept"""
    named = None if atoms is None else sites_digest(atoms)
    return {"strategy": strategy, "n": n, "seed": seed, "layer": layer, "atoms": named}


def differing(held: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """In words, in what a set that is there was asked for otherwise."""
    return [f"{key} {held.get(key)} in place of {value}" for key, value in asked.items() if held.get(key, ()) != value]


def atoms_named(path: Path) -> IntArray:
    """Atoms that a file names, by position in the input; AnchorError where it cannot be read."""
    from platonic_atlas.engine.anchors.file import parse_anchor_file

    try:
        return parse_anchor_file(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorError(
            f"{path} cannot be read ({error}).",
            "An anchor file is text: positions of atoms in the input, counted from 0.",
            "Check the file given with --file.",
        ) from error
