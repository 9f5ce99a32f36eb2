"""What surrounds a site, in numbers: which chemistry, how near, with how much room (SCIENCE section 2).

For an atom i and the atoms and periodic images j within 6 Å let s_ij = d_ij / (R_i + R_j), with the covalent radii of
Cordero et al. (Dalton Trans. 2008, 2832), and s_i the smallest of them:

    shortest_bond                 s_i
    neighbour_electronegativity   Σ_j w_ij χ_j / Σ_j w_ij,  w_ij = exp(-(s_ij / s_i - 1) / 0.15),  χ Pauling's
    volume_per_atom               volume of the cell / number of its atoms [Å³]

Atoms without a radius (beyond curium) are no neighbours; those without an electronegativity (He, Ne, Ar) count for
nothing in the mean. The electronegativity of the neighbours can be read from the composition of the crystal alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from platonic_atlas.engine import elements
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.structures.checks import near_pairs
from platonic_atlas.engine.structures.coordination import UNKNOWN
from platonic_atlas.engine.types import FloatArray, IntArray

ELECTRONEGATIVITY, VOLUME, SHORTEST = "neighbour_electronegativity", "volume_per_atom", "shortest_bond"
#: Label -> digits behind the point: more than maps show, fewer than structures are known to.
DIGITS = {ELECTRONEGATIVITY: 3, VOLUME: 2, SHORTEST: 3}

REACH = 6.0  # Å

#: Of the weight, in units of the shortest relative distance: a neighbour half as far again weighs 1/28.
DECAY = 0.15

#: Sites whose neighbours are looked for at once; of the densest crystals each has 20,000.
AT_ONCE = 1000


def neighbourhood_labels(
    structures: Sequence[Atoms], chosen: Sequence[IntArray], *, progress: Progress = silent
) -> dict[str, list[str]]:
    """name -> (n_sites,) labels, numbers as text, "unknown" where there is none.

    chosen : for each structure the positions of its atoms that stand for its sites
    """
    labels: dict[str, list[str]] = {name: [] for name in DIGITS}
    for done, (atoms, sites) in enumerate(zip(structures, chosen, strict=True), start=1):
        for name, values in numbers_around(atoms, sites).items():
            labels[name] += [f"{value:.{DIGITS[name]}f}" if np.isfinite(value) else UNKNOWN for value in values]
        progress("neighbours", done, len(structures))
    return labels


def numbers_around(atoms: Atoms, chosen: IntArray) -> dict[str, FloatArray]:
    """name -> (n,) numbers of the chosen atoms of one structure, NaN where nothing is near or the volume is not defined."""
    volume = atoms.get_volume() / len(atoms) if atoms.pbc.all() else np.nan
    parts = [_nearest(atoms, chosen[start : start + AT_ONCE]) for start in range(0, len(chosen), AT_ONCE)]
    mean, shortest = np.concatenate([np.zeros((2, 0)), *parts], axis=1)
    return {ELECTRONEGATIVITY: mean, VOLUME: np.full(len(chosen), volume), SHORTEST: shortest}


def _nearest(atoms: Atoms, chosen: IntArray) -> FloatArray:
    """(2, n) weighted mean electronegativity of the neighbours, and relative distance of the nearest one."""
    table, n = elements.table(), len(chosen)
    site, neighbour, distance = near_pairs(atoms, REACH, chosen)
    radius, pauling = table.covalent_radius[atoms.numbers], table.electronegativity[atoms.numbers[neighbour]]
    relative = distance / (radius[chosen[site]] + radius[neighbour])
    shortest = np.full(n, np.nan)
    np.fmin.at(shortest, site, relative)
    counted = np.isfinite(relative) & np.isfinite(pauling)
    site, relative, pauling = site[counted], relative[counted], pauling[counted]
    least = np.full(n, np.nan)
    np.fmin.at(least, site, relative)
    # By the nearest that counts, which changes no mean: where that is far beyond the nearest, all weights would be zero.
    weight = np.exp(-(relative - least[site]) / (shortest[site] * DECAY))
    total = np.bincount(site, weight, n)
    mean = np.bincount(site, weight * pauling, n) / np.where(total > 0, total, np.nan)
    return np.array([mean, shortest])
