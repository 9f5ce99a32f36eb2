"""One readout for all models: site energies learned from the relative representation of A, applied to that of B.

Study A of SCIENCE section 2: g(z) = site energy less its per-element fit, fitted on model A, applied to z of model B
without change (zero-shot stitching of Moschella et al., ICLR 2023). A model whose energy is that of a whole crystal
(Orb) gives energies per atom instead, learned from the mean z of each crystal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from platonic_atlas.engine.stitching.energies import element_shifts
from platonic_atlas.engine.stitching.scores import Ratio, mean_of
from platonic_atlas.engine.stitching.splits import Split
from platonic_atlas.engine.stitching.translators import fit_direct
from platonic_atlas.engine.types import FloatArray, IntArray

ReadoutMethod = Literal["relative-ridge", "relative-mlp"]
HIDDEN = (64,)


@dataclass(frozen=True)
class ElementReferences:
    """Least-squares energies of the elements: site energy ≈ reference of its element.

    numbers : (n_elements,) ; energies : (n_elements,) [eV]
    """

    numbers: IntArray
    energies: FloatArray

    @classmethod
    def of(cls, site_energies: FloatArray, atomic_numbers: IntArray) -> ElementReferences:
        """The mean of each element's sites, which is the least-squares fit of site energies."""
        numbers, element, counts = np.unique(atomic_numbers, return_inverse=True, return_counts=True)
        return cls(numbers, np.bincount(element, site_energies) / counts)

    def rows(self, atomic_numbers: IntArray) -> FloatArray:
        """(n,) [eV], NaN for an element that was not there."""
        place = np.minimum(np.searchsorted(self.numbers, atomic_numbers), len(self.numbers) - 1)
        return np.where(self.numbers[place] == atomic_numbers, self.energies[place], np.nan)


def fit_readout(method: ReadoutMethod, relative: FloatArray, residual: FloatArray, *, seed: int = 0) -> Any:
    """g : (n, K) -> (n,) [eV], fitted to site energies less their references."""
    if method == "relative-ridge":
        ridge = fit_direct("ridge", relative, residual[:, None])
        return lambda z: ridge(z)[:, 0]
    from sklearn.neural_network import MLPRegressor
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(relative)
    network = MLPRegressor(hidden_layer_sizes=HIDDEN, early_stopping=True, max_iter=300, random_state=seed)
    spread = float(residual.std()) or 1.0
    network.fit(scale.transform(relative), residual / spread)
    return lambda z: spread * network.predict(scale.transform(z))


def readout_errors(
    method: ReadoutMethod,
    relative: tuple[FloatArray, FloatArray],
    site_energies: FloatArray,
    numbers: IntArray,
    structure: IntArray,
    split: Split,
) -> dict[str, Ratio]:
    """Mean absolute errors [eV a site] against A's own site energies over the test sites.

    relative : z of A and of B, (n, K) each ; site_energies : (n,) of A ; numbers, structure : (n,)
    energy_mae : g on z of B ; self : g on z of A ; elements : the references alone
    """
    train, test = split.train, split.test
    references = ElementReferences.of(site_energies[train], numbers[train])
    base = references.rows(numbers)
    readout = fit_readout(method, relative[0][train], site_energies[train] - base[train], seed=split.seed)
    known = test & np.isfinite(base)
    left = site_energies[known] - base[known]
    errors = {
        "energy_mae": readout(relative[1][known]) - left,
        "self": readout(relative[0][known]) - left,
        "elements": left,
    }
    return {name: mean_of(np.abs(error), structure[known]) for name, error in errors.items()}


def crystal_readout_errors(
    method: ReadoutMethod,
    means: tuple[FloatArray, FloatArray],
    per_atom: FloatArray,
    fractions: FloatArray,
    split: Split,
) -> dict[str, Ratio]:
    """Mean absolute errors [eV/atom] against A's own energies per atom, over the test crystals.

    means : of z of A and of B over each crystal, (n_structures, K) each, NaN where a site is missing
    per_atom : (n_structures,) of A ; fractions : (n_structures, 119) composition, whose linear fit is taken away
    energy_mae : g on B ; self : g on A ; elements : the fit by composition alone
    """
    known = np.isfinite(per_atom) & np.isfinite(means[0]).all(axis=1) & np.isfinite(means[1]).all(axis=1)
    train, test = split.structures & known, ~split.structures & known
    test &= ~fractions[:, fractions[train].sum(axis=0) == 0].any(axis=1)  # nothing is known of an element never seen
    left = per_atom - fractions @ element_shifts(per_atom, fractions, train)
    readout = fit_readout(method, means[0][train], left[train], seed=split.seed)
    errors = {
        "energy_mae": readout(means[1][test]) - left[test],
        "self": readout(means[0][test]) - left[test],
        "elements": left[test],
    }
    return {name: mean_of(np.abs(error), np.flatnonzero(test)) for name, error in errors.items()}
