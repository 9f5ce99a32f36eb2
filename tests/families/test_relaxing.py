"""Potentials that crystals are relaxed with: what they call at rest is a minimum by their own energies."""

from __future__ import annotations

import numpy as np
import pytest
from ase.spacegroup import crystal

from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.structures.relax import placed
from platonic_atlas.engine.structures.symmetry import crystal_symmetry
from tests.families.conftest import Model

RUTILE = {"spacegroup": 136, "cellpar": [4.7, 4.7, 2.9, 90, 90, 90]}


@pytest.mark.parametrize("name", ["mattersim-1m", "sevennet-0", "chgnet-0.3.0"])
def test_rutile_rests_at_a_minimum(name: str, model: Model) -> None:
    """Edges, and the free coordinate of oxygen, moved either way cost energy by the adapter's own forward pass."""
    start = crystal(["Ti", "O"], [(0, 0, 0), (0.30, 0.30, 0)], **RUTILE)
    (found,) = model(name).relax([start])
    assert found.reason == ""
    there = placed(start, found)
    moved = []
    for factor in (0.98, 1.02):
        for axis in (0, 2):
            stretch = np.ones(3)
            stretch[[0, 1] if axis == 0 else [2]] = factor
            other = there.copy()
            other.set_cell(there.cell.array * stretch[:, None], scale_atoms=True)
            moved.append(other)
    for shift in (-0.006, 0.006):
        u = there.get_scaled_positions()[there.numbers == 8][0, 0] + shift
        moved.append(crystal(["Ti", "O"], [(0, 0, 0), (u, u, 0)], spacegroup=136, cellpar=there.cell.cellpar()))
    energies = model(name).energies([there, *moved])
    assert crystal_symmetry(there).spacegroup == 136
    assert found.energy == pytest.approx(energies[0], abs=1e-3)  # calculator and adapter are one potential
    assert (energies[1:] > energies[0] + 1e-3).all()
    np.testing.assert_allclose(there.cell.lengths(), [4.594, 4.594, 2.959], rtol=0.025)  # measured


@pytest.mark.parametrize("name", ["orb-d3-xs-v2"])
def test_a_family_whose_forces_are_not_read_says_so(name: str, model: Model) -> None:
    start = crystal(["Ti", "O"], [(0, 0, 0), (0.30, 0.30, 0)], **RUTILE)
    with pytest.raises(ModelError, match="CHGNet, MatterSim"):
        model(name).relax([start])
