"""Real models on real structures, each in its own environment; what is missing fails, it is never passed over.

Run with: python -m pytest tests/families --shared PATH [--families mace,orb], after `platonic env sync --all`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms

from platonic_atlas.engine.extract.environments import find_interpreter, find_weights
from platonic_atlas.engine.extract.session import ModelSession, model_session
from platonic_atlas.engine.extract.worker import per_structure
from platonic_atlas.engine.types import Embedded, FloatArray
from tests.families.cases import Case, cases

CHECKOUT = Path(__file__).resolve().parents[2]
CALCULATORS = Path(__file__).with_name("calculator_energies.py")
CORRECTED = {"O", "S", "F", "Cl", "Br", "I", "N", "Se", "Si", "Sb", "Te", "H"}
LONGEST = {"test_paper_recipe.py", "test_stitching_reference.py"}
IN_TABLE = (
    "sevennet-0",
    "sevennet-l3i5",
    "chgnet-0.3.0",
    "mace-mp-0-small",
    "orb-d3-xs-v2",
    "tensornet-matpes-pbe",
    "nequix-omat",
    "untrained-mace",
)  # fmt: skip ; of stitching scores, over the 300 frames that DFT is compared on
N_REFERENCE, N_CALCULATOR, CALCULATOR_ATOMS = 300, 100, 20


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shared", default=str(CHECKOUT.parent / "shared"), help="the folder with structures/ and weights/"
    )
    parser.addoption("--families", default="", help="files of cases to run, separated by commas; default: all")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a `case` runs for each model, of a `trained` one for each that learned, of `near_dft` where DFT fits."""
    named = [word for word in metafunc.config.getoption("--families").split(",") if word]
    kinds = {
        "case": lambda _: True,
        "trained": lambda case: case.trained,
        "near_dft": lambda case: case.dft or case.fitted,
    }
    for kind, wanted in kinds.items():
        if kind in metafunc.fixturenames:
            chosen = [case for case in cases(named) if wanted(case)]
            metafunc.parametrize(kind, chosen, ids=lambda case: case.name)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where processes share the tests (`-n 2 --dist loadgroup --no-loadscope-reorder`): all of one model go to the same,
    which loads it once, or to that of the table of stitching scores, which embeds the frames of DFT as well; what takes
    minutes in one piece comes first, that none waits for it at the end."""
    for item in items:
        given = getattr(item, "callspec", None)
        for kind, value in given.params.items() if given else ():
            if isinstance(value, Case):
                shared = kind == "near_dft" and value.name in IN_TABLE
                item.add_marker(pytest.mark.xdist_group("table" if shared else value.name))
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session", autouse=True)
def shared_weights(pytestconfig: pytest.Config) -> Iterator[Path]:
    """Checkpoints are found in the shared folder, as in a user's own."""
    folder = Path(pytestconfig.getoption("--shared")) / "weights"
    if not folder.is_dir():
        pytest.fail(f"{folder} is missing; name the folder above with --shared PATH")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLATONIC_WEIGHTS", str(folder.resolve()))
        yield folder


@dataclass(frozen=True)
class Frames:
    """Frames of MPtrj: the first 300 for DFT, and of the file the first 100 small ones for the calculators."""

    all: list[Atoms]
    small: list[int]

    @property
    def reference(self) -> list[Atoms]:
        return self.all[:N_REFERENCE]

    @property
    def uncorrected(self) -> list[Atoms]:
        """Those of the first 300 without elements whose energies Materials Project corrects (as CHGNet learned)."""
        return [atoms for atoms in self.reference if not CORRECTED & set(atoms.get_chemical_symbols())]

    def chosen(self, which: str) -> list[Atoms]:
        return [self.all[i] for i in self.small] if which == "small" else getattr(self, which)


@pytest.fixture(scope="session")
def frames(pytestconfig: pytest.Config) -> Frames:
    file = Path(pytestconfig.getoption("--shared")) / "structures" / "mptrj-random-1k.xyz"
    if not file.is_file():
        pytest.fail(f"{file} is missing; name the folder with --shared PATH")
    found = ase.io.read(file, ":")
    small = [i for i, atoms in enumerate(found) if len(atoms) <= CALCULATOR_ATOMS][:N_CALCULATOR]
    assert len(small) == N_CALCULATOR
    return Frames(found, small)


Model = Callable[[str], ModelSession]


@pytest.fixture(scope="session")
def model() -> Iterator[Model]:
    """A model by name, loaded once and kept for the session: its worker waits and costs nothing."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(model_session(name)))


@pytest.fixture(scope="session")
def embedded(frames: Frames, model: Model) -> Callable[[str, str], Embedded]:
    """(model, which frames) -> features and site energies, computed once."""
    return cache(lambda name, which: model(name).embed(frames.chosen(which)))


@pytest.fixture(scope="session")
def energies_per_atom(
    frames: Frames, model: Model, embedded: Callable[[str, str], Embedded]
) -> Callable[[str, str], FloatArray]:
    """(model, which frames) -> (n,) energies per atom [eV], none refused."""

    def compute(name: str, which: str) -> FloatArray:
        structures = frames.chosen(which)
        if model(name).pool.loaded["site_energy"]:
            found = embedded(name, which)
            assert found.refused == {}
            energies = per_structure(structures, found)
        else:  # the energy of the whole crystal, in a pass of its own
            energies = model(name).energies(structures)
        assert np.isfinite(energies).all()
        return energies / np.array([len(atoms) for atoms in structures])

    return cache(compute)


def calculator_energies(case: Case, structures: list[Atoms], folder: Path, *, file: Path | None = None) -> FloatArray:
    """(n,) energies per atom [eV] by the package's own ASE calculator, in the family's environment."""
    spec = case.spec
    file = file or find_weights(spec)
    assert file is not None
    told = {"name": spec.name, "family": spec.family, "file": str(file), "modal": spec.modal}
    request, frames, result = (folder / f"{case.name}{ending}" for ending in (".spec.json", ".traj", ".json"))
    request.write_text(json.dumps(told))
    bare = [Atoms(a.numbers, a.positions, cell=a.cell, pbc=a.pbc) for a in structures]
    ase.io.write(frames, bare, format="traj")
    command = [str(find_interpreter(spec.family)), "-I", str(CALCULATORS), str(request), str(frames), str(result)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    totals = np.array(json.loads(result.read_text())["energies"])
    return totals / np.array([len(atoms) for atoms in structures])
