"""The verb `analogies`: a - b + c in each model and from one to another, beside chance and the answer c."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.studies.pairing import relative_of
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.analogies import Analogies
    from platonic_atlas.engine.store import Atlas

N_ANALOGIES = 2000
WHY = "Analogies are sums of cosines to anchors that the models share."


def analogies(
    atlas: Atlas, *, models: Sequence[str] = (), anchors: str | None = None, n: int = N_ANALOGIES, seed: int = 0,
    keep: bool = True, progress: Progress = silent,
) -> dict[str, Any]:  # fmt: skip
    """Score analogies z(X in B) = z(X in A) - z(Y in A) + z(Y in B) over an atlas.

    models : all of the atlas where empty ; anchors : the default set where None (`platonic_atlas.engine.anchors.default`). Kept with
    the atlas (keep = False: not kept). Keys: anchors, n, chance, models (name -> sum: a - b + c, only_c: c alone),
    across (source -> target -> the sum of the source answered in the target). A score: element, prototype and site,
    each _at_1 and _at_5.

    Raises
    ------
    InputError
        There are no anchors, or no crystals of equal prototype that differ by one element.
    """
    names, chosen = list(models) or atlas.models(), anchors or default_anchors(atlas, WHY)
    parameters = _parameters(names, chosen, n, seed)
    if (kept := atlas.stitching(parameters)) is not None:
        return kept
    found = _compute(atlas, names, chosen, n, seed, progress)
    if keep:
        atlas.write_stitching(parameters, found)
    return found


def analogies_at(path: Path, **wanted: Any) -> dict[str, Any]:
    """`analogies` of the atlas at a path: what a process beside the dashboard runs."""
    from platonic_atlas.engine.store import open_atlas

    return analogies(open_atlas(path), **wanted)


def kept_analogies(atlas: Atlas) -> dict[str, Any] | None:
    """The analogies of all models of an atlas, if they were scored."""
    sets = atlas.anchor_sets()
    return atlas.stitching(_parameters(atlas.models(), default_anchors(atlas, WHY), N_ANALOGIES, 0)) if sets else None


def _parameters(models: Sequence[str], anchors: str, n: int, seed: int) -> dict[str, Any]:
    return {
        "source": "all",
        "target": "all",
        "method": "analogies",
        "anchors": anchors,
        "models": list(models),
        "n": n,
        "seed": seed,
    }


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


def _compute(atlas: Atlas, names: Sequence[str], anchors: str, n: int, seed: int, progress: Progress) -> dict[str, Any]:
    from platonic_atlas.engine.stitching.analogies import chance, score, sums, unit

    known = np.logical_and.reduce([atlas.present(name) for name in names])
    made = sampled(atlas, known, n, seed)
    labels = {
        "element": atlas.numbers()[known],
        "prototype": atlas.structure_field("prototype")[atlas.site_structure()][known],
    }
    spaces = {name: unit(relative_of(atlas, name, anchors)[known]).astype(np.float32) for name in names}
    found: dict[str, Any] = {"models": {}, "across": {name: {} for name in names}}
    for done, (source, space) in enumerate(spaces.items()):
        asked = sums(made, space)
        only_c = score(made, space[made.c], space, labels)
        found["models"][source] = {"sum": score(made, asked, space, labels), "only_c": only_c}
        for target, other in spaces.items():
            if target != source:
                found["across"][source][target] = score(made, asked, other, labels)
        progress("Analogies", done + 1, len(spaces))
    return {"anchors": anchors, "n": len(made), "chance": chance(made, labels, int(known.sum())), **found}
