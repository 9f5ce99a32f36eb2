"""SevenNet: E(3)-equivariant message passing (NequIP architecture, Park et al. 2024, doi:10.1021/acs.jctc.4c00190).

Layer `readout`: the 0e scalars of `x` after the last equivariant gate (`{N-1}_equivariant_gate`, 128 of them), the
input of the linear energy head 128 → 64 → 1 (`reduce_input_to_hidden`, `reduce_hidden_to_energy`), after which
`rescale_atomic_energy` multiplies the scale and adds the reference of each element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms


# What the package calls the models that it can download.
DOWNLOADS = {"sevennet-omat": "7net-omat"}


class SevenNet(BatchedAdapter):
    """A SevenNet checkpoint; a multi-fidelity one is read with the fidelity (`modal`) of its catalogue entry."""

    environment: ClassVar[str | None] = "sevennet"
    requires: ClassVar[tuple[str, ...]] = ("sevenn",)
    pickled: ClassVar[bool] = True

    def __init__(self, model: Any, config: dict[str, Any], *, modal: str | None, device: str) -> None:
        from sevenn import _keys as keys

        model.set_is_batch_data(True)
        model.key_grad = None  # nothing is differentiated: no forces
        self.model = model.to(device).eval().requires_grad_(False)
        self.device = device
        self.with_forces: Callable[[], Any] | None = None
        self.modal = _chosen_modal(model.modal_map, config.get(keys.DEFAULT_MODAL), modal)
        self.elements = frozenset(model.type_map)
        names = list(model._modules)
        gate = f"{config[keys.NUM_CONVOLUTION] - 1}_equivariant_gate"
        split = names.index(gate) + 1
        self.trunk = [model._modules[name] for name in names[:split]]
        self.head = [model._modules[name] for name in names[split : names.index("rescale_atomic_energy") + 1]]
        irreps = model._modules[gate].gate.irreps_out
        # By irreps and not by position: in some checkpoints pseudo-scalars come first.
        parts = zip(irreps, irreps.slices(), strict=True)
        self.scalars = np.concatenate([np.arange(part.start, part.stop) for (_, ir), part in parts if str(ir) == "0e"])
        self.width = irreps.dim
        self.layers = {READOUT: Layer(len(self.scalars), "O(3)" if config.get(keys.IS_PARITY) else "SO(3)")}

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        checkpoint = read_checkpoint(weights)
        made = cls(checkpoint.build_model(), checkpoint.config, modal=spec.modal, device=device)
        made.with_forces = checkpoint.build_model
        return made

    @classmethod
    def cached(cls, spec: ModelSpec) -> Sequence[Path]:
        """Where the package puts what is not in its wheel when it may not write into its own folder."""
        inside = spec.checkpoint.removeprefix("sevenn/")
        return (Path("~/.cache/sevennet").expanduser() / inside,) if inside else ()

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        """By the package's own download, for those of its models that are not in its wheel."""
        from sevenn.util import pretrained_name_to_path

        name = DOWNLOADS.get(spec.name)
        return None if name is None else Path(pretrained_name_to_path(name))

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        import torch
        from sevenn import _keys as keys
        from torch_geometric.data import Batch

        with torch.inference_mode():
            data = Batch.from_data_list([self._graph(atoms) for atoms in structures]).to(self.device)
            data = self.model._preprocess(data)
            for module in self.trunk:
                data = module(data)
            features = data[keys.NODE_FEATURE][:, self.scalars].cpu().numpy()
            for module in self.head:
                data = module(data)
            energies = data[keys.ATOMIC_ENERGY].cpu().numpy().astype(np.float64)
        return Forward({READOUT: features}, energies[:, 0])

    def _graph(self, atoms: Atoms) -> Any:
        from sevenn import _keys as keys
        from sevenn.atom_graph_data import AtomGraphData
        from sevenn.train.dataload import unlabeled_atoms_to_graph

        graph = AtomGraphData.from_numpy_dict(unlabeled_atoms_to_graph(atoms, self.model.cutoff, with_shift=False))
        if self.modal is not None:
            graph[keys.DATA_MODALITY] = self.modal
        return graph

    def calculator(self) -> Any:
        """The package's own, on a network of the same checkpoint: the one here has no forces."""
        from sevenn.calculator import SevenNetCalculator

        if self.with_forces is None:
            return super().calculator()
        network = self.with_forces()
        return SevenNetCalculator(network, file_type="model_instance", device=self.device, modal=self.modal)

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV]; the energy head sees scalars only, so what was sliced away may be zero."""
        import torch
        from sevenn import _keys as keys

        numbers = torch.as_tensor(np.asarray(atomic_numbers), dtype=torch.int64, device=self.device)
        full = torch.zeros(len(numbers), self.width, device=self.device)
        full[:, self.scalars] = torch.as_tensor(np.asarray(features, dtype=np.float32), device=self.device)
        data: dict[str, Any] = {
            keys.NODE_FEATURE: full,
            keys.ATOM_TYPE: self.model._atomic_numbers_to_onehot(numbers),
            keys.BATCH: torch.zeros_like(numbers),
        }
        if self.modal is not None:
            index = torch.tensor([self.model.modal_map[self.modal]], device=self.device)
            data[keys.MODAL_TYPE] = index
            data[keys.MODAL_ATTR] = torch.nn.functional.one_hot(index, len(self.model.modal_map)).float()
        with torch.inference_mode():
            for module in self.head:
                data = module(data)
        energies: FloatArray = data[keys.ATOMIC_ENERGY].cpu().numpy().astype(np.float64)[:, 0]
        return energies


def read_checkpoint(weights: Path | None) -> Any:
    """The package's own reader of a checkpoint file (a pickle: the digest was checked before)."""
    from sevenn.checkpoint import SevenNetCheckpoint

    if weights is None:
        raise ModelError(
            "A SevenNet model has no checkpoint file.",
            "Every SevenNet model is read from one.",
            "Name it: platonic embed ATLAS --model NAME --family sevennet --weights FILE --trust-weights",
        )
    checkpoint = SevenNetCheckpoint(weights)
    if not checkpoint.config:
        raise ModelError(
            f"{weights} is no SevenNet checkpoint: it holds no configuration.",
            "A checkpoint holds 'config' and 'model_state_dict'.",
            "Name a file that SevenNet's training or fine-tuning wrote.",
        )
    return checkpoint


def _chosen_modal(modal_map: dict[str, int] | None, default: str | None, modal: str | None) -> str | None:
    if not modal_map:
        return None
    chosen = modal or default
    if chosen not in modal_map:
        raise ModelError(
            f"The checkpoint has no fidelity {chosen!r}.",
            f"It was trained with: {', '.join(modal_map)}.",
            "Give the catalogue entry a `modal`, one of these.",
        )
    return chosen
