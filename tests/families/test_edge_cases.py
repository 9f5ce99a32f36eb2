"""What users bring besides well-behaved crystals: each is taken or refused with a reason, never a crash of the run."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111

from platonic_atlas.engine.errors import ModelError, UntrustedWeights, WorkerError
from platonic_atlas.engine.extract.environments import find_interpreter, find_weights
from platonic_atlas.engine.extract.process import WorkerProcess
from platonic_atlas.engine.extract.session import load_job
from platonic_atlas.engine.models.catalogue import find_model, user_model
from platonic_atlas.engine.types import READOUT
from tests.families.cases import Case
from tests.families.conftest import Model


def slab() -> Atoms:
    """Aluminium periodic in two directions, vacuum in the third."""
    made = bulk("Al", cubic=True)
    made.cell[2, 2] = 14.0
    made.positions[:, 2] += 4.0
    made.pbc = (True, True, False)
    return made


STRANGE = {
    "a slab": slab(),
    "a molecule without a cell": Atoms("OH2", positions=[[0, 0, 0], [0.76, 0.59, 0], [-0.76, 0.59, 0]]),
    "a lone atom": Atoms("Ar", cell=np.eye(3) * 20, pbc=True),
    "a cell without volume": Atoms(
        "Al2", positions=[[0, 0, 0], [0, 0, 2.5]], cell=[[3, 0, 0], [6, 0, 0], [0, 0, 5]], pbc=True
    ),
}


@pytest.mark.parametrize("what", STRANGE)
def test_strange_structures_are_taken_or_refused_with_a_reason(trained: Case, model: Model, what: str) -> None:
    """The crystals around it are embedded either way."""
    found = model(trained.name).embed([bulk("Al"), STRANGE[what], bulk("Cu")])
    rows = found.features[READOUT]
    assert np.isfinite(rows[[0, -1]]).all()
    if found.refused:
        assert list(found.refused) == [1]
        assert len(found.refused[1]) > 15
        assert np.isnan(rows[1:-1]).all()
        print(f"\n{trained.name}, {what}: refused, {found.refused[1]}")
    else:
        assert np.isfinite(rows).all()
        print(f"\n{trained.name}, {what}: taken")


@pytest.mark.xdist_group("diep")
def test_a_slab_without_a_third_vector_is_refused_by_diep_and_the_others_are_embedded(model: Model) -> None:
    """As `ase.build.fcc111` makes it: the package raises an error of its own, and took the whole atlas with it."""
    slab = fcc111("Al", (1, 1, 3))
    assert slab.cell.rank == 2 and slab.pbc.tolist() == [True, True, False]
    found = model("diep-matpes-r2scan").embed([bulk("Al"), slab, bulk("Cu")])
    assert list(found.refused) == [1]
    assert "without a cell vector" in found.refused[1]
    assert np.isfinite(found.features[READOUT][[0, -1]]).all()
    assert np.isfinite(model("diep-matpes-r2scan").energies([bulk("Al"), slab])).tolist() == [True, False]


@pytest.mark.parametrize("name", ["mace-mp-0-small", "m3gnet-mp", "mattersim-1m", "chgnet-0.3.0"])
def test_a_cell_of_a_thousand_atoms(name: str, model: Model) -> None:
    large = bulk("Al", a=4.05).repeat((10, 10, 10))
    found = model(name).embed([large])
    assert found.refused == {}
    small = model(name).embed([bulk("Al", a=4.05)]).features[READOUT]
    np.testing.assert_allclose(
        found.features[READOUT], np.repeat(small, len(large), axis=0), atol=1e-3 * np.abs(small).max()
    )


@pytest.mark.parametrize("name", ["mace-mp-0-small", "m3gnet-mp", "mattersim-1m", "orb-d3-xs-v2"])
def test_a_checkpoint_that_was_cut_off_is_refused_in_words(name: str, shared_weights, tmp_path) -> None:
    spec = find_model(name)
    whole = find_weights(spec)
    assert whole is not None
    for file in whole.parent.iterdir() if whole.name == "state.pt" else [whole]:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    cut = tmp_path / whole.name
    cut.chmod(0o644)
    cut.write_bytes(whole.read_bytes()[:20_000])
    with WorkerProcess(find_interpreter(spec.family)) as worker:
        with pytest.raises(UntrustedWeights, match="SHA-256"):
            worker.request(load_job(spec, cut, trust_weights=False, device="cpu"))
        with pytest.raises(ModelError, match=r"cannot be read|does not fit") as refused:
            worker.request(load_job(spec, cut, trust_weights=True, device="cpu"))
    assert str(tmp_path) in refused.value.happened  # and not the copy that was looked at


@pytest.mark.parametrize(
    "name", ["sevennet-0", "chgnet-0.3.0", "diep-matpes-r2scan", "nequix-mp", "m3gnet-mp", "mattersim-1m"]
)
def test_a_file_that_is_no_checkpoint_is_refused_in_words(name: str, tmp_path) -> None:
    family = find_model(name).family
    for file in ("model.json", "model.pt", "state.pt"):
        (tmp_path / file).write_bytes(b"this is no checkpoint\n" * 40)
    weights = tmp_path / "state.pt"
    with (
        WorkerProcess(find_interpreter(family)) as worker,
        pytest.raises(ModelError, match="cannot be read") as refused,
    ):
        worker.request(load_job(user_model("own", family=family, weights=weights), weights, True, "cpu"))
    assert not isinstance(refused.value, WorkerError)  # it is said, the worker does not die of it
    assert str(tmp_path) in refused.value.happened
    assert refused.value.expected and refused.value.next_step
