"""Real models on real structures, each in its own environment; what is missing fails, it is never passed over.

Run with: python -m pytest tests/families --shared PATH [--families mace,orb], after `platonic env sync --all`.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms

from benchmarks.references import CORRECTED
from platonic_atlas.engine.adapters.base import family_adapter
from platonic_atlas.engine.extract.environments import find_interpreter
from platonic_atlas.engine.extract.process import WorkerProcess
from platonic_atlas.engine.extract.runner import with_rotations
from platonic_atlas.engine.extract.session import ModelSession
from platonic_atlas.engine.extract.worker import per_structure
from platonic_atlas.engine.models.catalogue import catalogue, find_model
from platonic_atlas.engine.types import Embedded, FloatArray
from tests.families.calculator_process import CalculatorProcess
from tests.families.cases import Case, cases
from tests.families.family_worker import FamilyWorker
from tests.families.session_files import once, session_folder

CHECKOUT = Path(__file__).resolve().parents[2]
N_REFERENCE, N_DFT, N_CALCULATOR, CALCULATOR_ATOMS = 300, 100, 100, 20
# Groups of tests that one process does, the longest first, that none waits for it at the end; those of no model's
# family after them; the table of stitching scores last, when the models that it compares have embedded its frames.
LONGEST = ("paper", "nequix", "sevennet", "orb", "mace", "matgl", "chgnet")
TABLE = "table"
UNTRAINED = "untrained-"


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
    """Where processes share the tests (`-n 2 --dist loadgroup --no-loadscope-reorder`): all of one family go to the same,
    which imports its packages once, those of one model after the other, so that each is loaded once."""
    places = {group: place for place, group in enumerate((*LONGEST, "", TABLE))}
    order = {}
    for item in items:
        group, name = group_and_model(item)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
        order[item] = (places.get(group, places[""]), group, name)
    items.sort(key=order.__getitem__)


def group_and_model(item: pytest.Item) -> tuple[str, str]:
    """What its mark says, or the family of the model that it is a test of, a control with its architecture; the model."""
    given = getattr(item, "callspec", None)
    for value in given.params.values() if given else ():
        spec = value.spec if isinstance(value, Case) else catalogue().get(str(value))
        if spec is not None:
            return spec.family.removeprefix(UNTRAINED), spec.name
    mark = item.get_closest_marker("xdist_group")
    return (str(mark.args[0]) if mark else ""), ""


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
    """Frames of MPtrj: the first 300 for the table of stitching scores, of them the first 100 for DFT, and of the file the
    first 100 small ones for the calculators."""

    all: list[Atoms]
    small: list[int]

    @property
    def reference(self) -> list[Atoms]:
        return self.all[:N_REFERENCE]

    @property
    def hundred(self) -> list[Atoms]:
        return self.all[:N_DFT]

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
Embed = Callable[[str, str], Embedded]


@pytest.fixture(scope="session")
def family_worker() -> Iterator[Callable[[str], FamilyWorker]]:
    """The worker of a family; it waits and costs nothing."""
    with ExitStack() as stack:
        started = cache(lambda family: FamilyWorker(stack.enter_context(WorkerProcess(find_interpreter(family)))))
        yield lambda family: started(family.removeprefix(UNTRAINED))


@pytest.fixture(scope="session")
def model(family_worker: Callable[[str], FamilyWorker]) -> Model:
    """A model by name, loaded when it is first asked for: tests of one come together."""
    return cache(lambda name: family_worker(find_model(name).family).session(find_model(name)))


@pytest.fixture(scope="session")
def in_one_orientation(model: Model, family_worker: Callable[[str], FamilyWorker]) -> Model:
    """The same of the models that turning changes: an eighth of the time for what an orientation more or less is not
    asked of."""

    def opened(name: str) -> ModelSession:
        spec = find_model(name)
        if "rotation_spread" not in family_adapter(spec.family).extras:
            return model(name)
        return family_worker(spec.family).session(with_rotations(spec, 1))

    return cache(opened)


@pytest.fixture(scope="session")
def embedded(frames: Frames, in_one_orientation: Model, tmp_path_factory: pytest.TempPathFactory) -> Embed:
    """(model, which frames) -> features and energies in one orientation, computed once for all processes."""
    folder = session_folder(tmp_path_factory)

    def compute(name: str, which: str) -> Embedded:
        def write(file: Path) -> None:
            file.write_bytes(pickle.dumps(in_one_orientation(name).embed(frames.chosen(which))))

        found: Embedded = pickle.loads(once(folder / f"{name}-{which}.pickle", write).read_bytes())
        return found

    return cache(compute)


@pytest.fixture(scope="session")
def energies_per_atom(frames: Frames, embedded: Embed) -> Callable[[str, str], FloatArray]:
    """(model, which frames) -> (n,) energies per atom [eV], none refused."""

    def compute(name: str, which: str) -> FloatArray:
        structures, found = frames.chosen(which), embedded(name, which)
        assert found.refused == {}
        energies = per_structure(structures, found)
        assert np.isfinite(energies).all()
        return energies / np.array([len(atoms) for atoms in structures])

    return cache(compute)


@pytest.fixture(scope="session")
def calculators() -> Iterator[Callable[[str], CalculatorProcess]]:
    """The calculators of a family, its packages imported once."""
    with ExitStack() as stack:
        yield cache(lambda family: stack.enter_context(CalculatorProcess(family)))
