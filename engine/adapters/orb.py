"""Orb: graph networks without built-in symmetry (Neumann et al. 2024, arXiv:2410.22570; v3: Rhodes et al. 2025,
arXiv:2504.06231).

Layer `readout`: the 256 node features after the last message-passing step. The energy is an MLP of their mean over the
atoms, times the number of atoms, plus a reference of each element, so it belongs to the structure: no site energies.

Turning a crystal changes these features. They are therefore averaged over orientations (`orientations.py`), and the
spread over them is kept: rotation_spread = √(mean_i |f_i - f̄|²) / |f̄|, with f_i the features in orientation i and f̄
their mean. The bonds are searched once, in the orientation given, and turned. Energies are of the orientation given,
as the package's calculator has them; they cost a pass of their own, made only where they are asked for.
"""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.adapters.orientations import quaternions, rotations, standard_orientation
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

# Measured with orb-d3-xs-v2: one orientation is 13 % (median) away from the mean over all, 4 are 1.4 %, 8 are 0.8 %.
ROTATIONS = 8
RELEASES = "https://orbitalmaterials-public-models.s3.us-west-1.amazonaws.com/forcefields/"
# The 89 elements of MPtrj, which all releases were trained on or on a set with the same ones (Alexandria, OMat24);
# the embedding table has rows for 118, and the package runs with any of them without a word.
TRAINED_ELEMENTS = frozenset({*range(1, 84), *range(89, 95)})


