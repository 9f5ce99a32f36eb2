"""What is drawn of a crystal, against counting by hand and ASE's own repetition."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule

from platonic_atlas.engine.structures.surroundings import unit_cell, within


def test_atoms_on_faces_are_drawn_on_both_sides() -> None:
    shown = unit_cell(bulk("NaCl", "rocksalt", a=5.64, cubic=True), 0)
    assert len(shown.numbers) == 27  # 8 corners, 6 faces, 12 edges and the middle
    assert (shown.numbers == 11).sum() == 14
    assert shown.atom[0] == 0
    assert shown.distance[0] == 0
    assert (np.diff(shown.distance[1:]) >= -1e-9).all() or shown.distance[1:].min() > 0


def test_the_marked_atom_is_first_whichever_it_is() -> None:
    atoms = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    for marked in range(len(atoms)):
        shown = unit_cell(atoms, marked)
        assert (shown.atom[0], shown.distance[0], shown.numbers[0]) == (marked, 0, atoms.numbers[marked])


def test_a_supercell_holds_the_atoms_of_ases_repetition() -> None:
    atoms = bulk("Si")
    atoms.positions += 0.3  # off the faces
    shown = unit_cell(atoms, 1, repeat=2)
    wanted = atoms.repeat(2)
    assert sorted(map(tuple, np.round(shown.positions, 6))) == sorted(map(tuple, np.round(wanted.positions, 6)))
    assert np.allclose(shown.cell, wanted.cell)


def test_within_a_distance_lie_the_shells_of_rocksalt() -> None:
    shown = within(bulk("NaCl", "rocksalt", a=5.64), 0, 5.0)
    shells, counts = np.unique(np.round(shown.distance, 3), return_counts=True)
    assert shells.tolist() == pytest.approx([0, 2.82, 3.988, 4.885], abs=1e-3)
    assert counts.tolist() == [1, 6, 12, 8]
    assert np.allclose(np.linalg.norm(shown.positions - shown.positions[0], axis=1), shown.distance)


def test_a_molecule_has_no_images() -> None:
    water = molecule("H2O")
    assert len(unit_cell(water, 0, repeat=2).numbers) == 3
    assert len(within(water, 0, 5.0).numbers) == 3


def test_a_slab_is_repeated_in_its_plane_only() -> None:
    slab = Atoms("Al", [[1, 1, 5]], cell=[4, 4, 20], pbc=[True, True, False])
    assert len(unit_cell(slab, 0, repeat=2).numbers) == 4
    assert np.allclose(unit_cell(slab, 0, repeat=2).cell.diagonal(), [8, 8, 20])
