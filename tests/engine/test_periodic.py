"""Atoms of an unwrapped trajectory come to a model in their cell; all others as they are, bit for bit."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.neighborlist import neighbor_list

from platonic_atlas.engine.periodic import near_the_cell


@pytest.mark.parametrize("cells", [2, 30, 300, -300])
def test_atoms_cells_away_are_the_same_crystal(cells: int) -> None:
    crystal = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    moved = crystal.copy()
    moved.positions[::3] += cells * crystal.cell[0] - cells * crystal.cell[2]
    near = near_the_cell(moved)
    inside = near.cell.scaled_positions(near.positions)
    assert inside.min() > -1e-6 and inside.max() < 1 + 1e-6
    pairs = [neighbor_list("ijd", atoms, 4.0) for atoms in (crystal, near)]
    assert np.array_equal(pairs[0][0], pairs[1][0])
    assert np.allclose(np.sort(pairs[0][2]), np.sort(pairs[1][2]), atol=1e-8)


@pytest.mark.parametrize("atoms", [bulk("Si"), fcc111("Cu", (2, 2, 3)), molecule("H2O"), Atoms(), Atoms("H", pbc=True)])
def test_what_is_near_stays_what_it_is(atoms: Atoms) -> None:
    atoms = atoms.copy()
    atoms.positions -= 0.3 * atoms.cell[0]
    assert near_the_cell(atoms) is atoms


def test_only_periodic_directions_count() -> None:
    slab = fcc111("Cu", (1, 1, 3))
    slab.positions[:, 2] += 500
    assert near_the_cell(slab) is slab
    slab.positions[0] += 40 * slab.cell[0]
    assert near_the_cell(slab).positions[0] == pytest.approx(slab.positions[0] - 40 * slab.cell[0])


@pytest.mark.parametrize("cell", [[4.05, 4.05, 0], [[4, 0, 0], [4, 0, 0], [0, 0, 4]], [0, 0, 0], [4, 0, 0]])
@pytest.mark.parametrize("pbc", [True, (True, False, True), (False, False, True)])
def test_cells_that_are_none_in_a_direction_stop_nothing(cell: list[float], pbc: bool) -> None:
    """A flat cell that says it repeats everywhere ended the worker at its first structure."""
    atoms = Atoms("CuCu", [[0, 0, 0], [90, 0, 90]], cell=cell, pbc=pbc)
    near = near_the_cell(atoms)
    assert len(near) == 2 and np.isfinite(near.positions).all()


def test_a_flat_cell_is_wrapped_where_it_repeats() -> None:
    flat = Atoms("Cu", [[4.05 * 40 + 1, 1, 77]], cell=[4.05, 4.05, 0], pbc=True)
    assert near_the_cell(flat).positions[0] == pytest.approx([1, 1, 77])


def test_models_are_handed_atoms_in_their_cell() -> None:
    from platonic_atlas.engine.extract.worker import embed_slices
    from platonic_atlas.engine.types import Embedded

    class Looks:
        seen: ClassVar[list[Atoms]] = []
        extras: ClassVar[tuple[str, ...]] = ()

        def embed(self, structures: list[Atoms], layers: object) -> Embedded:
            self.seen += structures
            return Embedded({"readout": np.zeros((sum(map(len, structures)), 1), dtype=np.float32)}, None)

    crystal, moved = bulk("Si"), bulk("Si")
    moved.positions[1] += 300 * moved.cell[0]
    embed_slices(Looks(), [crystal, moved], ("readout",), lambda done: None)  # type: ignore[arg-type]
    assert Looks.seen[0] is crystal
    assert Looks.seen[1].positions == pytest.approx(crystal.positions)
