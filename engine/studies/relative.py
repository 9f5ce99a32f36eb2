"""The study of a relative readout: learned on what one model says of energies, used on the cosines of another."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.progress import Progress, part
from platonic_atlas.engine.studies.pairing import relative_of
from platonic_atlas.engine.studies.readouts import crystal_energies, crystals_of
from platonic_atlas.engine.types import FloatArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from platonic_atlas.engine.stitching.scores import Ratio
    from platonic_atlas.engine.stitching.splits import Split
    from platonic_atlas.engine.stitching.study import Pair
    from platonic_atlas.engine.store import Atlas

Study = dict[str, Any]
OF_SITES = "site energies of the source, less the mean of each element"
OF_CRYSTALS = "energies per atom of the source, less a fit by composition, from the mean cosines of each crystal"


def relative_pair(atlas: Atlas, pair: Pair, parameters: Study) -> tuple[FloatArray, FloatArray]:
    """Relative representations (n, K) of source and target over the sites of the pair."""
    found = [
        relative_of(atlas, str(parameters[name]), str(parameters["anchors"]))[pair.sites]
        for name in ("source", "target")
    ]
    return found[0], found[1]


def relative_study(
    atlas: Atlas, pair: Pair, parameters: Study, env_root: Path | None, progress: Progress, *, keep: bool
) -> Study:
    """A readout of relative representations, fitted on the source's energies, applied to the target without change.

    Where the source has energies of sites, of those; else (Orb) of its energies of whole crystals, which its
    environment computes once (keep = False: each time).

    Raises
    ------
    ModelError : the source has no energies at all, or no environment here to compute those of crystals
    """
    from platonic_atlas.engine.stitching import study

    source, target = (str(parameters[key]) for key in ("source", "target"))
    what = f"{source} → {target}"
    score, per_site = _score(
        atlas, pair, parameters, partial(crystal_energies, atlas, source, env_root, progress, keep=keep)
    )
    found = study.over_splits(score, pair, part(progress, 0.0, 1.0, what))

    def told(name: str) -> Study:
        scored = found[name]
        return {
            "energy_mae": scored.mean,
            "energy_mae_range": list(scored.range),
            "intervals": {"energy_mae": list(scored.interval)},
        }

    return {
        **{key: parameters[key] for key in ("source", "target", "method", "anchors")},
        **told("energy_mae"),
        "energies": {"what": OF_SITES if per_site else OF_CRYSTALS, "of": "sites" if per_site else "crystals"},
        "baselines": {"self": told("self"), "element means" if per_site else "composition": told("elements")},
    }


def _score(
    atlas: Atlas, pair: Pair, parameters: Study, of_crystals: Callable[[], FloatArray]
) -> tuple[Callable[[Split], dict[str, Ratio]], bool]:
    """How a split is scored, and whether by sites; else by `of_crystals`, the source's energies per atom."""
    from platonic_atlas.engine.stitching.relative_readout import crystal_readout_errors, readout_errors

    method = str(parameters["method"])
    places = relative_pair(atlas, pair, parameters)
    energies = atlas.site_energy(str(parameters["source"]))
    if energies is not None:
        return partial(readout_errors, method, places, energies[pair.sites], pair.numbers, pair.structure), True  # type: ignore[arg-type]
    means = tuple(_means(atlas, pair, place) for place in places)
    return partial(crystal_readout_errors, method, means, of_crystals(), crystals_of(atlas).fractions()), False  # type: ignore[arg-type]


def _means(atlas: Atlas, pair: Pair, relative: FloatArray) -> FloatArray:
    """(n_structures, K) mean over the atoms of each crystal, NaN for one with a site that the pair lacks."""
    crystals, column = crystals_of(atlas), np.full(atlas.n_sites, np.nan)
    means = np.empty((atlas.n_structures, relative.shape[1]))
    for anchor, cosines in enumerate(relative.T):
        column[pair.sites] = cosines
        means[:, anchor] = crystals.per_atom(column)
    return means
