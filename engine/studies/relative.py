"""The study of a relative readout: learned on what one model says of energies, used on the cosines of another."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.progress import Progress, part
from platonic_atlas.engine.studies.pairing import Asked, left_out, paired, relative_pair
from platonic_atlas.engine.studies.readouts import crystal_energies, crystals_of
from platonic_atlas.engine.studies.record import ReadOf, Stitch
from platonic_atlas.engine.studies.translation import scores_of
from platonic_atlas.engine.types import FloatArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from platonic_atlas.engine.stitching.scores import Ratio
    from platonic_atlas.engine.stitching.splits import Split
    from platonic_atlas.engine.stitching.study import Pair
    from platonic_atlas.engine.store import Atlas


def relative_study(atlas: Atlas, asked: Asked, env_root: Path | None, progress: Progress, *, keep: bool) -> Stitch:
    """A readout of relative representations, fitted on the source's energies, applied to the target without change.

    Where the source has energies of sites, of those; else (Orb) of its energies of whole crystals, which its
    environment computes once (keep = False: each time).

    Raises
    ------
    ModelError : the source has no energies at all, or no environment here to compute those of crystals
    """
    from platonic_atlas.engine.stitching import study

    made = asked.made_from(atlas)
    pair = paired(atlas, asked.source, asked.target, far=asked.far)
    trusted = asked.trust_weights
    of_crystals = partial(crystal_energies, atlas, asked.source, env_root, progress, keep=keep, trust_weights=trusted)
    score, read_of = _score(atlas, pair, asked, of_crystals)
    found = scores_of(study.over_splits(score, pair, part(progress, 0.0, 1.0, asked.what)))
    known_by = "element means" if read_of is ReadOf.SITES else "composition"
    baselines = {name: {"energy_mae": found[key]} for name, key in (("self", "self"), (known_by, "elements"))}
    return Stitch(
        asked.source, asked.target, asked.method, asked.anchors, {"energy_mae": found["energy_mae"]}, baselines,
        tuple(left_out(atlas, asked.source, asked.target, pair)), made, read_of=read_of,
    )  # fmt: skip


def _score(
    atlas: Atlas, pair: Pair, asked: Asked, of_crystals: Callable[[], FloatArray]
) -> tuple[Callable[[Split], dict[str, Ratio]], ReadOf]:
    """How a split is scored, by sites or by `of_crystals`, the source's energies per atom."""
    from platonic_atlas.engine.stitching.relative_readout import crystal_readout_errors, readout_errors

    method: Any = str(asked.method)
    places = relative_pair(atlas, pair, asked)
    energies = atlas.site_energy(asked.source)
    if energies is not None:
        by_site = partial(readout_errors, method, places, energies[pair.sites], pair.numbers, pair.structure)
        return by_site, ReadOf.SITES
    means = _means(atlas, pair, places[0]), _means(atlas, pair, places[1])
    by_crystal = partial(crystal_readout_errors, method, means, of_crystals(), crystals_of(atlas).fractions())
    return by_crystal, ReadOf.CRYSTALS


def _means(atlas: Atlas, pair: Pair, relative: FloatArray) -> FloatArray:
    """(n_structures, K) mean over the atoms of each crystal, NaN for one with a site that the pair lacks."""
    crystals, column = crystals_of(atlas), np.full(atlas.n_sites, np.nan)
    means = np.empty((atlas.n_structures, relative.shape[1]))
    for anchor, cosines in enumerate(relative.T):
        column[pair.sites] = cosines
        means[:, anchor] = crystals.per_atom(column)
    return means
