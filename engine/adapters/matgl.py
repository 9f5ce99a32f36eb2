"""Models of matgl: M3GNet (Chen and Ong 2022, doi:10.1038/s43588-022-00349-3) and TensorNet (Simeon and De Fabritiis
2023, arXiv:2306.06482).

Layer `readout`: the input of `model.final_layer`: for M3GNet the 64 or 128 node features after the last graph
convolution, for TensorNet the scalars of its tensors. A site energy is the gated MLP `final_layer` times the energy
scale plus the reference of the element.

matgl 4 sums the messages of an edge at its other end than the versions with which the checkpoints of 2021 and 2025.1
were trained. Loaded as they are, their energies are wrong by up to 1 eV/atom for compounds of several elements, and
nothing says so. A TensorNet of before says so by its model version; the files of M3GNet do not, so the catalogue marks
these checkpoints (`options.sums_at = "end"`). `restore_direction` makes their edges end where they did.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.adapters.named_classes import FILES, require_known_classes
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

# What a model may be made of: matgl imports any module that its files name.
KNOWN_CLASSES = {"Potential": ["matgl.apps"], "M3GNet": ["matgl.models"], "TensorNet": ["matgl.models"]}


class MatGLReader(BatchedAdapter):
    """A matgl potential in a folder; the checkpoint named is its `state.pt`."""

    environment: ClassVar[str | None] = "matgl"
    requires: ClassVar[tuple[str, ...]] = ("matgl",)
    pickled: ClassVar[bool] = True  # its settings name classes, which the package imports and makes
    beside: ClassVar[tuple[str, ...]] = FILES
    batch_atoms: ClassVar[int] = 64

    def __init__(self, potential: Any, *, device: str) -> None:
        from ase.data import atomic_numbers
        from matgl.ext.ase import Atoms2Graph

        self.model, self.device = potential.model.to(device).eval().requires_grad_(False), device
        if self.model.is_intensive or float(potential.data_mean) != 0 or getattr(potential, "calc_repuls", False):
            raise ModelError(
                "This matgl potential has no site energies (a mean over atoms, an offset, or a repulsion).",
                "Read are potentials whose energy is a sum over atoms.",
                "Choose one of the catalogue: platonic models",
            )
        self.converter = Atoms2Graph(element_types=self.model.element_types, cutoff=float(self.model.cutoff))
        self.row = {atomic_numbers[symbol]: row for row, symbol in enumerate(self.model.element_types)}
        self.elements = frozenset(self.row)
        self.scale = float(potential.data_std)
        self.references = _references(potential, len(self.row))
        self._read: list[Any] = []
        self.model.final_layer.register_forward_hook(
            lambda module, inputs, output: self._read.append((inputs[0], output))
        )
        self.layers = {READOUT: Layer(int(self.model.final_layer.in_feats), "O(3)")}

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        potential = read_potential(weights)
        if spec.options.get("sums_at") == "end" or _is_older(weights):
            restore_direction(potential.model)
        return cls(potential, device=device)

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        """The package fetches from the Hugging Face organisation `materialyze`, by the name of the folder."""
        from matgl.utils.io import _get_file_paths

        folder = Path(spec.checkpoint).parent
        return Path(_get_file_paths(folder, str_path=str(folder))["state.pt"]) if spec.checkpoint else None

    def refusal(self, atoms: Atoms) -> str | None:
        if (reason := super().refusal(atoms)) is not None:
            return reason
        if atoms.pbc.any() and not atoms.pbc.all():
            return "periodic in one or two directions, which matgl takes for a molecule (use a cell with vacuum, pbc T T T)"
        return None

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        import torch
        from torch_geometric.data import Batch

        self._read.clear()
        with torch.no_grad():
            graph = Batch.from_data_list([self._graph(atoms) for atoms in structures]).to(self.device)
            self.model(g=graph, state_attr=torch.zeros(len(structures), 2, device=self.device))
        features, learned = self._read.pop()
        numbers = np.concatenate([atoms.numbers for atoms in structures])
        return Forward({READOUT: features.cpu().numpy()}, self._scaled(learned, numbers))

    def _graph(self, atoms: Atoms) -> Any:
        graph, lattice, _ = self.converter.get_graph(atoms)
        lattice = lattice.reshape(3, 3)
        graph.pbc_offshift = graph.pbc_offset @ lattice
        graph.pos = graph.frac_coords @ lattice
        return graph

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV]."""
        import torch

        inputs = torch.as_tensor(np.asarray(features, dtype=np.float32), device=self.device)
        with torch.no_grad():
            learned = self.model.final_layer(inputs)
        self._read.clear()
        return self._scaled(learned, np.asarray(atomic_numbers))

    def _scaled(self, learned: Any, atomic_numbers: IntArray) -> FloatArray:
        values = learned.reshape(-1).cpu().numpy().astype(np.float64)
        rows = np.array([self.row[int(number)] for number in atomic_numbers], dtype=int)
        scaled: FloatArray = self.scale * values + self.references[rows]
        return scaled


