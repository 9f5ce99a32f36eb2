"""Fit on some structures, score on others: splits by structure, never by atom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.types import BoolArray, IntArray

N_SPLITS = 10
TRAIN_SHARE = 0.8


@dataclass(frozen=True)
class Split:
    """train, test : (n_sites,) which sites belong to structures of each part ; structures : (n_structures,) those that train."""

    seed: int
    train: BoolArray
    test: BoolArray
    structures: BoolArray


def split_by_structure(site_structure: IntArray, n_structures: int, seed: int, share: float = TRAIN_SHARE) -> Split:
    """The first `share` of the structures in the order of `default_rng(seed).permutation` train, the rest test.

    Raises
    ------
    InputError
        There are fewer than two structures.
    """
    if n_structures < 2:
        raise InputError(
            f"{n_structures} structure cannot be split into training and test.",
            "A stitch is fitted on some structures and scored on others.",
            "Use an atlas with at least two structures; ten or more say something.",
        )
    order = np.random.default_rng(seed).permutation(n_structures)
    n_train = min(max(1, round(share * n_structures)), n_structures - 1)
    trains = np.zeros(n_structures, dtype=bool)
    trains[order[:n_train]] = True
    train: BoolArray = trains[site_structure]
    return Split(seed, train, ~train, trains)
