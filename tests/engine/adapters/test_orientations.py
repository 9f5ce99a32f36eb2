"""The orientations in which a model that is not invariant sees a crystal."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from numpy.polynomial.legendre import Legendre

from platonic_atlas.engine.adapters.orientations import N_ROTATIONS, quaternions, rotations, standard_orientation
from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.extract.contract import rotation, turned
from platonic_atlas.engine.extract.runner import with_rotations
from platonic_atlas.engine.models.catalogue import find_model
from platonic_atlas.engine.structures.symmetry import symmetry_dataset


def rattled(crystal: Atoms) -> Atoms:
    crystal.rattle(0.05, seed=1)
    return crystal


CRYSTALS = {
    "cubic": bulk("NaCl", "rocksalt", a=5.64, cubic=True),
    "primitive": bulk("NaCl", "rocksalt", a=5.64),
    "hexagonal": bulk("ZnO", "wurtzite", a=3.25, c=5.2),
    "no symmetry": rattled(bulk("GaAs", "zincblende", a=5.65, cubic=True)),
    "left-handed": Atoms(
        "MgO", scaled_positions=[[0, 0, 0], [0.5] * 3], cell=[[0, 4.2, 0], [4.2, 0, 0], [0, 0, 4.2]], pbc=True
    ),
}


def test_the_list_is_of_distinct_proper_rotations_and_begins_the_same_however_many_are_asked() -> None:
    every = rotations(N_ROTATIONS)
    np.testing.assert_allclose(every @ every.transpose(0, 2, 1), np.tile(np.eye(3), (N_ROTATIONS, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(every), 1)
    apart = np.abs(every[:, None] - every[None]).max(axis=(2, 3)) + np.eye(N_ROTATIONS)
    assert apart.min() > 0.1
    np.testing.assert_array_equal(rotations(8), every[:8])
    np.testing.assert_allclose(np.linalg.norm(quaternions(8), axis=1), 1)


@pytest.mark.parametrize(("n", "degree"), [(4, 1), (12, 2), (60, 5)])
def test_an_average_over_a_group_keeps_nothing_of_low_degrees(n: int, degree: int) -> None:
    """The mean over the rotations R of P_l(v · R u) is that of the whole rotation group, 0, up to the degree."""
    first, second = np.random.default_rng(0).normal(size=(2, 50, 3))
    first, second = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (first, second))
    cosines = np.einsum("kj,rji,ki->rk", second, rotations(n), first)
    kept = [np.abs(Legendre.basis(power)(cosines).mean(axis=0)).max() for power in range(1, degree + 2)]
    np.testing.assert_allclose(kept[:degree], 0, atol=1e-12)
    assert kept[degree] > 0.01  # of the next degree the group has an invariant


def test_a_cubic_crystal_looks_different_after_each_turn() -> None:
    """In its standard orientation the rotations of the tetrahedron would turn it into itself."""
    bonds = np.vstack([np.eye(3), -np.eye(3)])
    seen = {tuple(sorted(map(tuple, np.round(bonds @ turn.T, 6).tolist()))) for turn in rotations(12)}
    assert len(seen) == 12


@pytest.mark.parametrize("name", CRYSTALS)
def test_the_standard_orientation_does_not_depend_on_how_the_file_holds_the_crystal(name: str) -> None:
    crystal = CRYSTALS[name]
    turn = rotation()
    standard, again = standard_orientation(crystal), standard_orientation(turned(crystal, turn))
    assert np.linalg.det(standard) == pytest.approx(1)
    between = again @ turn @ standard.T  # what is left is a symmetry of the crystal
    found, lattice = symmetry_dataset(crystal), crystal.cell[:].T
    symmetries = [standard @ lattice @ matrix @ np.linalg.inv(lattice) @ standard.T for matrix in found.rotations]
    assert min(np.abs(between - symmetry).max() for symmetry in symmetries) < 1e-6


def test_what_has_no_symmetry_keeps_its_orientation() -> None:
    slab = bulk("Al", cubic=True)
    slab.pbc = (True, True, False)
    for atoms in (molecule("H2O"), slab):
        np.testing.assert_array_equal(standard_orientation(atoms), np.eye(3))


@pytest.mark.parametrize("n", [0, -1, 61])
def test_another_number_of_rotations_is_refused(n: int) -> None:
    with pytest.raises(UsageError, match="The list holds 60"):
        rotations(n)


def test_rotations_are_for_models_that_are_not_invariant() -> None:
    assert with_rotations(find_model("orb-d3-xs-v2"), 12).options["rotations"] == 12
    with pytest.raises(UsageError, match=r"Turning a crystal changes nothing in sevennet-0"):
        with_rotations(find_model("sevennet-0"), 12)
