"""Energies: our forward pass against the package's own calculator, and against DFT where the references match."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.references import element_fit
from platonic_atlas.engine.types import FloatArray
from tests.families.calculator_process import CalculatorProcess
from tests.families.cases import Case
from tests.families.conftest import Frames

Energies = Callable[[str, str], FloatArray]
N_FRAMES = {"reference": 300, "hundred": 100, "uncorrected": 51}


def test_energies_equal_the_packages_own_calculator(
    trained: Case, frames: Frames, energies_per_atom: Energies, calculators: Callable[[str], CalculatorProcess]
) -> None:
    structures = frames.chosen("small")
    ours = energies_per_atom(trained.name, "small")
    theirs = calculators(trained.spec.family).energies_per_atom(trained.spec, structures)
    worst = np.abs(ours - theirs).max()
    print(f"\n{trained.name}: largest difference to its calculator on {len(structures)} frames {worst:.1e} eV/atom")
    assert worst < 1e-4


def test_energies_are_as_near_dft_as_the_model_is_known_to_be(
    near_dft: Case, frames: Frames, energies_per_atom: Energies
) -> None:
    which = (near_dft.dft or near_dft.fitted)["frames"]
    structures = frames.chosen(which)
    assert len(structures) == N_FRAMES[which]
    dft = np.array([atoms.get_potential_energy() / len(atoms) for atoms in structures])
    difference = energies_per_atom(near_dft.name, which) - dft
    fitted = difference - element_fit(structures, difference)
    for known, error, how in ((near_dft.dft, difference, "as it comes"), (near_dft.fitted, fitted, "after a fit")):
        mean, median = 1000 * np.abs(error).mean(), 1000 * np.median(np.abs(error))
        print(f"\n{near_dft.name} {how}: MAE {mean:.1f} meV/atom, median {median:.1f}, over {len(structures)} frames")
        if known:
            assert mean == pytest.approx(known["mean"], rel=0.10)
            if "median" in known:
                assert median == pytest.approx(known["median"], rel=0.10)
