"""Crystals at rest, with a potential of ASE's own."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones

from platonic_atlas.engine.extract import relaxing
from platonic_atlas.engine.extract.protocol import told_to_nobody
from platonic_atlas.engine.extract.relaxing import FORCE, relax_crystals
from platonic_atlas.engine.structures.symmetry import crystal_symmetry


def at_rest(calculator: object, *structures: Atoms) -> list[Atoms]:
    found = relax_crystals(calculator, structures, told_to_nobody)
    assert [each["reason"] for each in found] == [""] * len(structures)
    return [
        Atoms(start.numbers, positions=each["positions"], cell=each["cell"], pbc=True)
        for start, each in zip(structures, found, strict=True)
    ]


def test_a_cell_comes_to_rest_in_shape_and_volume() -> None:
    start = bulk("Cu", "hcp", a=2.7, c=4.1)
    (found,) = at_rest(EMT(), start)
    found.calc = EMT()
    strain = found.cell.volume * np.abs(found.get_stress()).max() / len(found)
    assert strain < FORCE
    a, c = found.cell.lengths()[[0, 2]]
    assert a == pytest.approx(2.54, abs=0.03) and c / a == pytest.approx(1.63, abs=0.02)


def test_the_energy_is_that_of_the_cell_and_lies_lower() -> None:
    start = bulk("Cu", "hcp", a=2.7, c=4.1)
    (found,) = relax_crystals(EMT(), [start], told_to_nobody)
    atoms = Atoms(start.numbers, positions=found["positions"], cell=found["cell"], pbc=True)
    atoms.calc, start.calc = EMT(), EMT()
    assert found["energy"] == pytest.approx(atoms.get_potential_energy(), abs=1e-6)
    assert found["energy"] < start.get_potential_energy() - 0.1


def test_the_space_group_is_kept_where_without_it_atoms_would_leave_their_places() -> None:
    """A square net of copper stays square, however much it would rather be close packed."""
    start = Atoms("Cu2", scaled_positions=[(0, 0, 0), (0.5, 0.5, 0.5)], cell=[2.9, 2.9, 2.7], pbc=True)
    before = crystal_symmetry(start).spacegroup
    (found,) = at_rest(EMT(), start)
    assert before == 139
    assert crystal_symmetry(found).spacegroup in (before, 225, 229)  # bcc and fcc are tetragonal as well
    np.testing.assert_allclose(found.cell.angles(), 90, atol=1e-6)
    assert found.cell.lengths()[0] == pytest.approx(found.cell.lengths()[1], abs=1e-8)


def test_free_coordinates_move_along_what_symmetry_leaves_free() -> None:
    from ase.spacegroup import crystal

    start = crystal(["Ar", "Ne"], [(0, 0, 0), (0.27, 0.27, 0)], spacegroup=136, cellpar=[5, 5, 3.6, 90, 90, 90])
    (found,) = at_rest(LennardJones(sigma=2.6, epsilon=0.2, rc=8.0, smooth=True), Atoms(start))
    assert crystal_symmetry(found).spacegroup == 136
    scaled = found.get_scaled_positions()[found.numbers == 10]
    assert abs(scaled[0, 0] - 0.27) > 1e-3
    np.testing.assert_allclose(scaled[0, :2], scaled[0, 0], atol=1e-8)


def test_a_failure_costs_no_other_crystal() -> None:
    """EMT knows no sodium."""
    good = bulk("Cu", "hcp", a=2.6, c=4.2)
    told: list[int] = []
    first, second = relax_crystals(EMT(), [bulk("Na", "bcc", a=4.2), good], told.append)
    assert "fails while it is relaxed (NotImplementedError)" in first["reason"]
    assert first["energy"] is None and second["reason"] == ""
    assert told == [1, 2]


def test_what_does_not_come_to_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaxing, "STEPS", 2)
    start = bulk("Cu", "hcp", a=2.9, c=4.9)
    (found,) = relax_crystals(EMT(), [start], told_to_nobody)
    assert found["reason"] == "not at rest after 2 steps"
    assert found["energy"] is None
    np.testing.assert_array_equal(found["positions"], start.positions)
