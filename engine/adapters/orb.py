"""Orb: attention-augmented graph networks without built-in symmetry (Neumann et al. 2024, arXiv:2410.22570; Rhodes et al.
2025, arXiv:2504.06231).

Layer `readout`: the 256 node features of the trunk. The energy head takes their mean over the crystal, so that there
are no site energies. A network that does not know rotations gives other features to a crystal that was turned: every
crystal is brought into spglib's standard orientation, turned by a fixed set of rotations, and its features are
averaged. The spread over the rotations is kept a site (`rotation_spread`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from engine.adapters.base import BatchedAdapter, Forward
from engine.adapters.orientations import rotations, standard_rotation, turned
from engine.elements import MODEL_ELEMENTS
from engine.errors import ModelError, UsageError
from engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

ROTATIONS = 8
# The architecture of a checkpoint, by the name of the package's function that builds it.
BUILDERS = {
    "orb-d3-xs-v2": "orb_d3_xs_v2",
    "orb-v3-con-omat": "orb_v3_conservative_inf_omat",
    "orb-v3-dir-omat": "orb_v3_direct_inf_omat",
}


class OrbReader(BatchedAdapter):
    """An Orb checkpoint; `options.builder` of its catalogue entry names the architecture, `options.rotations` how many."""

    environment: ClassVar[str | None] = "orb"
    requires: ClassVar[tuple[str, ...]] = ("orb_models", "spglib")
    pickled: ClassVar[bool] = True
    structure_energies: ClassVar[bool] = True
    batch_atoms: ClassVar[int] = 64
    extras = ("rotation_spread",)

    def __init__(self, model: Any, *, n_rotations: int, device: str) -> None:
        self.model, self.device = model.to(device).eval().requires_grad_(False), device
        self.trunk = model.model
        # The network takes any atomic number up to 118 and says nothing; its training sets hold these 89 elements.
        self.elements = frozenset(MODEL_ELEMENTS)
        self.rotations = rotations(n_rotations)
        self.parameters = {"rotations": self.rotations.round(12).tolist(), "orientation": "spglib std_rotation_matrix"}
        self.layers = {READOUT: Layer(int(model.heads["energy"].mlp[0].in_features), "none")}

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        return cls(read_model(spec, weights, device), n_rotations=n_rotations(spec), device=device)

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        """By the package's own cache, from the address that its loader carries."""
        import inspect

        from orb_models.forcefield import pretrained

        build = _builder(spec, pretrained)
        return Path(pretrained.cached_path(inspect.signature(build).parameters["weights_path"].default))

    def refusal(self, atoms: Atoms) -> str | None:
        if (reason := super().refusal(atoms)) is not None:
            return reason
        if atoms.pbc.any() and not atoms.pbc.all():
            return "periodic in one or two directions, which Orb does not know (use a cell with vacuum, pbc T T T)"
        return "periodic, but its cell has no volume" if atoms.pbc.any() and atoms.cell.rank < 3 else None

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        """Features where a layer is wanted; energies, of the crystals as they lie, where none is."""
        if not layers:
            return Forward({}, structure_energies=self._energies(structures))
        standard = [turned(atoms, matrix) if (matrix := standard_rotation(atoms)) is not None else atoms for atoms in structures]
        each = np.stack([self._features([turned(atoms, matrix) for atoms in standard]) for matrix in self.rotations])
        mean = each.mean(axis=0, dtype=np.float64)
        away = np.sqrt(((each - mean) ** 2).sum(axis=2).mean(axis=0))
        spread = away / np.maximum(np.linalg.norm(mean, axis=1), 1e-12)
        return Forward({READOUT: mean.astype(np.float32)}, extras={"rotation_spread": spread})

    def _features(self, structures: Sequence[Atoms]) -> FloatArray:
        import torch

        with torch.no_grad():
            features: FloatArray = self.trunk(self._batch(structures))["node_features"].cpu().numpy()
        return features

    def _energies(self, structures: Sequence[Atoms]) -> FloatArray:
        """(n_structures,) [eV] of the crystals as they are given, as the package's calculator gives them."""
        import torch

        with torch.no_grad():
            batch = self._batch(structures)
            energy = self.model.heads["energy"].predict(self.trunk(batch)["node_features"], batch)
            if self.model.pair_repulsion:
                energy = energy + self.model.pair_repulsion_fn(batch)["energy"]
        energies: FloatArray = energy.reshape(-1).cpu().numpy().astype(np.float64)
        return energies

    def _batch(self, structures: Sequence[Atoms]) -> Any:
        import torch
        from orb_models.forcefield.atomic_system import ase_atoms_to_atom_graphs
        from orb_models.forcefield.base import batch_graphs

        device = torch.device(self.device)
        graphs = [ase_atoms_to_atom_graphs(bare(atoms), self.model.system_config, device=device) for atoms in structures]
        return batch_graphs(graphs)

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        raise ModelError(
            "Orb has no site energies: its energy head takes the mean over all atoms of a crystal.",
            "Site energies come from models that sum over atoms.",
            "Use the relative readout, or another model: platonic models",
        )


def bare(atoms: Atoms) -> Atoms:
    """A copy without what the package would read as targets."""
    copy = atoms.copy()
    copy.info, copy.calc = {}, None
    return copy


def n_rotations(spec: ModelSpec) -> int:
    """How many orientations are averaged: `options.rotations`.

    Raises
    ------
    UsageError
        It is no number of rotations.
    """
    wanted = spec.options.get("rotations", ROTATIONS)
    if not isinstance(wanted, int) or not 1 <= wanted <= 1000:
        raise UsageError(
            f"{wanted!r} is no number of rotations.",
            "Between 1 and 1,000 orientations are averaged.",
            f"Leave it out for {ROTATIONS}.",
        )
    return wanted


def read_model(spec: ModelSpec, weights: Path | None, device: str) -> Any:
    """The network of a checkpoint file, by the package's own loader.

    Raises
    ------
    ModelError
        The architecture is not known, or the file does not fit it.
    """
    from orb_models.forcefield import pretrained

    if weights is None:
        raise ModelError(
            "An Orb model has no checkpoint file.",
            "Every Orb model is read from one.",
            f"Name it: platonic embed ATLAS --model {spec.name} --weights FILE",
        )
    build = _builder(spec, pretrained)
    try:
        return build(weights_path=str(weights), device=device, compile=False)
    except Exception as error:  # torch raises errors of several kinds for a file that does not fit
        raise ModelError(
            f"{weights} cannot be read as {spec.name} ({type(error).__name__}: {str(error).splitlines()[0][:200]}).",
            f"It holds the weights of {spec.title}, as orb-models saved them.",
            "Name such a file, or fetch it again if it was cut off.",
        ) from error


def _builder(spec: ModelSpec, pretrained: Any) -> Any:
    name = spec.options.get("builder") or BUILDERS.get(spec.name)
    if name is None or not hasattr(pretrained, name):
        raise ModelError(
            f"The architecture of {spec.name} is not known ({name!r}).",
            f"Known: {', '.join(BUILDERS.values())}, and every other function of orb_models.forcefield.pretrained.",
            "Give the catalogue entry an option `builder`, one of these.",
        )
    return getattr(pretrained, name)
