"""A model kept loaded in worker processes: features, energies and relaxations of structures that are in no atlas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.choices import device_named
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.extract.environments import find_interpreter
from platonic_atlas.engine.extract.process import WorkerPool
from platonic_atlas.engine.extract.protocol import Message, counter, spec_message, structure_message
from platonic_atlas.engine.models.catalogue import find_model
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.scratch import scratch
from platonic_atlas.engine.types import Embedded, FloatArray, IntArray, ModelSpec, Relaxed

if TYPE_CHECKING:
    from ase import Atoms

ENERGY_SLICE_ATOMS = 512
RELAXED_SLICE_ATOMS = 64  # some hundred steps each: little enough that workers end together


def load_job(spec: ModelSpec, weights: Path | None, trust_weights: bool, device: str) -> Message:
    """The job that loads a model."""
    file = None if weights is None else str(Path(weights).expanduser().absolute())
    return {
        "task": "load",
        "spec": spec_message(spec),
        "weights": file,
        "trust_weights": trust_weights,
        "device": device_named(device),
    }


class ModelSession:
    """A loaded model: `embed` and `energies` may be called any number of times."""

    def __init__(self, pool: WorkerPool, name: str) -> None:
        self.pool, self.name = pool, name

    @property
    def layers(self) -> dict[str, dict[str, Any]]:
        """name -> {n_features, symmetry}"""
        layers: dict[str, dict[str, Any]] = self.pool.loaded["layers"]
        return layers

    def embed(self, structures: Sequence[Atoms]) -> Embedded:
        """Features (n_atoms, d) of every layer and site energies of all atoms of the structures, in input order."""
        with scratch("features") as folder:
            file = folder / "features.npz"
            messages = [structure_message(atoms) for atoms in structures]
            result = self.pool.request({"task": "features", "structures": messages, "file": str(file)})
            with np.load(file) as held:
                features = {name.removeprefix("layer/"): held[name] for name in held if name.startswith("layer/")}
                extras = {name.removeprefix("extra/"): held[name] for name in held if name.startswith("extra/")}
                energies, totals = held.get("site_energies"), held.get("structure_energies")
        return Embedded(features, energies, {int(i): why for i, why in result["refused"].items()}, totals, extras)

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV] of (n, d) features of the readout layer, element references and scales included."""
        with scratch("features") as folder:
            file = folder / "features.npz"
            np.savez(file, features=features, atomic_numbers=atomic_numbers)
            result = self.pool.request({"task": "readout", "file": str(file)})
        return np.array(result["site_energies"], dtype=np.float64)

    def energies(self, structures: Sequence[Atoms], progress: Progress = silent) -> FloatArray:
        """(n,) total energies [eV], NaN where the model refuses the structure.

        Raises
        ------
        ModelError
            The model is a control and has no energies.
        """
        if not self.pool.loaded["energies"]:
            raise ModelError(
                f"The model {self.name!r} has no energies.",
                "Energies come from a trained potential.",
                "Choose one: platonic models",
            )
        n_atoms = max(1, sum(len(atoms) for atoms in structures))
        tell = counter(progress, f"energies with {self.name}", n_atoms)
        results = self.pool.run(_jobs("energies", structures, ENERGY_SLICE_ATOMS), tell)
        values = [np.nan if energy is None else energy for result in results for energy in result["energies"]]
        return np.array(values, dtype=np.float64)

    def relax(self, structures: Sequence[Atoms], progress: Progress = silent) -> list[Relaxed]:
        """Crystals with cell and coordinates at rest, their space groups kept (`engine.extract.relaxing`).

        Raises
        ------
        ModelError
            Forces of this model's family are not read here.
        """
        tell = counter(progress, f"relaxing with {self.name}", max(1, sum(len(atoms) for atoms in structures)))
        results = self.pool.run(_jobs("relax", structures, RELAXED_SLICE_ATOMS), tell)
        return [_relaxed(message) for result in results for message in result["relaxed"]]


@contextmanager
def model_session(
    spec: ModelSpec | str,
    *,
    weights: Path | None = None,
    trust_weights: bool = False,
    device: str = "cpu",
    workers: int = 1,
    env_root: Path | None = None,
) -> Iterator[ModelSession]:
    """Workers with one model loaded: `with model_session("chgnet-0.3.0") as model: model.energies(structures)`.

    Raises
    ------
    ModelError
        The model has no adapter or no environment here, or its weights are missing or not trusted.
    """
    chosen = find_model(spec) if isinstance(spec, str) else spec
    interpreter = find_interpreter(chosen.family, env_root=env_root)
    with WorkerPool(interpreter, load_job(chosen, weights, trust_weights, device), workers) as pool:
        yield ModelSession(pool, chosen.name)


def energies(
    structures: Sequence[Atoms],
    spec: ModelSpec | str,
    *,
    weights: Path | None = None,
    trust_weights: bool = False,
    device: str = "cpu",
    workers: int = 1,
    env_root: Path | None = None,
    progress: Progress = silent,
) -> FloatArray:
    """(n,) total energies [eV], NaN where the model refuses the structure; a worker process for all of them.

    Many rounds with the same model, as in a relaxation, go through `model_session`.
    """
    session = model_session(
        spec, weights=weights, trust_weights=trust_weights, device=device, workers=workers, env_root=env_root
    )
    with session as model:
        return model.energies(structures, progress)


def _relaxed(message: Message) -> Relaxed:
    energy = float("nan") if message["energy"] is None else float(message["energy"])
    return Relaxed(np.array(message["cell"]), np.array(message["positions"]), energy, message["reason"])


def _jobs(task: str, structures: Sequence[Atoms], slice_atoms: int) -> Iterator[Mapping[str, Any]]:
    part: list[Message] = []
    filled = 0
    for atoms in structures:
        part.append(structure_message(atoms))
        filled += len(atoms)
        if filled >= slice_atoms:
            yield {"task": task, "structures": part}
            part, filled = [], 0
    if part:
        yield {"task": task, "structures": part}
