"""Energies of stitched models: translated features through the target's own readout, summed over each crystal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Crystals:
    """What sums site energies: numbers, structure, multiplicity : (n_sites,) ; n_structures"""

    numbers: IntArray
    structure: IntArray
    multiplicity: IntArray
    n_structures: int

    def per_atom(self, site_energies: FloatArray) -> FloatArray:
        """(n_structures,) energies per atom [eV], NaN for a crystal with a site that has none."""
        totals = np.bincount(self.structure, site_energies * self.multiplicity, self.n_structures)
        per_atom: FloatArray = totals / self._atoms()
        return per_atom

    def fractions(self) -> FloatArray:
        """(n_structures, 119) share of each element's atoms."""
        shares = np.zeros((self.n_structures, 119))
        np.add.at(shares, (self.structure, self.numbers), self.multiplicity)
        return shares / self._atoms()[:, None]

    def _atoms(self) -> FloatArray:
        atoms = np.bincount(self.structure, self.multiplicity, self.n_structures).astype(float)
        return np.where(atoms > 0, atoms, np.nan)


def element_fit(difference: FloatArray, fractions: FloatArray, train: BoolArray) -> FloatArray:
    """(n,) the part of energy differences [eV/atom] that is linear in composition, fitted on the training crystals.

    Two models whose references of the elements differ (MPtrj, OMat24, r2SCAN) are compared after it.
    """
    known = train & np.isfinite(difference)
    references, *_ = np.linalg.lstsq(fractions[known], difference[known], rcond=None)
    fitted: FloatArray = fractions @ references
    return fitted


def energy_errors(
    crystals: Crystals, stitched: FloatArray, own: FloatArray, source: FloatArray | None, train: BoolArray
) -> dict[str, float]:
    """Mean absolute errors [eV/atom] over the test crystals.

    stitched, own, source : (n_structures,) energies per atom by the stitched model, by B and by A ; train :
    (n_structures,). `target`: against B's own. `target_fitted`, `source_fitted`: against B's and A's own after a
    per-element fit of the difference. `elements`: B's own less its fit to composition, what the elements leave.
    """
    fractions = crystals.fractions()
    test = ~train & np.isfinite(stitched) & np.isfinite(own)

    def mae(difference: FloatArray) -> float:
        return float(np.abs(difference[test & np.isfinite(difference)]).mean())

    away = stitched - own
    errors = {
        "target": mae(away),
        "target_fitted": mae(away - element_fit(away, fractions, train)),
        "elements": mae(own - element_fit(own, fractions, train)),
    }
    if source is not None:
        from_source = stitched - source
        errors["source_fitted"] = mae(from_source - element_fit(from_source, fractions, train))
    return errors
