"""What every adapter promises: rows belong to atoms, and the surroundings count only through geometry."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.extract.contract import TOLERANCE, broken_promises, changes_under_symmetries
from platonic_atlas.engine.extract.session import ModelSession
from platonic_atlas.engine.types import READOUT, Embedded, FloatArray
from tests.families.cases import Case
from tests.families.conftest import Frames, Model


@pytest.fixture(scope="module")
def crystals(frames: Frames) -> list[Atoms]:
    """Five small frames of MPtrj, an ionic crystal rattled, and one without any bond shorter than 3 Å."""
    rattled = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    rattled.rattle(0.08, seed=3)
    sparse = bulk("Kr", "fcc", a=5.9)
    return [*(frames.all[i] for i in frames.small[:5]), rattled, sparse]


def layers_of(session: ModelSession) -> Callable[[list[Atoms], str], list[FloatArray]]:
    """(structures, layer) -> the features of each; all layers come from one pass, remembered for the next that is asked."""
    passes: dict[bytes, Embedded] = {}

    def features(structures: list[Atoms], layer: str) -> list[FloatArray]:
        key = b"".join(
            part.tobytes() for atoms in structures for part in (atoms.numbers, atoms.positions, atoms.cell[:])
        )
        if key not in passes:
            passes[key] = session.embed(structures)
        assert passes[key].refused == {}
        ends = np.cumsum([len(atoms) for atoms in structures])
        return np.split(passes[key].features[layer], ends[:-1])

    return features


def test_symmetries(case: Case, model: Model, crystals: list[Atoms]) -> None:
    session = model(case.name)
    assert {name: layer["n_features"] for name, layer in session.layers.items()} == case.features
    features = layers_of(session)
    for name, layer in session.layers.items():
        changes = changes_under_symmetries(partial(features, layer=name), crystals)
        shown = ", ".join(f"{what} {values.max():.1e}" for what, values in changes.items())
        print(f"\n{case.name}, {name} ({layer['symmetry']}): {shown}")
        assert broken_promises(changes, layer["symmetry"]) == []
        if case.trained and layer["symmetry"] == "SO(3)":  # what is declared not to hold does not hold
            assert changes["reflection"].max() > TOLERANCE
        if layer["symmetry"] == "none":
            spread = session.embed(crystals).extras["rotation_spread"]
            print(f"  spread over the rotations: median {np.median(spread):.2f}, largest {spread.max():.2f}")
            assert np.median(spread) > 10 * TOLERANCE


def test_unknown_elements_are_refused_and_the_others_are_not_touched(
    case: Case, model: Model, crystals: list[Atoms]
) -> None:
    unknown = Atoms([case.unknown], cell=np.eye(3) * 3.3, pbc=True)
    plain = model(case.name).embed(crystals[:2])
    mixed = model(case.name).embed([crystals[0], unknown, crystals[1]])
    assert list(mixed.refused) == [1]
    assert "does not know" in mixed.refused[1]
    n = len(crystals[0])
    assert np.isnan(mixed.features[READOUT][n]).all()
    kept = np.delete(mixed.features[READOUT], n, axis=0)
    np.testing.assert_allclose(kept, plain.features[READOUT], rtol=1e-4, atol=1e-5)


def test_the_readout_gives_the_site_energies_back(trained: Case, model: Model, crystals: list[Atoms]) -> None:
    found = model(trained.name).embed(crystals)
    numbers = np.concatenate([atoms.numbers for atoms in crystals])
    if found.site_energies is None:  # its energy is a property of the whole crystal
        assert np.isfinite(model(trained.name).energies(crystals)).all()
        with pytest.raises(ModelError, match="no site energies"):
            model(trained.name).readout(found.features[READOUT], numbers)
        return
    again = model(trained.name).readout(found.features[READOUT], numbers)
    np.testing.assert_allclose(again, found.site_energies, atol=2e-5)


@pytest.mark.xdist_group("chgnet")
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


@pytest.mark.xdist_group("sevennet")
def test_fidelities_of_one_checkpoint_are_two_models(model: Model, crystals: list[Atoms]) -> None:
    pbe = model("sevennet-mf-0-pbe").embed(crystals).features[READOUT]
    r2scan = model("sevennet-mf-0-r2scan").embed(crystals).features[READOUT]
    apart = np.linalg.norm(pbe - r2scan, axis=1) / np.linalg.norm(pbe, axis=1)
    print(f"\nMF-0: PBE and r2SCAN features differ by {np.median(apart):.0%} (median)")
    assert np.median(apart) > 0.1
