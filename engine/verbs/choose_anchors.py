"""The verb `choose_anchors`: sites whose cosines make up the relative representation, the same for every model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.choices import Strategy, chosen
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.types import READOUT, BoolArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def choose_anchors(
    atlas: Atlas,
    *,
    name: str,
    strategy: Strategy | str,
    n: int | None = None,
    reference: str | None = None,
    seed: int = 0,
    file: Path | None = None,
    layer: str = READOUT,
) -> IntArray:
    """Choose anchors among the sites that every model of the atlas embeds, and store them as `name`.

    strategy : direct | farthest | kmeans | element | random | file ; reference : the model in whose space they are
    chosen (default: the first trained one)

    Raises
    ------
    UsageError
        There is no such strategy.
    AnchorError
        The strategy cannot give so many, or a file names atoms that are not there.
    """
    from platonic_atlas.engine.anchors.choose import choose_anchors as choose
    from platonic_atlas.engine.anchors.file import parse_anchor_file

    strategy = chosen(Strategy, strategy, "anchor strategy")
    reference = reference or first_trained(atlas)
    found = choose(
        strategy,
        embedding=atlas.embedding(reference, layer),
        moments=atlas.moments(reference, layer),
        atomic_numbers=atlas.numbers(),
        eligible=embedded_by_all(atlas),
        n=n,
        seed=seed,
        atoms=None if file is None else parse_anchor_file(_text(file)),
        input_site=atlas.input_site(),
    )
    attrs = {**found.parameters, "strategy": strategy, "reference": reference, "seed": seed, "layer": layer}
    atlas.write_anchors(name, found.sites, attrs)
    return found.sites


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorError(
            f"{path} cannot be read ({error}).",
            "An anchor file is text: positions of atoms in the input, counted from 0.",
            "Check the file given with --file.",
        ) from error


def first_trained(atlas: Atlas) -> str:
    """The model that anchors are chosen in unless another is named."""
    trained = [name for name in atlas.models() if not atlas.model_attrs(name, atlas.layers(name)[0]).get("control")]
    if not trained:
        raise AnchorError(
            f"{atlas.path.name} holds no trained model.",
            "Anchors are chosen in the space of a trained model.",
            f"Embed one first: platonic embed {atlas.path} --model sevennet-0",
        )
    from platonic_atlas.engine.models.catalogue import default_models

    return next((name for name in default_models() if name in trained), trained[0])


def embedded_by_all(atlas: Atlas) -> BoolArray:
    """(n_sites,) True where every model of the atlas has features."""
    eligible = np.ones(atlas.n_sites, dtype=bool)
    for model in atlas.models():
        for layer in atlas.layers(model):
            eligible &= atlas.present(model, layer)
    return eligible
