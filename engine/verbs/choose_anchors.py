"""The verb `choose_anchors`: sites whose cosines make up the relative representation, the same for every model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.choices import Representation, Strategy, chosen, seed_of, within
from platonic_atlas.engine.errors import AtlasExists, UsageError
from platonic_atlas.engine.names import require_name
from platonic_atlas.engine.store import sites_digest
from platonic_atlas.engine.studies.anchors import atoms_named, differing, request
from platonic_atlas.engine.types import READOUT, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def choose_anchors(
    atlas: Atlas, *, name: str, strategy: Strategy | str, n: int | None = None, reference: str | None = None, seed: int = 0,
    file: Path | None = None, layer: str = READOUT, force: bool = False,
) -> IntArray:  # fmt: skip
    """Choose anchors among the sites that every model of the atlas embeds, and store them as `name`.

    The same request again, where the same sites can be chosen, does nothing.

    strategy : direct | farthest | kmeans | element | random | file ; reference : the model in whose space they are
    chosen (default: the first trained one) ; n, file : for the strategies that take them ; force : replace a set of that
    name, which makes the layouts made with it stale

    Raises
    ------
    UsageError
        There is no such strategy, it takes no such option or lacks one, or the name does not follow the rule of names or
        is that of the raw features.
    AtlasExists
        There is a set of that name, chosen otherwise.
    NotInAtlas
        The atlas does not hold the reference.
    AnchorError
        The strategy cannot give so many, or a file names atoms that are not there.
    """
    from platonic_atlas.engine.anchors.choose import choose_anchors as choose
    from platonic_atlas.engine.anchors.eligible import embedded_by_all, first_trained

    require_name(name, "an anchor set", f"platonic anchors {atlas.path} --name my-anchors --strategy {strategy}")
    _refuse_raw(name)
    atlas.settle()
    strategy = chosen(Strategy, strategy, "anchor strategy")
    _refuse_unused(strategy, n, file)
    seed_of(seed)
    reference = reference or first_trained(atlas)
    atoms, eligible = None if file is None else atoms_named(file), embedded_by_all(atlas)
    asked = {
        **request(strategy, n, seed, layer, atoms),
        "reference": reference,
        "eligible": sites_digest(np.flatnonzero(eligible)),
    }
    if name in atlas.anchor_sets() and not force:
        _require_same(atlas, name, asked)
        return atlas.anchors(name)
    found = choose(
        strategy,
        embedding=atlas.embedding(reference, layer),
        moments=atlas.moments(reference, layer),
        atomic_numbers=atlas.numbers(),
        eligible=eligible,
        n=n,
        seed=seed,
        atoms=atoms,
        input_site=atlas.input_site(),
    )
    atlas.write_anchors(name, found.sites, {**found.parameters, **asked})
    return found.sites


def _refuse_unused(strategy: Strategy, n: int | None, file: Path | None) -> None:
    """An option that a strategy does not hear is a misunderstanding, as is one that it lacks."""
    if strategy is Strategy.FILE and file is None:
        raise UsageError(
            "The strategy 'file' takes its anchors from a file, and none is given.",
            "A file names atoms by their position in the input, counted from 0.",
            "Name it with --file FILE, or choose another strategy, such as --strategy element",
        )
    if strategy is not Strategy.FILE and file is not None:
        raise UsageError(
            f"The strategy {strategy.value!r} reads no file.",
            "Anchors are named by a file with --strategy file.",
            "Leave --file out, or say --strategy file",
        )
    if n is not None:
        within(n, "anchors", 1)
    if n is not None and strategy in (Strategy.ELEMENT, Strategy.FILE):
        told = "one for each element" if strategy is Strategy.ELEMENT else "one for each atom that the file names"
        raise UsageError(
            f"The strategy {strategy.value!r} gives {told}: no number is asked for.",
            "A number goes with direct, farthest, kmeans and random.",
            f"Leave -n {n} out, or choose one of these, such as --strategy direct -n {n}",
        )


def _require_same(atlas: Atlas, name: str, asked: Mapping[str, Any]) -> None:
    if differing(atlas.anchor_attrs(name), asked):
        raise AtlasExists(
            f"{atlas.path.name} has an anchor set {name!r} already, of {len(atlas.anchors(name))} sites.",
            "Layouts bear the name of their anchors, and would be stale with others under it.",
            "Choose another name, or replace the set with --force",
        )


def _refuse_raw(name: str) -> None:
    if name == Representation.RAW:
        raise UsageError(
            f"An anchor set cannot be called {name!r}.",
            "Layouts bear the name of their anchors, and this word stands for the raw features, which have none.",
            "Choose another name: platonic anchors ATLAS --name NAME",
        )
