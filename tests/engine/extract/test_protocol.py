"""Messages between runner and worker survive the way bit for bit, and chatter does not hurt them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from ase import Atoms

from platonic_atlas.engine import errors
from platonic_atlas.engine.extract.apart import SLICE_ATOMS, slices
from platonic_atlas.engine.extract.process import link_engine
from platonic_atlas.engine.extract.protocol import (
    counter,
    error_message,
    error_of,
    receive,
    send,
    spec_message,
    spec_of,
    structure_message,
    structure_of,
)
from platonic_atlas.engine.extract.worker import orbit_spread
from platonic_atlas.engine.models.catalogue import catalogue


def _through(message: dict) -> dict:
    stream = io.StringIO()
    send(stream, message)
    assert stream.getvalue().count("\n") == 1
    stream.seek(0)
    return next(receive(stream))


def test_structures_come_back_bit_for_bit() -> None:
    random = np.random.default_rng(0)
    atoms = Atoms(
        "NaCl", positions=random.normal(size=(2, 3)), cell=random.normal(size=(3, 3)), pbc=(True, False, True)
    )
    back = structure_of(_through(structure_message(atoms)))
    assert (back.numbers == atoms.numbers).all()
    assert back.positions.tobytes() == atoms.positions.tobytes()
    assert back.cell[:].tobytes() == atoms.cell[:].tobytes()
    assert (back.pbc == atoms.pbc).all()


def test_models_come_back_equal() -> None:
    for spec in catalogue().values():
        assert spec_of(_through(spec_message(spec))) == spec


def test_errors_come_back_as_their_class_with_three_parts() -> None:
    error = errors.UntrustedWeights("it is a pickle", "a known digest", "say --trust-weights")
    back = error_of(_through(error_message(error)))
    assert type(back) is errors.UntrustedWeights
    assert (back.happened, back.expected, back.next_step) == (error.happened, error.expected, error.next_step)


def test_a_class_that_is_no_error_of_ours_is_never_called() -> None:
    back = error_of({"event": "error", "kind": "annotations", "happened": "x"})
    assert type(back) is errors.WorkerError


def test_lines_that_are_no_messages_are_passed_over() -> None:
    stream = io.StringIO('loading…\n[1, 2]\n{"event":"done"}\n')
    assert list(receive(stream)) == [{"event": "done"}]


@pytest.mark.parametrize("n_atoms", [[], [1], [600, 1, 1], [200] * 9, [1] * 1025])
def test_slices_cover_every_structure_once(n_atoms: list[int]) -> None:
    covered = [i for start, stop in slices(n_atoms) for i in range(start, stop)]
    assert covered == list(range(len(n_atoms)))
    for start, stop in slices(n_atoms):
        assert sum(n_atoms[start : stop - 1]) < SLICE_ATOMS


def test_orbit_spread_is_the_largest_distance_within_an_orbit() -> None:
    features = np.array([[0, 0], [3, 4], [1, 1], [0, 1], [9, 9], [np.nan, np.nan]], dtype=np.float32)
    site = np.array([0, 0, 1, 0, -3, 2])
    spread = orbit_spread(features, site, 3)
    assert spread[0] == pytest.approx(5)
    assert spread[1] == 0
    assert np.isnan(spread[2])


def test_a_worker_sees_our_package_and_nothing_beside_it(tmp_path) -> None:
    link_engine(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["platonic_atlas"]
    assert sorted(entry.name for entry in (tmp_path / "platonic_atlas").iterdir()) == ["__init__.py", "engine"]
    assert (tmp_path / "platonic_atlas" / "engine" / "extract" / "worker.py").is_file()


def test_atoms_that_workers_report_are_counted_on_from_what_was_done() -> None:
    heard: list[tuple[str, float, float]] = []
    tell = counter(lambda what, done, total=1.0, /: heard.append((what, done, total)), "embedding", 10, 4.0)
    for atoms in (3, 9):
        tell(atoms)
    assert heard == [("embedding", 7.0, 10), ("embedding", 10, 10)]
