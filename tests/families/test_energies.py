"""Energies: our forward pass against the package's own calculator, and against DFT where the references match."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.types import Embedded
from tests.families.conftest import Frames, calculator_energies, per_structure

TRAINED = [
    "sevennet-0",
    "sevennet-0-22may2024",
    "sevennet-l3i5",
    "sevennet-mf-0-pbe",
    "sevennet-mf-0-r2scan",
    "chgnet-0.3.0",
    "chgnet-r2scan",
    "diep-matpes-r2scan",
]
# Mean and median absolute error [meV/atom] against the DFT energies of the first 300 frames.
NEAR_DFT = {
    "sevennet-0": (9.7, 4.9),
    "sevennet-l3i5": (7.1, 2.9),
    "sevennet-mf-0-pbe": (15.9, 9.3),
    "chgnet-0.3.0": (23.1, 16.2),
}
Features = Callable[[str, str], Embedded]


@pytest.mark.parametrize("name", TRAINED)
def test_energies_equal_the_packages_own_calculator(
    name: str, frames: Frames, embedded: Features, tmp_path: Path
) -> None:
    structures = frames.chosen("small")
    found = embedded(name, "small")
    assert found.refused == {}
    ours = per_structure(structures, found.site_energies)
    theirs = calculator_energies(name, structures, tmp_path)
    worst = np.abs(ours - theirs).max()
    print(f"\n{name}: largest difference to its calculator on {len(structures)} frames {worst:.1e} eV/atom")
    assert worst < 1e-4


@pytest.mark.parametrize("name", NEAR_DFT)
def test_energies_are_as_near_dft_as_the_model_is_known_to_be(name: str, frames: Frames, embedded: Features) -> None:
    which, n_frames = ("uncorrected", 51) if name.startswith("chgnet") else ("reference", 300)
    structures = frames.chosen(which)
    assert len(structures) == n_frames
    dft = np.array([atoms.get_potential_energy() / len(atoms) for atoms in structures])
    found = embedded(name, which)
    assert found.refused == {}
    error = 1000 * np.abs(per_structure(structures, found.site_energies) - dft)
    mean, median = float(error.mean()), float(np.median(error))
    print(f"\n{name}: MAE {mean:.1f} meV/atom, median {median:.1f}, over {n_frames} frames")
    assert mean == pytest.approx(NEAR_DFT[name][0], rel=0.10)
    assert median == pytest.approx(NEAR_DFT[name][1], rel=0.10)
