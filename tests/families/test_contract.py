"""What every adapter promises: rows belong to atoms, and the surroundings count only through geometry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from scipy.spatial.transform import Rotation

from engine.types import READOUT, FloatArray
from tests.families.conftest import Frames, Model
from tests.families.test_energies import TRAINED

ALL = [*TRAINED, "untrained-sevennet", "onehot"]
DIMENSIONS = {"sevennet": 128, "chgnet": 64, "diep": 64, "untrained": 128, "onehot": 118}
# float32 through five layers: the largest change of a row relative to its length that rounding makes.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def crystals(frames: Frames) -> list[Atoms]:
    """Five small frames of MPtrj, an ionic crystal rattled, and one without any bond shorter than 3 Å."""
    rattled = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    rattled.rattle(0.08, seed=3)
    sparse = bulk("Kr", "fcc", a=5.9)
    return [*(frames.all[i] for i in frames.small[:5]), rattled, sparse]


Features = Callable[[list[Atoms]], list[FloatArray]]


@pytest.fixture(params=ALL)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def features(name: str, model: Model) -> Features:
    def compute(structures: list[Atoms]) -> list[FloatArray]:
        found = model(name).embed(structures)
        assert found.refused == {}
        ends = np.cumsum([len(atoms) for atoms in structures])
        return np.split(found.features[READOUT], ends[:-1])

    return compute


def change(first: list[FloatArray], second: list[FloatArray]) -> float:
    """The largest change of a row, relative to its length."""
    pairs = zip(first, second, strict=True)
    return max(float((np.linalg.norm(a - b, axis=1) / np.linalg.norm(a, axis=1)).max()) for a, b in pairs)


def moved(atoms: Atoms, matrix: FloatArray) -> Atoms:
    """The crystal under an orthogonal matrix."""
    return Atoms(atoms.numbers, atoms.positions @ matrix.T, cell=atoms.cell[:] @ matrix.T, pbc=atoms.pbc)


def shifted(atoms: Atoms) -> Atoms:
    copy = atoms.copy()
    copy.positions += [0.37, -1.91, 2.3]
    copy.wrap()
    return copy


def test_symmetries(name: str, features: Features, model: Model, crystals: list[Atoms]) -> None:
    plain = features(crystals)
    layer = model(name).layers[READOUT]
    assert plain[0].shape == (len(crystals[0]), DIMENSIONS[name.split("-")[0]])
    assert layer["n_features"] == plain[0].shape[1]
    orders = [np.random.default_rng(i).permutation(len(atoms)) for i, atoms in enumerate(crystals)]
    rotation = Rotation.from_euler("xyz", [0.3, 1.1, -0.7]).as_matrix()
    supercell = features([atoms.repeat((2, 1, 1)) for atoms in crystals])
    single = [features([atoms])[0] for atoms in crystals]
    permuted = features([atoms[order] for atoms, order in zip(crystals, orders, strict=True)])
    measured = {
        "batch = singles": change(plain, single),
        "permutation": change([rows[order] for rows, order in zip(plain, orders, strict=True)], permuted),
        "translation": change(plain, features([shifted(atoms) for atoms in crystals])),
        "supercell": change([np.concatenate([rows, rows]) for rows in plain], supercell),
        "rotation": change(plain, features([moved(atoms, rotation) for atoms in crystals])),
    }
    reflection = change(plain, features([moved(atoms, rotation @ np.diag([1.0, 1.0, -1.0])) for atoms in crystals]))
    print(f"\n{name} ({layer['symmetry']}): " + ", ".join(f"{what} {value:.1e}" for what, value in measured.items()))
    print(f"  reflection {reflection:.1e}")
    assert max(measured.values()) < TOLERANCE
    if layer["symmetry"] == "O(3)":
        assert reflection < TOLERANCE
    elif name in TRAINED:  # a network with pseudo-scalar paths that training has filled tells left from right
        assert reflection > TOLERANCE


def test_unknown_elements_are_refused_and_the_others_are_not_touched(
    name: str, model: Model, crystals: list[Atoms]
) -> None:
    unknown = Atoms([119 if name == "onehot" else 84], cell=np.eye(3) * 3.3, pbc=True)
    plain = model(name).embed(crystals[:2])
    mixed = model(name).embed([crystals[0], unknown, crystals[1]])
    assert list(mixed.refused) == [1]
    assert "does not know" in mixed.refused[1]
    n = len(crystals[0])
    assert np.isnan(mixed.features[READOUT][n]).all()
    kept = np.delete(mixed.features[READOUT], n, axis=0)
    np.testing.assert_allclose(kept, plain.features[READOUT], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("trained", TRAINED)
def test_the_readout_gives_the_site_energies_back(trained: str, model: Model, crystals: list[Atoms]) -> None:
    found = model(trained).embed(crystals)
    numbers = np.concatenate([atoms.numbers for atoms in crystals])
    again = model(trained).readout(found.features[READOUT], numbers)
    np.testing.assert_allclose(again, found.site_energies, atol=2e-5)


def test_chgnet_refuses_what_it_cannot_see(model: Model) -> None:
    chgnet = model("chgnet-0.3.0")
    lonely = bulk("Cs", "sc", a=6.1)
    slab = bulk("Al", cubic=True)
    slab.pbc = (True, True, False)
    molecule = Atoms("H2", positions=[[0, 0, 0], [0, 0, 0.74]])
    radium = bulk("Ra", "bcc", a=5.1)
    found = chgnet.embed([lonely, slab, molecule, radium, bulk("Al")])
    assert "no neighbour within 6 Å" in found.refused[0]
    assert "not periodic in three directions" in found.refused[1]
    assert "not periodic in three directions" in found.refused[2]
    assert "Ra" in found.refused[3]
    assert np.isfinite(found.features[READOUT][-1]).all()
    assert np.isnan(found.features[READOUT][:-1]).all()


@pytest.mark.parametrize("other", ["sevennet-0", "diep-matpes-r2scan"])
def test_molecules_slabs_and_lone_atoms_are_taken_by_the_others(other: str, model: Model) -> None:
    slab = bulk("Al", cubic=True)
    slab.pbc = (True, True, False)
    molecule = Atoms("OH2", positions=[[0, 0, 0], [0.76, 0.59, 0], [-0.76, 0.59, 0]])
    found = model(other).embed([slab, molecule, Atoms("Ar", cell=np.eye(3) * 20, pbc=True)])
    assert found.refused == {}
    assert np.isfinite(found.features[READOUT]).all()


def test_fidelities_of_one_checkpoint_are_two_models(model: Model, crystals: list[Atoms]) -> None:
    pbe = model("sevennet-mf-0-pbe").embed(crystals).features[READOUT]
    r2scan = model("sevennet-mf-0-r2scan").embed(crystals).features[READOUT]
    apart = np.linalg.norm(pbe - r2scan, axis=1) / np.linalg.norm(pbe, axis=1)
    print(f"\nMF-0: PBE and r2SCAN features differ by {np.median(apart):.0%} (median)")
    assert np.median(apart) > 0.1
