"""How an anchor set was asked for: what it keeps of that, so that the same request is known again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platonic_atlas.engine.choices import Strategy
from platonic_atlas.engine.errors import AnchorError, UsageError
from platonic_atlas.engine.store import sites_digest
from platonic_atlas.engine.types import IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas

# Strategies that look at the space of a reference model
IN_A_SPACE = (Strategy.DIRECT, Strategy.FARTHEST, Strategy.KMEANS, Strategy.ELEMENT)


@dataclass(frozen=True)
class NamedSet:
    """A set that is looked at: its name, sites (K,), and how and in whose space it was chosen, empty where nobody said."""

    name: str
    sites: IntArray
    strategy: str
    reference: str


def kept(atlas: Atlas, name: str) -> NamedSet:
    """A set of an atlas; raises NotInAtlas where there is none of that name."""
    sites, attrs = atlas.anchors(name), atlas.anchor_attrs(name)
    return NamedSet(name, sites, str(attrs.get("strategy") or ""), str(attrs.get("reference") or ""))


def chosen_again(atlas: Atlas, held: NamedSet, reference: str, layer: str) -> NamedSet:
    """A set of an atlas as its strategy chooses it in another model's space; it is not kept.

    Raises
    ------
    UsageError
        Its strategy looks at no space.
    NotInAtlas
        The atlas does not hold the model or the layer.
    AnchorError
        The model tells fewer environments apart than there are anchors.
    """
    from platonic_atlas.engine.anchors.choose import choose_anchors
    from platonic_atlas.engine.anchors.eligible import embedded_by_all

    if held.strategy not in IN_A_SPACE:
        told = f"by the strategy {held.strategy!r}" if held.strategy else "by hand"
        raise UsageError(
            f"{held.name} was chosen {told}, which looks at no model's space.",
            f"A set is chosen again in another space where its strategy is {', '.join(IN_A_SPACE)}.",
            "Leave --reference out, or name another set.",
        )
    attrs = atlas.anchor_attrs(held.name)
    asked = None if held.strategy == Strategy.ELEMENT else len(held.sites)
    found = choose_anchors(
        held.strategy, eligible=embedded_by_all(atlas), embedding=atlas.embedding(reference, layer),
        moments=atlas.moments(reference, layer), atomic_numbers=atlas.numbers(), n=asked, seed=int(attrs.get("seed") or 0),
    )  # fmt: skip
    return NamedSet(f"{held.name} in {reference}", found.sites, held.strategy, reference)


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
