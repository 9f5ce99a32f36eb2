from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule

from platonic_atlas.engine.structures import families
from platonic_atlas.engine.structures.symmetry import (
    crystal_symmetry,
    no_symmetry,
    reduce_to_primitive,
    space_group_symbol,
)

SALT = bulk("NaCl", "rocksalt", a=5.64, cubic=True)


@pytest.mark.parametrize("group", list(families.GROUPS))
def test_families_have_the_symmetry_and_sites_they_state(group: str) -> None:
    elements = {1: [26], 2: [56, 8], 3: [56, 22, 8], 4: [19, 26, 15, 8]}
    for member in families.GROUPS[group]:
        atoms = member.decorate(elements[len(member.roles)])
        symmetry = crystal_symmetry(atoms)
        assert symmetry.spacegroup == member.spacegroup, member.name
        assert len(np.unique(symmetry.orbit)) == len(member.sites), member.name


@pytest.mark.parametrize(("name", "elements", "n_sites"), [("spinel", [12, 13, 8], 3), ("perovskite", [38, 22, 8], 3)])
def test_orbits_of_known_crystals(name: str, elements: list[int], n_sites: int) -> None:
    atoms = families.family("ionic", name).decorate(elements)
    assert len(np.unique(crystal_symmetry(atoms).orbit)) == n_sites


def test_orbits_do_not_depend_on_the_cell() -> None:
    for atoms in (SALT, bulk("NaCl", "rocksalt", a=5.64), SALT * (3, 1, 1), SALT * (1, 2, 3)):
        symmetry = crystal_symmetry(atoms)
        assert len(np.unique(symmetry.orbit)) == 2
        assert symmetry.spacegroup == 225
        assert set(symmetry.wyckoff) == {"4a", "4b"}
        assert (atoms.numbers[symmetry.orbit] == atoms.numbers).all()


def test_a_displaced_atom_splits_orbits() -> None:
    atoms = SALT.copy()
    atoms.positions[0] += [0.05, 0.02, 0.03]
    assert len(np.unique(crystal_symmetry(atoms).orbit)) > 2
    nearly = SALT.copy()
    nearly.positions[0] += [2e-4, 0, 0]
    assert len(np.unique(crystal_symmetry(nearly).orbit)) == 2


@pytest.mark.parametrize("atoms", [molecule("CH4"), fcc111("Cu", (1, 1, 3), vacuum=5), Atoms("H")])
def test_what_is_not_periodic_has_an_orbit_for_each_atom(atoms: Atoms) -> None:
    symmetry = crystal_symmetry(atoms)
    assert symmetry.orbit.tolist() == list(range(len(atoms)))
    assert symmetry.spacegroup == 0


def test_no_symmetry_keeps_the_space_group() -> None:
    alone = no_symmetry(crystal_symmetry(SALT))
    assert alone.orbit.tolist() == list(range(8))
    assert alone.spacegroup == 225


@pytest.mark.parametrize("repeat", [(1, 1, 1), (2, 1, 3)])
def test_reduction_keeps_the_way_of_every_atom(repeat: tuple[int, int, int]) -> None:
    atoms = families.family("ionic", "spinel").decorate([12, 13, 8]) * repeat
    atoms.rotate(33, (1, 2, 3), rotate_cell=True)
    shuffled = atoms[np.random.default_rng(0).permutation(len(atoms))]
    cell, symmetry, way = reduce_to_primitive(shuffled, crystal_symmetry(shuffled))
    assert len(cell) == 14
    assert len(np.unique(symmetry.orbit)) == 3
    assert (cell.numbers[way] == shuffled.numbers).all()
    # Every input atom is a lattice translation of the primitive cell away from its own atom.
    steps = (shuffled.positions - cell.positions[way]) @ np.linalg.inv(cell.cell.array)
    assert np.abs(steps - np.rint(steps)).max() < 1e-4


def test_reduced_orbits_agree_with_those_of_the_cell_itself() -> None:
    cell, symmetry, _ = reduce_to_primitive(SALT, crystal_symmetry(SALT))
    assert symmetry.orbit.tolist() == crystal_symmetry(cell).orbit.tolist() == [0, 1]


def test_molecule_is_not_reduced() -> None:
    water = molecule("H2O")
    cell, _, way = reduce_to_primitive(water, crystal_symmetry(water))
    assert cell is water
    assert way.tolist() == [0, 1, 2]


def test_space_groups_have_their_short_symbols() -> None:
    known = {1: "P1", 14: "P2₁/c", 62: "Pnma", 136: "P4₂/mnm", 166: "R-3m", 194: "P6₃/mmc", 225: "Fm-3m", 0: ""}
    assert {number: space_group_symbol(number) for number in known} == known
    assert all(space_group_symbol(number) for number in range(1, 231))


def test_a_worker_of_a_model_needs_nothing_of_the_readers() -> None:
    """Workers and the page import the symmetry of crystals; gemmi and pymatgen are not in the environments of models."""
    import subprocess
    import sys

    asked = (
        "import sys, platonic_atlas.engine.structures.symmetry; print(sorted({'gemmi', 'pymatgen'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
