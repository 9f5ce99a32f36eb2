"""Radial symmetry functions (Behler and Parrinello 2007, doi:10.1103/PhysRevLett.98.146401) and a linear energy.

Feature k of an atom is the sum over its neighbours of Z_j exp(-(r - c_k)²) f(r), f the cosine that ends at the cutoff;
the last feature is its own atomic number. A checkpoint is a JSON file: `cutoff` and `centres` [Å], `coefficients` [eV].
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, Layer

OWN = Path(__file__).with_name("radial.json")


class Radial(BatchedAdapter):
    environment = None  # it runs where platonic runs; the package is installed there
    requires = ("platonic_radial",)
    pickled = False

    def __init__(self, cutoff, centres, coefficients):
        self.cutoff, self.centres, self.coefficients = cutoff, np.array(centres), np.array(coefficients)
        self.layers = {READOUT: Layer(len(centres) + 1, "O(3)")}
        self.elements = frozenset(range(1, 87))

    @classmethod
    def load(cls, spec, *, weights, device):
        file = weights or OWN
        try:
            return cls(**json.loads(file.read_text()))
        except (ValueError, TypeError) as error:
            raise ModelError(
                f"{file} is no checkpoint of the family radial ({error}).",
                "It is a JSON object of cutoff, centres and coefficients.",
                f"Compare it with {OWN}",
            ) from error

    def forward(self, structures, layers):
        features = np.concatenate([self._features(atoms) for atoms in structures]).astype(np.float32)
        return Forward({READOUT: features}, self.readout(features, None))

    def _features(self, atoms):
        from ase.neighborlist import neighbor_list

        i, j, r = neighbor_list("ijd", atoms, self.cutoff)
        values = np.exp(-((r[:, None] - self.centres) ** 2)) * (0.5 + 0.5 * np.cos(np.pi * r / self.cutoff))[:, None]
        features = np.zeros((len(atoms), len(self.centres) + 1))
        np.add.at(features[:, :-1], i, atoms.numbers[j, None] / 10 * values)
        features[:, -1] = atoms.numbers / 10
        return features

    def readout(self, features, atomic_numbers):
        return np.asarray(features, dtype=np.float64) @ self.coefficients
