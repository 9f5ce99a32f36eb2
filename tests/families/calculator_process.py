"""The package's own ASE calculators, asked from here: `calculator_energies.py` runs in the family's environment."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import ase.io
import numpy as np
from ase import Atoms

from platonic_atlas.engine.extract.environments import find_interpreter, find_weights
from platonic_atlas.engine.types import FloatArray, ModelSpec

SCRIPT = Path(__file__).with_name("calculator_energies.py")


class CalculatorProcess:
    """The calculators of a family, one process for all its models; a context manager that ends it."""

    def __init__(self, family: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="calculators-")
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in __exit__)
        self._process = subprocess.Popen(
            [find_interpreter(family), "-I", SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._log.close()
        self._folder.cleanup()

    def energies_per_atom(self, spec: ModelSpec, structures: Sequence[Atoms], file: Path | None = None) -> FloatArray:
        """(n,) energies per atom [eV] of a checkpoint, by default the one that the catalogue names."""
        frames, result = (Path(self._folder.name) / name for name in ("frames.traj", "result.json"))
        bare = [Atoms(a.numbers, a.positions, cell=a.cell, pbc=a.pbc) for a in structures]
        ase.io.write(frames, bare, format="traj")
        told = {"name": spec.name, "family": spec.family, "file": str(file or find_weights(spec)), "modal": spec.modal}
        self._request({"spec": told, "frames": str(frames), "result": str(result)})
        totals = np.array(json.loads(result.read_text())["energies"])
        return totals / np.array([len(atoms) for atoms in structures])

    def _request(self, job: object) -> None:
        """Wait for a job; a process that died is an error with its last lines."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        if not self._process.stdout.readline():
            self._log.seek(0)
            raise RuntimeError(f"The calculator died.\n{self._log.read().decode(errors='replace')[-2000:]}")
