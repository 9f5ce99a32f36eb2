"""Energies of stitched models: translated features through the target's own readout, summed over each crystal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platonic_atlas.engine.stitching.scores import Ratio, mean_of
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

FAR = 10.0  # median distances, as in `platonic_atlas.engine.stitching.outliers`
REFITS = 4
ROUNDING = 1e-9  # eV per atom


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


@dataclass(frozen=True)
class Compared:
    """Stitched energies beside others: raw, and after a fit of the difference that is linear in composition.

    raw, fitted : mean absolute errors [eV/atom] over the test crystals ; shifts : atomic number -> what the fit takes
    from the stitched energy for each atom of the element [eV] ; shifted : (n_structures,) stitched energies after it
    """

    raw: Ratio
    fitted: Ratio
    shifts: dict[int, float]
    shifted: FloatArray


def element_shifts(difference: FloatArray, fractions: FloatArray, train: BoolArray) -> FloatArray:
    """(119,) least-squares energies [eV] of the elements in a difference of energies [eV/atom] of training crystals.

    Two models whose references of the elements differ (MPtrj, OMat24, r2SCAN) are compared after it. Crystals more than
    ten median distances from a fit are left out of the next, or one that a readout throws far off would decide it.
    """
    known = np.flatnonzero(train & np.isfinite(difference))
    for _ in range(REFITS):
        shifts, *_ = np.linalg.lstsq(fractions[known], difference[known], rcond=None)
        left = np.abs(difference[known] - fractions[known] @ shifts)
        near = left <= FAR * np.median(left) + ROUNDING
        if near.all():
            break
        known = known[near]
    fitted: FloatArray = shifts
    return fitted


def compare(crystals: Crystals, stitched: FloatArray, other: FloatArray, train: BoolArray) -> Compared | None:
    """Energies per atom (n_structures,) against others, None where no test or training crystal has both.

    train : (n_structures,) crystals that the translation was fitted on; a crystal of an element that none of them
    holds is left out, for the fit knows nothing of it
    """
    fractions, away = crystals.fractions(), stitched - other
    known, fitted_on = ~train & np.isfinite(away), train & np.isfinite(away)
    learned = fractions[fitted_on].sum(axis=0) > 0
    test = known & ~fractions[:, ~learned].any(axis=1)
    if not test.any() or not fitted_on.any():
        return None
    shifts = element_shifts(away, fractions, train)
    shifted = stitched - fractions @ shifts
    raw, fitted = (mean_of(np.abs(values[test]), np.flatnonzero(test)) for values in (away, shifted - other))
    return Compared(raw, fitted, {int(z): float(shifts[z]) for z in np.flatnonzero(learned)}, shifted)
