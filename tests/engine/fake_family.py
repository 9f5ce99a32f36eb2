"""A family that a third party could install: a module and an entry point, nothing in this repository."""

from __future__ import annotations

import os
import sys
from pathlib import Path

MODULE = '''
import os
import signal
import time
from pathlib import Path

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import Layer


class Springs(BatchedAdapter):
    """Sums of distances to the other atoms; kills itself once where a file says so."""

    pickled = True
    extras = ("rotation_spread",)

    def __init__(self, stiffness):
        self.layers = {"readout": Layer(4, "O(3)"), "layer-1": Layer(2, "O(3)")}
        self.parameters = {"stiffness": stiffness}
        self.elements = frozenset(range(1, 54))
        self.stiffness = stiffness

    @classmethod
    def load(cls, spec, *, weights, device):
        print("chatter that must not reach the reports")
        os.write(1, b"chatter below Python, too\\n")
        if device == "mps":
            raise ModelError("no such device", "cpu", "say --device cpu")
        if device == "cuda:8":
            return Small(1.0)
        return cls(1.0 if weights is None else float(Path(weights).read_text()))

    @classmethod
    def cached(cls, spec):
        return [Path(os.environ["SPRINGS_CACHE"]) / spec.checkpoint] if "SPRINGS_CACHE" in os.environ else []

    @classmethod
    def download(cls, spec):
        raise OSError("no route to host")

    def forward(self, structures, layers):
        self._die()
        for atoms in structures:
            self._fail_at(set(atoms.numbers.tolist()))
        time.sleep(float(os.environ.get("SPRINGS_SLOW", "0")))
        self._burn(float(os.environ.get("SPRINGS_BURN", "0")))
        if os.environ.get("SPRINGS_STOP"):
            os.kill(os.getpid(), signal.SIGSTOP)
        rows = []
        for atoms in structures:
            distances = np.linalg.norm(atoms.positions[:, None] - atoms.positions[None], axis=-1)
            z = atoms.numbers / 10
            rows.append(np.stack([z, np.sin(z * distances.sum(1)), np.cos(z), distances.mean(1)], axis=1))
        features = self.stiffness * np.concatenate(rows)
        features = features.astype(np.float32)
        return Forward(
            {"readout": features, "layer-1": features[:, :2]},
            features.sum(axis=1),
            extras={"rotation_spread": np.full(len(features), 0.25)},
        )

    def _fail_at(self, numbers):
        if int(os.environ.get("SPRINGS_KILLED_BY", "0")) in numbers:
            os.kill(os.getpid(), 9)
        if int(os.environ.get("SPRINGS_HANG_AT", "0")) in numbers:
            time.sleep(3600)
        if int(os.environ.get("SPRINGS_POISONED_BY", "0")) in numbers:
            self.poisoned = True
        if getattr(self, "poisoned", False):
            raise RuntimeError("CUDA error: device-side assert triggered")
        if int(os.environ.get("SPRINGS_RAISE_AT", "0")) in numbers:
            raise ValueError("springs have no such atom")

    def _burn(self, seconds):
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass

    def readout(self, features, atomic_numbers):
        return np.asarray(features, dtype=float).sum(axis=1)

    def _die(self):
        flag = os.environ.get("SPRINGS_DIE")
        if flag and Path(flag).exists():
            left = int(Path(flag).read_text())
            if left == 0:
                Path(flag).unlink()
                import sys

                print("about to die", file=sys.stderr, flush=True)
                os.kill(os.getpid(), 9)  # Windows knows the number, not the name
            Path(flag).write_text(str(left - 1))


class OutOfMemoryError(RuntimeError):
    """As torch raises it."""


class Small(Springs):
    """A device that holds eight atoms."""

    batch_atoms_gpu = 64
    device = "cuda:8"

    def forward(self, structures, layers):
        if sum(map(len, structures)) > 8:
            raise OutOfMemoryError("8 atoms fit")
        return super().forward(structures, layers)
'''
ENTRY_POINTS = "[platonic_atlas.families]\nsprings = springs_family:Springs\n"
METADATA = "Metadata-Version: 2.1\nName: springs\nVersion: 1.0\n"


def install(folder: Path) -> None:
    """Put the family into a folder as an installed distribution, and the folder on the paths of both processes."""
    information = folder / "springs-1.0.dist-info"
    information.mkdir(parents=True)
    (folder / "springs_family.py").write_text(MODULE)
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    (information / "METADATA").write_text(METADATA)
    sys.path.insert(0, str(folder))
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *([inherited] if inherited else [])])


def remove(folder: Path) -> None:
    """Take the folder off the paths again."""
    sys.path.remove(str(folder))
    sys.modules.pop("springs_family", None)
    rest = [place for place in os.environ["PYTHONPATH"].split(os.pathsep) if place != str(folder)]
    if rest:
        os.environ["PYTHONPATH"] = os.pathsep.join(rest)
    else:
        del os.environ["PYTHONPATH"]
