"""Coordination numbers by CrystalNN (Pan et al., Inorg. Chem. 2021, 60, 1590)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from ase import Atoms

from platonic_atlas.engine.orphans import ending_with_us
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.scratch import scratch
from platonic_atlas.engine.structures.voronoi import LONGEST_CELL
from platonic_atlas.engine.structures.voronoi import numbers as at_once_numbers
from platonic_atlas.engine.types import IntArray

UNKNOWN = "unknown"

#: Seconds that one structure may take; large disordered cells can keep CrystalNN busy for minutes.
TIME_LIMIT = 30.0


def coordination_numbers(
    structures: Sequence[Atoms],
    chosen: Sequence[IntArray],
    *,
    workers: int | None = None,
    progress: Progress = silent,
    time_limit: float = TIME_LIMIT,
) -> list[list[str]]:
    """Coordination number of the chosen atoms of each structure, "unknown" where CrystalNN fails.

    chosen : for each structure the positions of its atoms to look at
    workers : processes, all cores where None
    """
    workers = workers or os.cpu_count() or 1
    if workers == 1 or len(structures) < 16:
        found: Iterator[list[str]] = (of_structure(a, c, time_limit) for a, c in zip(structures, chosen, strict=True))
        return _collected(found, len(structures), progress)
    from joblib import Parallel, delayed

    # joblib's processes start from nothing: no fork of a process that holds threads, and a script
    # without an `if __name__` guard may call this.
    with scratch("joblib") as folder:
        parallel = Parallel(n_jobs=workers, return_as="generator", batch_size="auto", **ending_with_us(folder))
        jobs = (delayed(of_structure)(a, c, time_limit) for a, c in zip(structures, chosen, strict=True))
        return _collected(parallel(jobs), len(structures), progress)


def of_structure(atoms: Atoms, chosen: IntArray, time_limit: float = TIME_LIMIT) -> list[str]:
    """Coordination numbers of some atoms of one crystal; molecules, slabs and cells longer than any crystal's have none."""
    if not atoms.pbc.all() or np.abs(atoms.cell.array).sum() > LONGEST_CELL:
        return [UNKNOWN] * len(chosen)
    at_once = at_once_numbers(atoms, chosen)
    left = np.array([atom for atom in chosen if int(atom) not in at_once], dtype=int)
    alone = dict(zip(left.tolist(), one_by_one(atoms, left, time_limit) if len(left) else [], strict=True))
    return [str(at_once[int(atom)]) if int(atom) in at_once else alone[int(atom)] for atom in chosen]


def one_by_one(atoms: Atoms, chosen: IntArray, time_limit: float = TIME_LIMIT) -> list[str]:
    """The same by pymatgen, about 20 ms an atom."""
    from pymatgen.analysis.local_env import CrystalNN
    from pymatgen.core import Structure

    # Without oxidation states CrystalNN weighs neighbours by electronegativity differences alone.
    structure = Structure(atoms.cell.array, [str(s) for s in atoms.symbols], atoms.get_scaled_positions())
    finder = CrystalNN()
    numbers: list[str] = []
    with warnings.catch_warnings(), contextlib.suppress(TimeoutError), _alarm(time_limit):
        warnings.simplefilter("ignore")
        for atom in chosen:
            try:
                numbers.append(str(int(finder.get_cn(structure, int(atom)))))
            except TimeoutError:
                raise
            except Exception:  # Voronoi cells that stay open, atoms without any neighbour, …
                numbers.append(UNKNOWN)
    return numbers + [UNKNOWN] * (len(chosen) - len(numbers))


def _collected(found: Iterator[list[str]], total: int, progress: Progress) -> list[list[str]]:
    numbers = []
    for done, of_one in enumerate(found, start=1):
        numbers.append(of_one)
        progress("coordination", done, total)
    return numbers


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in this thread after some seconds, where signals can do so."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
