"""SOAP: how atoms lie around an atom, by a formula and not by training (Bartók et al. 2013, doi:10.1103/PhysRevB.87.184115).

Layer `readout`: the power spectrum of the density of all neighbours, whatever their element ("mu2", Darby et al. 2022,
doi:10.1038/s41524-022-00847-y), 252 numbers of unit length, and after them four for the element of the atom itself.
The elements of the neighbours are not told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.adapters.controls import N_ELEMENTS, no_energies
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

CUTOFF, N_RADIAL, L_MAX, WIDTH = 5.0, 8, 6, 0.5  # [Å], functions, degree, width of a neighbour [Å]
NOBLE_GASES = (0, 2, 10, 18, 36, 54, 86, 118)
COLUMNS = 32
# So weighted, element and surroundings vary alike over MPtrj: the variances of their rows are 0.066 and 0.062.
ELEMENT_WEIGHT = 0.4


class SOAPReader(BatchedAdapter):
    """The control that knows geometry and element, and learned nothing."""

    environment: ClassVar[str | None] = "soap"
    requires: ClassVar[tuple[str, ...]] = ("dscribe",)

    def __init__(self, descriptor: Any) -> None:
        self.descriptor = descriptor
        self.places = ELEMENT_WEIGHT * element_places()
        self.layers = {READOUT: Layer(descriptor.get_number_of_features() + self.places.shape[1], "O(3)")}
        self.elements = frozenset(range(1, N_ELEMENTS + 1))
        self.parameters = {"r_cut": CUTOFF, "n_max": N_RADIAL, "l_max": L_MAX, "sigma": WIDTH, "compression": "mu2"}
        self.parameters["element_weight"] = ELEMENT_WEIGHT

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        from dscribe.descriptors import SOAP

        # One species for all: "mu2" sums their densities, and the package would keep an array for each of 118.
        return cls(SOAP(r_cut=CUTOFF, n_max=N_RADIAL, l_max=L_MAX, sigma=WIDTH, species=["H"], periodic=True))

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        spectra = np.concatenate([self._spectra(atoms) for atoms in structures])
        numbers = np.concatenate([atoms.numbers for atoms in structures])
        features = np.concatenate([spectra, self.places[numbers - 1]], axis=1)
        return Forward({READOUT: features.astype(np.float32)})

    def _spectra(self, atoms: Atoms) -> FloatArray:
        """(n_atoms, 252) power spectra of unit length; the atom itself is part of its density, so none is zero."""
        from ase import Atoms

        alike = Atoms(["H"] * len(atoms), atoms.positions, cell=atoms.cell.complete(), pbc=atoms.pbc)
        spectra: FloatArray = self.descriptor.create(alike)
        return spectra / np.linalg.norm(spectra, axis=1, keepdims=True)

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        raise no_energies("soap")


def element_places() -> FloatArray:
    """(118, 4) rows of unit length, no two alike: period and column in the long periodic table (32 columns), as angles.

    The column goes round once, so that a noble gas is beside the alkali metal that follows it; the period half round.
    """
    numbers = np.arange(1, N_ELEMENTS + 1)
    period = np.searchsorted(NOBLE_GASES, numbers)
    before, last = np.take(NOBLE_GASES, period - 1), np.take(NOBLE_GASES, period)
    # The first two elements of a period stand left, the others end at the right.
    column = np.where(numbers - before <= 2, numbers - before - 1, COLUMNS - 1 - (last - numbers))
    column[1] = COLUMNS - 1  # helium is a noble gas
    across, down = 2 * np.pi * column / COLUMNS, np.pi * (period - 1) / (len(NOBLE_GASES) - 2)
    return np.stack([np.cos(across), np.sin(across), np.cos(down), np.sin(down)], axis=1) / np.sqrt(2)