class Orb(BatchedAdapter):
    """A checkpoint of Orb v2 or v3; which architecture it is of, its file name says, as in the package's releases."""

    environment: ClassVar[str | None] = "orb"
    requires: ClassVar[tuple[str, ...]] = ("orb_models", "spglib")
    pickled: ClassVar[bool] = True
    structure_energies: ClassVar[bool] = True
    batch_atoms: ClassVar[int] = 64

    extras: tuple[str, ...] = ("rotation_spread",)

    def __init__(self, model: Any, *, device: str, n_rotations: int) -> None:
        import torch

        if model.model.conditioner is not None:
            raise ModelError(
                "This Orb checkpoint takes the charge and the spin of a molecule.",
                "Read are the ones for crystals, which take neither.",
                "Choose one trained on OMat24 or on MPtrj and Alexandria: platonic models",
            )
        self.model = model.to(device).eval().requires_grad_(False)
        if self.model.pair_repulsion:
            self.model.pair_repulsion_fn.compute_gradients = False  # no forces
        self.device = device
        self.elements = TRAINED_ELEMENTS
        self.layers = {READOUT: Layer(model.model.gnn_stacks[-1].latent_dim, "none")}
        self.turns = torch.as_tensor(rotations(n_rotations), dtype=torch.float32, device=device)
        if n_rotations == 1:
            self.extras = ()  # one orientation has no spread, which is not to say that turning changes nothing
        self.parameters: Mapping[str, Any] = {
            "rotations": n_rotations,
            "quaternions": quaternions(n_rotations).tolist(),
            "orientation": "standard lattice of spglib, symprec 1e-3 Å; as given where the space group is 0",
        }

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        if weights is None:
            raise ModelError(
                "An Orb model has no checkpoint file.",
                "Every Orb model is read from one.",
                "Name it: platonic embed ATLAS --model NAME --family orb --weights FILE --trust-weights",
            )
        make = _loader(spec)
        try:
            # Not the default "high": it lets GPUs round what they multiply to ten bits.
            model = make(weights_path=str(weights), device=device, precision="float32-highest", compile=False)
        except Exception as error:  # a file that was cut off, or of another architecture: torch raises several kinds
            raise ModelError(
                f"{weights} does not fit the architecture that its name {Path(spec.checkpoint).name} says.",
                f"orb-models answers: {type(error).__name__}: {str(error).splitlines()[0][:200]}",
                "Name the file as the release that it was fine-tuned from, such as orb-v3-direct-inf-omat-mine.ckpt.",
            ) from error
        return cls(model, device=device, n_rotations=int(spec.options.get("rotations", ROTATIONS)))

    @classmethod
    def cached(cls, spec: ModelSpec) -> Sequence[Path]:
        """The files of cached_path, newest first: the digest of the address, a dot, and that of the version."""
        root = Path(os.environ.get("CACHED_PATH_CACHE_ROOT", Path.home() / ".cache" / "cached_path"))
        name = hashlib.sha256(release_address(spec.checkpoint).encode()).hexdigest()
        kept = [path for path in root.glob(f"{name}*") if path.suffix not in (".json", ".lock")]
        return sorted(kept, key=lambda path: path.stat().st_mtime, reverse=True)

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        from cached_path import cached_path

        return Path(cached_path(inspect.signature(_loader(spec)).parameters["weights_path"].default))

    def refusal(self, atoms: Atoms) -> str | None:
        if (reason := super().refusal(atoms)) is not None:
            return reason
        if atoms.pbc.any() and not atoms.pbc.all():
            return "periodic in some directions only, which Orb cannot do (a cell with vacuum and pbc T T T would do)"
        return None

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        import torch
        from orb_models.forcefield.base import batch_graphs

        with torch.inference_mode():
            batch = batch_graphs([self._graph(atoms) for atoms in structures])
            if not layers:
                return Forward({}, structure_energies=self._energies(batch))
            features, spread = self._averaged(batch, [standard_orientation(atoms) for atoms in structures])
        return Forward({READOUT: features}, extras={"rotation_spread": spread} if self.extras else {})

    def _graph(self, atoms: Atoms) -> Any:
        import torch
        from ase import Atoms as Bare
        from orb_models.forcefield.atomic_system import ase_atoms_to_atom_graphs

        # Without what a file brings along: the package reads features and targets out of `info`.
        bare = Bare(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
        return ase_atoms_to_atom_graphs(bare, self.model.system_config, device=torch.device(self.device))

    def _energies(self, batch: Any) -> FloatArray:
        """(n_structures,) [eV] in the orientation given."""
        energies = self.model.heads["energy"].predict(self.model.model(batch)["node_features"], batch)
        if self.model.pair_repulsion:
            energies = energies + self.model.pair_repulsion_fn(batch)["energy"]
        return np.atleast_1d(energies.cpu().numpy().astype(np.float64))

    def _averaged(self, batch: Any, standard: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
        """(n_atoms, d) mean over the orientations, and (n_atoms,) the spread over them relative to its length."""
        import torch

        turn = torch.as_tensor(np.array(standard), dtype=torch.float32, device=self.device)
        each = turn.repeat_interleave(batch.n_edge.to(self.device), dim=0)
        bonds = torch.einsum("eij,ej->ei", each, batch.edge_features["vectors"])
        total: Any = 0.0
        squares: Any = 0.0
        for turn in self.turns:
            batch.edge_features["vectors"] = bonds @ turn.T
            rows = self.model.model(batch)["node_features"].double()
            total, squares = total + rows, squares + rows.square().sum(dim=1)
        mean = total / len(self.turns)
        length = mean.square().sum(dim=1)
        spread = ((squares / len(self.turns) - length).clamp(min=0) / length).sqrt()
        return mean.float().cpu().numpy(), spread.cpu().numpy()

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        raise ModelError(
            "Orb has no site energies: its energy is a function of the mean over the atoms of a structure.",
            "Site energies come from models whose energy is a sum over atoms.",
            "Use total energies, or another model: platonic models",
        )


class UntrainedOrb(Orb):
    """The architecture of orb-d3-xs-v2 with random weights drawn from the seed of the catalogue entry."""

    pickled: ClassVar[bool] = False
    structure_energies: ClassVar[bool] = False

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        import torch
        from orb_models.forcefield.atomic_system import SystemConfig
        from orb_models.forcefield.pretrained import orb_v2_architecture

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed or 0)
            config = SystemConfig(radius=6.0, max_num_neighbors=20)
            model = orb_v2_architecture(num_message_passing_steps=5, device="cpu", system_config=config)
        return cls(model, device=device, n_rotations=int(spec.options.get("rotations", ROTATIONS)))

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        raise ModelError(
            "The control untrained-orb has no energies: it learned nothing.",
            "Energies come from trained models.",
            "Choose one: platonic models",
        )


def release_address(checkpoint: str) -> str:
    """Where orb-models has a file of its releases from."""
    return f"{RELEASES}{'orb-v3/' if checkpoint.startswith('orb-v3-') else ''}{checkpoint}"


def _loader(spec: ModelSpec) -> Any:
    """The package's function that makes the architecture a file name begins with and loads the file."""
    from orb_models.forcefield.pretrained import ORB_PRETRAINED_MODELS

    # Not the first generation, which the package no longer loads, nor its dispersion corrections.
    known = {name: made for name, made in ORB_PRETRAINED_MODELS.items() if name.startswith("orb-") and "v1" not in name}
    official = Path(spec.checkpoint).name
    fitting = [name for name in known if official.startswith(name)]
    if not fitting:
        raise ModelError(
            f"The file name {official!r} does not say which of Orb's architectures it is.",
            f"A checkpoint holds numbers only; its name begins with one of {', '.join(known)}.",
            "Name the file as the release that it was fine-tuned from, such as orb-v3-direct-inf-omat-mine.ckpt.",
        )
    return known[max(fitting, key=len)]
