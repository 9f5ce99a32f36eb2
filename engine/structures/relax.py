"""Relaxation: the volume first, by a scan of the energy over isotropic scalings; then all else that symmetry leaves free.

The scan finds the well from touching spheres, which may lie far from it; a relaxation along forces, which would leave
for another well from there, starts at its minimum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.symmetry import free_parameters
from platonic_atlas.engine.types import FloatArray, Relaxed

#: Energies [eV] of structures, NaN where the model refuses one: (n,) for n structures.
Energies = Callable[[list[Atoms]], FloatArray]


class Potential(Protocol):
    """A model that crystals are relaxed with (`engine.extract.session.ModelSession` is one)."""

    def energies(self, structures: list[Atoms], /) -> FloatArray:
        """(n,) energies [eV], NaN where the model refuses a structure."""

    def relax(self, structures: list[Atoms], /) -> list[Relaxed]:
        """Each crystal with cell and coordinates at rest at fixed symmetry."""


#: Neighbouring points of the scan differ by this in the logarithm of the length.
STEP = 0.04

#: The scan goes no further than these steps from the start, lengths times 0.67 to 1.62: far below touching
#: spheres lie only the false wells of a model, and very dense cells cost it gigabytes.
INWARD, OUTWARD = -10, 12


@dataclass(frozen=True)
class LowestVolume:
    """Where the energy is lowest over isotropic scalings.

    scale : factor on all lengths ; energy [eV] of the whole cell there ; reason : "" or why there is
        no minimum (scale and energy are NaN then)
    """

    scale: float
    energy: float
    reason: str = ""


@dataclass
class _Scan:
    """Energies [eV] of one structure by step, and how the search stands."""

    energy: dict[int, float] = field(default_factory=dict)

    def wanted(self) -> list[int]:
        """Steps to compute next: the first three, then one beyond the edge where the lowest point lies."""
        if not self.energy:
            return [-1, 0, 1]
        if not all(np.isfinite(list(self.energy.values()))):
            return []
        lowest = self.lowest()
        window = range(lowest - 1, lowest + 2)
        return [k for k in window if k not in self.energy and INWARD <= k <= OUTWARD]

    def lowest(self) -> int:
        return min(self.energy, key=lambda k: self.energy[k])

    def result(self) -> LowestVolume:
        values = np.array(list(self.energy.values()))
        if not np.isfinite(values).all():
            return _none("the model gives no energy")
        lowest = self.lowest()
        steps = np.arange(lowest - 1, lowest + 2)
        if not all(int(k) in self.energy for k in steps):
            return _none("the energy has no minimum within the scan")
        return fit_minimum(np.exp(STEP * steps), np.array([self.energy[int(k)] for k in steps]))


def relax(structures: Sequence[Atoms], potential: Potential) -> list[Relaxed]:
    """Each crystal at rest: the lowest volume, then cell and coordinates where symmetry leaves more free than the volume."""
    lowest = relax_volumes(structures, potential.energies)
    found = [_at_volume(atoms, volume) for atoms, volume in zip(structures, lowest, strict=True)]
    free = [k for k, each in enumerate(found) if not each.reason and free_parameters(structures[k]) > 1]
    moved = potential.relax([placed(structures[k], found[k]) for k in free]) if free else []
    for k, each in zip(free, moved, strict=True):
        found[k] = each
    return found


def placed(atoms: Atoms, relaxed: Relaxed) -> Atoms:
    """The crystal in its relaxed cell, at its relaxed positions."""
    copy = atoms.copy()
    copy.set_cell(relaxed.cell)
    copy.positions = relaxed.positions
    return copy


def _at_volume(atoms: Atoms, lowest: LowestVolume) -> Relaxed:
    if lowest.reason:
        return Relaxed(atoms.cell.array, atoms.positions, float("nan"), lowest.reason)
    there = scaled(atoms, lowest.scale)
    return Relaxed(there.cell.array, there.positions, lowest.energy)


def relax_volumes(
    structures: Sequence[Atoms], energies: Energies, rounds: int = OUTWARD - INWARD
) -> list[LowestVolume]:
    """The scale of lowest energy of each structure; all structures advance together.

    Each round asks for the energies that all scans lack in one call. A scan ends when its lowest
    point has a neighbour on either side, or at the end of its reach.
    """
    scans = [_Scan() for _ in structures]
    for _ in range(rounds):
        wanted = [(k, step) for k, scan in enumerate(scans) for step in scan.wanted()]
        if not wanted:
            break
        values = energies([scaled(structures[k], float(np.exp(STEP * step))) for k, step in wanted])
        for (k, step), value in zip(wanted, values, strict=True):
            scans[k].energy[step] = float(value)
    return [scan.result() for scan in scans]


def fit_minimum(scale: FloatArray, energy: FloatArray) -> LowestVolume:
    """Minimum of the parabola E = c0 + c1 x + c2 x² through points around it, x = V^(-2/3) ~ 1/scale².

    This is the equation of state of second order (Birch, Phys. Rev. 1947, 71, 809), exact where the
    bulk modulus grows with pressure at the rate 4, as it nearly does in most solids.
    """
    x = scale.astype(float) ** -2
    centre, width = x.mean(), np.ptp(x) / 2
    c0, c1, c2 = np.polynomial.polynomial.polyfit((x - centre) / width, energy, 2)
    best = -c1 / (2 * c2) if c2 > 0 else np.inf
    if abs(best) > 1:
        return _none("the fit of energy over volume has no minimum")
    return LowestVolume(float((best * width + centre) ** -0.5), float(c0 + best * c1 / 2))


def scaled(atoms: Atoms, scale: float) -> Atoms:
    """A copy with all lengths multiplied."""
    copy = atoms.copy()
    copy.set_cell(copy.cell * scale, scale_atoms=True)
    return copy


def _none(reason: str) -> LowestVolume:
    return LowestVolume(float("nan"), float("nan"), reason)
