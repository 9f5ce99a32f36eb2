"""Numbers of what surrounds a site, against a loop over explicit images of the cell."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.data import covalent_radii
from ase.io import write
from pymatgen.core import Element
from scipy.stats import special_ortho_group

from platonic_atlas.engine.structures import collect, neighbourhood
from platonic_atlas.engine.structures.checks import near_pairs
from platonic_atlas.engine.structures.neighbourhood import neighbourhood_labels, numbers_around

SALT = bulk("NaCl", "rocksalt", a=5.64)
SLAB = fcc111("Cu", (2, 2, 3), vacuum=8)
ARGON = bulk("Ar", "fcc", a=5.31)
WATER = molecule("H2O")


def rattled(atoms: Atoms, size: float = 0.2) -> Atoms:
    moved = atoms.copy()
    moved.rattle(size, seed=3)
    return moved


def skew() -> Atoms:
    atoms = bulk("GaAs", "zincblende", a=5.65)
    atoms.cell[2] += 2 * atoms.cell[0] - 3 * atoms.cell[1]
    return rattled(atoms)


def by_hand(atoms: Atoms, atom: int) -> tuple[float, float]:
    """Electronegativity of the neighbours and shortest relative bond, from each image by itself."""
    reciprocal = np.linalg.norm(atoms.cell.reciprocal().array, axis=1)  # 1 / distance of two faces
    many = np.where(atoms.pbc, np.ceil(6 * reciprocal) + 1, 0).astype(int)
    reach = [range(-n, n + 1) for n in many.tolist()]
    found = []
    for shift in product(*reach):
        for other in range(len(atoms)):
            away = atoms.positions[other] + np.array(shift) @ atoms.cell.array - atoms.positions[atom]
            distance = float(np.sqrt(away @ away))
            if 0 < distance <= 6:
                z = atoms.numbers[other]
                found.append(
                    (distance / (covalent_radii[atoms.numbers[atom]] + covalent_radii[z]), Element.from_Z(z).X)
                )
    shortest = min(each for each, _ in found)
    weights = [(np.exp(-(each / shortest - 1) / 0.15), x) for each, x in found if x == x]
    return sum(w * x for w, x in weights) / sum(w for w, _ in weights), shortest


@pytest.mark.parametrize(
    "atoms", [SALT, rattled(bulk("CsCl", "cesiumchloride", a=4.1) * (2, 1, 1)), skew(), SLAB, WATER, bulk("Si", "diamond", a=5.43)]
)  # fmt: skip
def test_numbers_are_those_of_a_loop_over_images(atoms: Atoms) -> None:
    chosen = np.arange(len(atoms))[::-1]
    found = numbers_around(atoms, chosen)
    wanted = np.array([by_hand(atoms, int(atom)) for atom in chosen])
    np.testing.assert_allclose(found["neighbour_electronegativity"], wanted[:, 0], rtol=1e-10)
    np.testing.assert_allclose(found["shortest_bond"], wanted[:, 1], rtol=1e-10)


def test_room_and_bond_of_sodium_in_salt() -> None:
    sodium = numbers_around(SALT, np.array([0]))
    assert sodium["shortest_bond"] == pytest.approx(2.82 / (1.66 + 1.02))
    assert sodium["volume_per_atom"] == pytest.approx(5.64**3 / 8)


def test_turned_shifted_and_repeated_crystals_have_the_same_numbers() -> None:
    atoms, turn = skew(), special_ortho_group.rvs(3, random_state=0)
    turned = Atoms(atoms.numbers, atoms.positions @ turn.T + 7, cell=atoms.cell.array @ turn.T, pbc=True)
    both = np.arange(len(atoms))
    wanted = numbers_around(atoms, both)
    for other in (turned, atoms * (2, 1, 1)):
        for name, values in numbers_around(other, both).items():
            np.testing.assert_allclose(values, wanted[name], rtol=1e-9)


def test_what_is_not_known_is_called_so() -> None:
    lonely = Atoms("Fe")
    heavy = Atoms("EsO", [[0, 0, 0], [0, 0, 2]])  # einsteinium has no radius
    chosen = [np.array([0]), np.array([0]), np.array([0]), np.array([0, 1]), np.array([0])]
    labels = neighbourhood_labels([lonely, WATER, SLAB, heavy, ARGON], chosen)
    assert labels["volume_per_atom"][:5] == ["unknown"] * 5
    assert labels["volume_per_atom"][5] == f"{5.31**3 / 4:.2f}"
    unknown = [
        [value == "unknown" for value in labels[name]] for name in ("shortest_bond", "neighbour_electronegativity")
    ]
    assert unknown[0] == [True, False, False, True, True, False]
    assert unknown[1] == [True, False, False, True, True, True]  # Pauling gave argon none


def test_a_neighbour_without_electronegativity_counts_for_nothing_however_near_it_is() -> None:
    atoms = Atoms("FeHeO", [[0, 0, 0], [0, 0, 0.5], [0, 0, 5.5]])
    assert numbers_around(atoms, np.array([0]))["neighbour_electronegativity"] == pytest.approx(Element("O").X)


def test_sites_in_several_parts_have_the_numbers_of_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = np.arange(len(SLAB))
    whole = numbers_around(SLAB, chosen)
    monkeypatch.setattr(neighbourhood, "AT_ONCE", 5)
    for name, values in numbers_around(SLAB, chosen).items():
        np.testing.assert_array_equal(values, whole[name])


@pytest.mark.parametrize("atoms", [rattled(SALT * 2), SLAB])
def test_pairs_of_some_atoms_are_those_of_all(atoms: Atoms) -> None:
    chosen = np.array([7, 2])
    whole, some = near_pairs(atoms, 4.0), near_pairs(atoms, 4.0, chosen)
    told = [sorted(zip(first.tolist(), second.tolist(), distance.round(9).tolist(), strict=True))
            for first, second, distance in (whole, (chosen[some[0]], *some[1:]))]  # fmt: skip
    assert told[1] == [pair for pair in told[0] if pair[0] in chosen]


def test_ingested_sites_have_those_of_the_atoms_that_stand_for_them(tmp_path: Path) -> None:
    write(tmp_path / "a.extxyz", [bulk("MgO", "rocksalt", a=4.2, cubic=True), WATER])
    found = collect(tmp_path / "a.extxyz", coordination=False)
    assert found.labels["volume_per_atom"] == ["9.26", "9.26", "unknown", "unknown", "unknown"]
    assert found.labels["shortest_bond"] == ["1.014", "1.014", "0.999", "0.999", "0.999"]
    assert [float(x) for x in found.labels["neighbour_electronegativity"]] == pytest.approx(
        [by_hand(bulk("MgO", "rocksalt", a=4.2), k)[0] for k in (0, 1)] + [by_hand(WATER, k)[0] for k in range(3)],
        abs=6e-4,
    )
