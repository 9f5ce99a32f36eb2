"""Models of the paper whose files cannot be had here: the true architectures with random weights, in the official format.

Each is written by `architectures/FAMILY.py` in the family's environment, loaded as a user's own file, and held to the
same contract as a trained one. What a random network says of an atom means nothing; shapes, symmetries and energies do.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms

from platonic_atlas.engine.extract.contract import broken_promises, changes_under_symmetries
from platonic_atlas.engine.extract.environments import find_interpreter
from platonic_atlas.engine.extract.process import link_engine, worker_environment
from platonic_atlas.engine.extract.session import ModelSession
from platonic_atlas.engine.models.catalogue import find_model
from tests.families.calculator_process import CalculatorProcess
from tests.families.conftest import Frames
from tests.families.family_worker import FamilyWorker
from tests.families.session_files import once, session_folder
from tests.families.test_contract import layers_of

SCRIPTS = Path(__file__).with_name("architectures")
MODELS = {
    "mace-mp-0-medium": {"readout": 256, "layer-1": 128},
    "mace-mp-0-large": {"readout": 256, "layer-1": 128},
    "mace-omat-0-small": {"readout": 256, "layer-1": 128},
    "mace-omat-0-medium": {"readout": 256, "layer-1": 128},
    "sevennet-omat": {"readout": 128},
    "orb-v3-con-omat": {"readout": 256},
    "orb-v3-dir-omat": {"readout": 256},
}
N_STRUCTURES = 4


def write_architectures(family: str, folder: Path) -> None:
    """Checkpoint files of all models of a family with random weights, by one process of its environment."""
    folder.mkdir()
    names = [name for name in MODELS if find_model(name).family == family]
    files = [[name, folder / Path(find_model(name).checkpoint).name] for name in names]
    with tempfile.TemporaryDirectory() as link:
        link_engine(Path(link))
        settings = worker_environment(Path(link), own_interpreter=False)
        command = [find_interpreter(family), "-P", SCRIPTS / f"{family}.py", *chain(*files)]
        done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def written_architecture(name: str, folder: Path) -> Path:
    """The checkpoint file of a model in the folder of the session, written together with those of its family."""
    spec = find_model(name)
    written = once(folder / f"architectures-{spec.family}", partial(write_architectures, spec.family))
    return written / Path(spec.checkpoint).name


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    return partial(written_architecture, folder=session_folder(tmp_path_factory))


@pytest.fixture(scope="module")
def random_model(
    made: Callable[[str], Path], family_worker: Callable[[str], FamilyWorker]
) -> Callable[[str], ModelSession]:
    def opened(name: str) -> ModelSession:
        spec = find_model(name)
        if spec.family == "orb":  # averaging is the same whatever the weights; one orientation is enough here
            spec = replace(spec, options={**spec.options, "rotations": 1})
        return family_worker(spec.family).session(spec, made(name), trust_weights=True)

    return cache(opened)


@pytest.fixture(scope="module")
def structures(frames: Frames) -> list[Atoms]:
    return [frames.all[i] for i in frames.small[:N_STRUCTURES]]


@pytest.mark.parametrize("name", MODELS)
def test_the_contract_holds(name: str, random_model: Callable[[str], ModelSession], structures: list[Atoms]) -> None:
    session = random_model(name)
    assert {layer: held["n_features"] for layer, held in session.layers.items()} == MODELS[name]
    features = layers_of(session)
    for layer, held in session.layers.items():
        changes = changes_under_symmetries(partial(features, layer=layer), structures)
        shown = ", ".join(f"{what} {values.max():.1e}" for what, values in changes.items())
        print(f"\n{name}, random weights, {layer} ({held['symmetry']}): {shown}")
        assert broken_promises(changes, held["symmetry"]) == []


@pytest.mark.parametrize("name", MODELS)
def test_energies_are_those_of_the_calculator(
    name: str,
    made: Callable[[str], Path],
    random_model: Callable[[str], ModelSession],
    structures: list[Atoms],
    calculators: Callable[[str], CalculatorProcess],
) -> None:
    session = random_model(name)
    n_atoms = np.array([len(atoms) for atoms in structures])
    ours = session.energies(structures) / n_atoms
    spec = find_model(name)
    theirs = calculators(spec.family).energies_per_atom(spec, structures, made(name))
    print(f"\n{name}, random weights: largest difference to its calculator {np.abs(ours - theirs).max():.1e} eV/atom")
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    if session.pool.loaded["site_energy"]:
        found = session.embed(structures)
        again = session.readout(found.features["readout"], np.concatenate([atoms.numbers for atoms in structures]))
        np.testing.assert_allclose(again, found.site_energies, atol=1e-4)
