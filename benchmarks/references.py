"""What stands between a model's energies and DFT beside its errors: corrections, and the reference of each element."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from platonic_atlas.engine.types import FloatArray

CORRECTED = {"O", "S", "F", "Cl", "Br", "I", "N", "Se", "Si", "Sb", "Te", "H"}  # elements, by Materials Project


def element_fit(structures: list[Atoms], difference: FloatArray) -> FloatArray:
    """(n,) the part of the differences [eV/atom] that is linear in the fractions of the elements (least squares)."""
    fractions = np.array([np.bincount(atoms.numbers, minlength=119) / len(atoms) for atoms in structures])
    references, *_ = np.linalg.lstsq(fractions, difference, rcond=None)
    fitted: FloatArray = fractions @ references
    return fitted
