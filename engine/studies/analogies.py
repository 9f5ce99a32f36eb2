"""The study of analogies: how often a - b + c is the atom that it should be, in each model and from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.pairing import relative_of
from platonic_atlas.engine.studies.record import AnalogyScores, SumScores
from platonic_atlas.engine.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.analogies import Analogies
    from platonic_atlas.engine.store import Atlas
    from platonic_atlas.engine.store.made_from import MadeFrom

N_ANALOGIES = 2000
WHY = "Analogies are sums of cosines to anchors that the models share."


def analogies_asked(models: Sequence[str], anchors: str, n: int = N_ANALOGIES, seed: int = 0) -> dict[str, Any]:
    """The parameters of a study of analogies, of all models where none is named."""
    return {"anchors": anchors, "models": kept.of_models(models), "n": n, "seed": seed}


def kept_analogies(atlas: Atlas) -> AnalogyScores | None:
    """The analogies of all models of an atlas, if they were scored and hold."""
    if not atlas.anchor_sets():
        return None
    return kept.find(atlas, AnalogyScores, analogies_asked((), default_anchors(atlas, WHY))).study


def analogies_study(atlas: Atlas, names: Sequence[str], made: MadeFrom, progress: Progress) -> AnalogyScores:
    """Analogies among the sites that all of the models embed."""
    from platonic_atlas.engine.stitching.analogies import chance, score, sums, unit

    anchors, n, seed = (made.parameters[key] for key in ("anchors", "n", "seed"))
    known = np.logical_and.reduce([atlas.present(name) for name in names])
    drawn = sampled(atlas, known, n, seed)
    labels = {
        "element": atlas.numbers()[known],
        "prototype": atlas.structure_field("prototype")[atlas.site_structure()][known],
    }
    spaces = {name: unit(relative_of(atlas, name, anchors)[known]).astype(np.float32) for name in names}
    models: dict[str, SumScores] = {}
    across: dict[str, dict[str, dict[str, float]]] = {name: {} for name in names}
    for done, (source, space) in enumerate(spaces.items()):
        asked = sums(drawn, space)
        models[source] = SumScores(score(drawn, asked, space, labels), score(drawn, space[drawn.c], space, labels))
        for target, other in spaces.items():
            if target != source:
                across[source][target] = score(drawn, asked, other, labels)
        progress("Analogies", done + 1, len(spaces))
    return AnalogyScores(anchors, len(drawn), chance(drawn, labels, int(known.sum())), models, across, made)


def space_of_sums(atlas: Atlas, model: str, anchors: str | None = None) -> FloatArray:
    """What sums are made in: centred relative representations of length 1, (n_sites, K) float32; NaN where masked."""
    from platonic_atlas.engine.stitching.analogies import unit

    present, relative = atlas.present(model), relative_of(atlas, model, anchors or default_anchors(atlas, WHY))
    space = np.full(relative.shape, np.nan, dtype=np.float32)
    space[present] = unit(relative[present])
    return space


def sampled(atlas: Atlas, known: BoolArray, n: int, seed: int) -> Analogies:
    """Analogies among the sites `known` (n_sites,), by their place among these."""
    from platonic_atlas.engine.stitching.analogies import hosts, sample_analogies

    rows = np.flatnonzero(known)
    prototype = atlas.structure_field("prototype")[atlas.site_structure()]
    missing = "wyckoff" not in atlas.label_names()
    of_hosts = {} if missing else hosts(
        atlas.numbers()[rows], atlas.site_structure()[rows], atlas.multiplicity()[rows], prototype[rows], atlas.label("wyckoff")[rows]
    )  # fmt: skip
    made = sample_analogies(of_hosts, n, seed=seed)
    if not len(made):
        raise InputError(
            f"{atlas.path.name} has no analogies.",
            "They need crystals of one named prototype that differ by the element of one site, twice for the same two elements.",
            "Use an atlas of many substituted prototypes, such as the default one.",
        )
    return made
