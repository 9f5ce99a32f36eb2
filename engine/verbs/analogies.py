"""The verb `analogies`: a - b + c in each model and from one to another, beside chance and the answer c."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.pairing import relative_of
from platonic_atlas.engine.studies.record import AnalogyScores, SumScores
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.analogies import Analogies
    from platonic_atlas.engine.store import Atlas
    from platonic_atlas.engine.store.made_from import MadeFrom

N_ANALOGIES = 2000
WHY = "Analogies are sums of cosines to anchors that the models share."


def analogies(
    atlas: Atlas, *, models: Sequence[str] = (), anchors: str | None = None, n: int = N_ANALOGIES, seed: int = 0,
    keep: bool = True, progress: Progress = silent,
) -> AnalogyScores:  # fmt: skip
    """Score analogies z(X in B) = z(X in A) - z(Y in A) + z(Y in B) over an atlas.

    models : all of the atlas where empty ; anchors : the default set where None (`platonic_atlas.engine.anchors.default`). Kept with
    the atlas (keep = False: not kept).

    Raises
    ------
    InputError
        There are no anchors, or no crystals of equal prototype that differ by one element.
    """
    names, chosen = list(models) or atlas.models(), anchors or default_anchors(atlas, WHY)
    parameters = _parameters(names, chosen, n, seed)
    held = kept.find(atlas, AnalogyScores, parameters)
    if held.study is not None:
        return held.study
    kept.say_again(held, "The study of analogies")
    made = kept.made_from(atlas, AnalogyScores, parameters, names, anchors=chosen)
    found = _compute(atlas, names, made, progress)
    if keep:
        kept.keep(atlas, found)
    return found


def analogies_at(path: Path, **wanted: Any) -> AnalogyScores:
    """`analogies` of the atlas at a path: what a process beside the dashboard runs."""
    from platonic_atlas.engine.store import open_atlas

    return analogies(open_atlas(path), **wanted)


def kept_analogies(atlas: Atlas) -> AnalogyScores | None:
    """The analogies of all models of an atlas, if they were scored and hold."""
    if not atlas.anchor_sets():
        return None
    return kept.find(
        atlas, AnalogyScores, _parameters(atlas.models(), default_anchors(atlas, WHY), N_ANALOGIES, 0)
    ).study


def _parameters(models: Sequence[str], anchors: str, n: int, seed: int) -> dict[str, Any]:
    return {"anchors": anchors, "models": list(models), "n": n, "seed": seed}


def space_of(atlas: Atlas, model: str, anchors: str | None = None) -> FloatArray:
    """What sums are made in: centred relative representations of length 1, (n_sites, K) float32; NaN where masked."""
    from platonic_atlas.engine.stitching.analogies import unit

    present, relative = atlas.present(model), relative_of(atlas, model, anchors or default_anchors(atlas, WHY))
    space = np.full(relative.shape, np.nan, dtype=np.float32)
    space[present] = unit(relative[present])
    return space


def nearest_to(
    asked: FloatArray, space: FloatArray, excluded: Sequence[int], k: int = 5
) -> tuple[IntArray, FloatArray]:
    """The sites of a space (n_sites, K) nearest to a query (K,) by cosine, and their cosines; `excluded` sites left out."""
    from platonic_atlas.engine.stitching.scores import nearest_by_cosine

    known = np.flatnonzero(np.isfinite(space[:, 0]))
    out = np.flatnonzero(np.isin(known, np.asarray(excluded)))
    found = known[nearest_by_cosine(asked[None], space[known], k, out[None])[0]]
    length = float(np.linalg.norm(asked)) or 1.0
    return found, space[found] @ asked / length


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


def _compute(atlas: Atlas, names: Sequence[str], made: MadeFrom, progress: Progress) -> AnalogyScores:
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
