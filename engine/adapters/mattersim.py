"""MatterSim: M3GNet trained on first-principles data at high temperatures and pressures (Yang et al. 2024,
arXiv:2405.04967).

Layer `readout`: the input of `model.final`, the 128 (1M) or 256 (5M) atom features after the last block. A site energy
is the gated MLP `final`, scaled and shifted for each element by `model.normalizer`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.elements import MODEL_ELEMENTS
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

CACHE = "~/.local/mattersim/pretrained_models"


class MatterSimReader(BatchedAdapter):
    """A MatterSim checkpoint of the M3GNet kind."""

    environment: ClassVar[str | None] = "mattersim"
    requires: ClassVar[tuple[str, ...]] = ("mattersim",)
    pickled: ClassVar[bool] = True
    batch_atoms: ClassVar[int] = 64

    def __init__(self, model: Any, *, device: str) -> None:
        from mattersim.datasets.utils.convertor import GraphConvertor

        self.model, self.device = model.to(device).eval().requires_grad_(False), device
        settings = model.model_args
        self.converter = GraphConvertor("m3gnet", settings["cutoff"], True, settings["threebody_cutoff"])
        # The one-hot input has a place for Po to Ra as well; no training structure held them.
        self.elements = frozenset(MODEL_ELEMENTS)
        self._read: deque[Any] = deque(maxlen=1)  # the calculator, which runs the same network, fills it too
        model.final.register_forward_hook(lambda module, inputs, output: self._read.append((inputs[0], output)))
        self.layers = {READOUT: Layer(int(settings["units"]), "O(3)")}

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        return cls(read_model(weights, device), device=device)

    @classmethod
    def cached(cls, spec: ModelSpec) -> Sequence[Path]:
        return (Path(CACHE).expanduser() / spec.checkpoint,) if spec.checkpoint else ()

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        from mattersim.utils.download_utils import download_checkpoint

        folder = Path(CACHE).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        download_checkpoint(spec.checkpoint, save_folder=str(folder))
        return folder / spec.checkpoint

    def refusal(self, atoms: Atoms) -> str | None:
        if (reason := super().refusal(atoms)) is not None:
            return reason
        if not atoms.pbc.any() or atoms.pbc.all():
            return None
        # The package moves atoms back into the cell in directions without periods too, and so tears a slab apart.
        if atoms.cell.rank < 3 or (_outside(atoms)[:, ~atoms.pbc]).any():
            return "periodic in one or two directions with atoms outside the cell, which MatterSim would move"
        return None

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        import torch
        from mattersim.forcefield.potential import batch_to_dict
        from torch_geometric.data import Batch

        self._read.clear()
        with torch.no_grad():
            graphs = [self.converter.convert(atoms.copy()) for atoms in structures]
            self.model(batch_to_dict(Batch.from_data_list(graphs), device=self.device))
        features, learned = self._read.pop()
        numbers = np.concatenate([atoms.numbers for atoms in structures])
        return Forward({READOUT: features.cpu().numpy()}, self._scaled(learned, numbers))

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV]."""
        import torch

        inputs = torch.as_tensor(np.asarray(features, dtype=np.float32), device=self.device)
        with torch.no_grad():
            learned = self.model.final(inputs)
        self._read.clear()
        return self._scaled(learned, np.asarray(atomic_numbers))

    def calculator(self) -> Any:
        """The package's own, on this network."""
        from mattersim.forcefield import MatterSimCalculator
        from mattersim.forcefield.potential import Potential

        return MatterSimCalculator(Potential(self.model, device=self.device), device=self.device)

    def _scaled(self, learned: Any, atomic_numbers: IntArray) -> FloatArray:
        import torch

        numbers = torch.as_tensor(np.asarray(atomic_numbers), dtype=torch.long, device=self.device)
        with torch.no_grad():
            scaled = self.model.normalizer(learned.reshape(-1), numbers)
        energies: FloatArray = scaled.cpu().numpy().astype(np.float64)
        return energies


def read_model(weights: Path | None, device: str) -> Any:
    """The network of a checkpoint file (a pickle: the digest was checked before).

    Raises
    ------
    ModelError
        The file is no MatterSim checkpoint, or its weights do not fit its settings.
    """
    import torch
    from mattersim.forcefield.m3gnet.m3gnet import M3Gnet

    if weights is None:
        raise ModelError(
            "A MatterSim model has no checkpoint file.",
            "Every MatterSim model is read from one.",
            "Name it: platonic embed ATLAS --model NAME --family mattersim --weights FILE --trust-weights",
        )
    try:
        saved = torch.load(weights, map_location=device, weights_only=False)
        model = M3Gnet(device=device, **saved["model_args"])
        model.load_state_dict(saved["model"], strict=False)
    except Exception as error:  # a broken pickle can fail in any way
        raise ModelError(
            f"{weights} cannot be read as a MatterSim model ({type(error).__name__}: {str(error)[:200]}).",
            "A checkpoint holds 'model_args' and 'model' of MatterSim's M3GNet.",
            "Name such a file, or fetch it again if it was cut off.",
        ) from error
    return model


def _outside(atoms: Atoms) -> Any:
    """(n, 3) which coordinates lie outside the cell."""
    scaled = atoms.get_scaled_positions(wrap=False)
    return (scaled < 0) | (scaled >= 1)