def read_potential(weights: Path | None) -> Any:
    """The potential in the folder of a checkpoint file.

    Raises
    ------
    ModelError
        The folder lacks a file, names a class that no such model is made of, or its files do not fit together.
    """
    import matgl

    if weights is None:
        raise ModelError(
            "A matgl model has no checkpoint.",
            f"It is a folder with {', '.join(FILES)}.",
            "Name its state.pt: platonic embed ATLAS --model NAME --family matgl --weights FOLDER/state.pt --trust-weights",
        )
    folder = weights.parent
    require_known_classes(folder, KNOWN_CLASSES, "matgl")
    try:
        return matgl.load_model(folder)
    except Exception as error:  # the package wraps whatever went wrong in errors of its own
        cause = error.__cause__ or error
        raise ModelError(
            f"{folder} cannot be read as a matgl model ({type(cause).__name__}: {str(cause).splitlines()[0][:200]}).",
            "Its three files belong together, as matgl saved them.",
            "Fetch the folder again if a file was cut off.",
        ) from error


def _is_older(weights: Path | None) -> bool:
    """Whether the files say that a version before 4 wrote them: its TensorNet carries the first model version."""
    if weights is None:
        return False
    told = json.loads((weights.parent / "model.json").read_text(encoding="utf-8"))
    return int(told["kwargs"]["model"].get("@model_version", 0)) < 2


def restore_direction(model: Any) -> None:
    """Sum the messages of each edge at its end, as matgl did before version 4.

    TensorNet's messages are symmetric but for the order in which the two elements enter, so that exchanging the halves
    of the matrix that joins them is the same; M3GNet's graph convolutions are given the sum of before.
    """
    import torch

    if hasattr(model, "tensor_embedding"):
        weight = model.tensor_embedding.emb2.weight
        with torch.no_grad():
            weight.copy_(torch.cat(weight.chunk(2, dim=1)[::-1], dim=1))
        return
    for layer in model.graph_layers:
        layer.conv.node_update_ = MethodType(_sum_at_end, layer.conv)


def _sum_at_end(
    conv: Any, edge_index: Any, edge_feat: Any, node_feat: Any, rbf: Any, u_per_edge: Any, num_nodes: int
) -> Any:
    """Equation 5 of M3GNet for models without a state, summed at the end of each edge."""
    import torch

    start, end = edge_index[0], edge_index[1]
    inputs = torch.hstack([node_feat[start], node_feat[end], edge_feat])
    messages = conv.node_update_func(inputs) * conv.node_weight_func(rbf)
    return torch.zeros(num_nodes, messages.shape[1], device=messages.device).index_add(0, end, messages)


def _references(potential: Any, n_elements: int) -> FloatArray:
    if potential.element_refs is None:
        return np.zeros(n_elements)
    references: FloatArray = potential.element_refs.property_offset.detach().cpu().numpy().astype(np.float64)
    return references.reshape(-1)
