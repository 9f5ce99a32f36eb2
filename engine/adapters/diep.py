"""DIEP: direct integration of the external potential (Tawfik et al. 2024), the checkpoint of the `diep` package.

Layer `readout`: the input of `model.final_layer`, that is the 64 node features after the last graph layer. A site
energy is the gated MLP `final_layer` times the energy scale plus the energy of the isolated atom.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.adapters.named_classes import FILES, require_known_classes
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

# What a model may be made of: diep imports any module that its files name (`diep_pyg` is what it was called before 2.0).
KNOWN_CLASSES = {"Potential": ["diep.apps", "diep_pyg.apps"], "DIEP": ["diep.models", "diep_pyg.models"]}


class DIEPReader(BatchedAdapter):
    """A DIEP potential exported to a folder; the checkpoint named is its `state.pt`."""

    environment: ClassVar[str | None] = "sevennet"
    requires: ClassVar[tuple[str, ...]] = ("diep",)
    pickled: ClassVar[bool] = True
    beside: ClassVar[tuple[str, ...]] = FILES
    batch_atoms: ClassVar[int] = 32  # triplets grow fast: measured best on one thread, for small cells too

    def __init__(self, potential: Any, *, device: str) -> None:
        from ase.data import atomic_numbers
        from diep.ext.ase import Atoms2Graph

        model = potential.model
        if potential.calc_repuls or model.is_intensive or float(potential.data_mean) != 0:
            raise ModelError(
                "This DIEP potential has no site energies (repulsion, a mean over atoms, or an offset).",
                "Read are potentials whose energy is a sum over atoms.",
                "Use diep-matpes-r2scan, or export the model without these.",
            )
        self.potential = potential.to(device).eval().requires_grad_(False)
        self.device = device
        self.converter = Atoms2Graph(model.element_types, model.cutoff)
        numbers = [atomic_numbers[symbol] for symbol in model.element_types]
        self.elements = frozenset(numbers)
        self.row = {number: row for row, number in enumerate(numbers)}
        self.scale = float(potential.data_std)
        self.references = _references(potential, len(numbers))
        self.layers = {READOUT: Layer(int(model.final_layer.in_feats), "O(3)")}

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        from diep.pretrained import load_potential

        if weights is None:  # the package would take what an environment variable names
            raise ModelError(
                "A DIEP model has no checkpoint.",
                f"It is a folder with {', '.join(FILES)}.",
                "Name its state.pt: platonic embed ATLAS --model NAME --family diep --weights FOLDER/state.pt --trust-weights",
            )
        require_known_classes(weights.parent, KNOWN_CLASSES, "diep")
        return cls(load_potential(weights.parent, stress=False), device=device)

    def refusal(self, atoms: Atoms) -> str | None:
        if (reason := super().refusal(atoms)) is not None:
            return reason
        if atoms.pbc.any() and atoms.cell.rank < 3:
            return (
                "periodic in one or two directions without a cell vector in the others, which DIEP needs (add vacuum)"
            )
        return None

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        import torch
        from torch_geometric.data import Batch

        with torch.inference_mode():
            graph = Batch.from_data_list([self._graph(atoms) for atoms in structures]).to(self.device)
            self.potential.model(g=graph)
            features = graph.node_feat.cpu().numpy()
            learned = graph.atomic_properties.cpu().numpy().astype(np.float64)[:, 0]
        numbers = np.concatenate([atoms.numbers for atoms in structures])
        return Forward({READOUT: features}, self._scaled(learned, numbers))

    def _graph(self, atoms: Atoms) -> Any:
        wrapped = atoms.copy()
        wrapped.wrap()  # as the package's calculator does: its neighbour search scans the box of the positions
        graph, lattice, _ = self.converter.get_graph(wrapped)
        graph.pbc_offshift = graph.pbc_offset @ lattice[0]
        graph.pos = graph.frac_coords @ lattice[0]
        return graph

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV]."""
        import torch

        inputs = torch.as_tensor(np.asarray(features, dtype=np.float32), device=self.device)
        with torch.inference_mode():
            learned = self.potential.model.final_layer.gated(inputs).cpu().numpy().astype(np.float64)[:, 0]
        return self._scaled(learned, np.asarray(atomic_numbers))

    def _scaled(self, learned: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        rows = np.array([self.row[int(number)] for number in atomic_numbers], dtype=int)
        scaled: FloatArray = self.scale * learned + self.references[rows]
        return scaled


def _references(potential: Any, n_elements: int) -> FloatArray:
    if potential.element_refs is None:
        return np.zeros(n_elements)
    references: FloatArray = potential.element_refs.property_offset.detach().cpu().numpy().astype(np.float64)
    return references.reshape(-1)
