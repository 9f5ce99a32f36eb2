"""CHGNet: charge-informed graph network with angles (Deng et al. 2023, doi:10.1038/s42256-023-00716-3).

Layer `readout`: the input of the energy MLP `model.mlp`, that is the 64 atom features after the fourth atom
convolution and `readout_norm` (the package's `return_atom_feas` is one convolution earlier). A site energy is the MLP
of these features plus the element reference of the composition model.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

# The embedding table has rows for Po, At, Rn, Fr and Ra too, but no training structure held them.
UNTRAINED_ELEMENTS = range(84, 89)


class CHGNetReader(BatchedAdapter):
    """A CHGNet checkpoint, read at the input of its energy MLP."""

    environment: ClassVar[str | None] = "sevennet"
    requires: ClassVar[tuple[str, ...]] = ("chgnet",)
    pickled: ClassVar[bool] = True

    def __init__(self, model: Any, *, device: str) -> None:
        if not model.mlp_first:
            raise ModelError(
                "This CHGNet checkpoint averages the atoms before its energy MLP.",
                "Site energies exist where the MLP comes first (mlp_first=True).",
                "Use a checkpoint trained with mlp_first=True, such as chgnet-0.3.0.",
            )
        self.model = model.to(device).eval().requires_grad_(False)
        self.device = device
        self.model.graph_converter.set_isolated_atom_response("ignore")  # `refusal` has dealt with them
        references = model.composition_model.fc.weight.detach().cpu().numpy()[0].astype(np.float64)
        self.references = references
        self.elements = frozenset(range(1, len(references) + 1)) - frozenset(UNTRAINED_ELEMENTS)
        self.layers = {READOUT: Layer(64, "O(3)")}
        self._read: deque[Any] = deque(maxlen=1)  # the calculator, which runs the same network, fills it too
        self.model.mlp.register_forward_pre_hook(lambda module, inputs: self._read.append(inputs[0]))

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        import torch
        from chgnet.model import CHGNet

        if weights is None:
            raise ModelError(
                "A CHGNet model has no checkpoint file.",
                "Every CHGNet model is read from one.",
                "Name it: platonic embed ATLAS --model NAME --family chgnet --weights FILE --trust-weights",
            )
        saved = torch.load(weights, map_location="cpu", weights_only=False)["model"]  # digest checked before
        # Checkpoints since 0.3.0 have no bias in the convolutions' output layers and do not say so.
        has_bias = "atom_conv_layers.0.mlp_out.layers.1.bias" in saved["state_dict"]
        model = CHGNet(**{"mlp_out_bias": has_bias, **saved["model_args"]})
        model.load_state_dict(saved["state_dict"])
        return cls(model, device=device)

    def refusal(self, atoms: Atoms) -> str | None:
        if (reason := super().refusal(atoms)) is not None:
            return reason
        if not atoms.pbc.all() or atoms.cell.rank < 3:
            return "not periodic in three directions, which CHGNet needs (a cell with vacuum and pbc T T T would do)"
        alone = len(atoms) - len(np.unique(self._centres(atoms)))
        cutoff = self.model.graph_converter.atom_graph_cutoff
        return f"{alone} atoms have no neighbour within {cutoff:g} Å" if alone else None

    def _centres(self, atoms: Atoms) -> IntArray:
        """(n_edges,) the atom that each edge of the atom graph starts from."""
        from pymatgen.optimization.neighbors import find_points_in_spheres

        positions = np.ascontiguousarray(atoms.positions, dtype=float)
        centres, neighbours, _, distances = find_points_in_spheres(
            positions,
            positions,
            r=float(self.model.graph_converter.atom_graph_cutoff),
            pbc=np.ones(3, dtype=np.int64),
            lattice=np.ascontiguousarray(atoms.cell[:], dtype=float),
            tol=1e-8,
        )
        kept: IntArray = centres[(centres != neighbours) | (distances > 1e-8)]
        return kept

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        import torch

        self._read.clear()
        # no_grad and not inference_mode: the package marks positions of its graphs as differentiable.
        with torch.no_grad():
            graphs = [self._graph(atoms).to(self.device) for atoms in structures]
            result = self.model(graphs, task="e", return_site_energies=True)
        features = self._read.pop().cpu().numpy()
        energies = torch.cat(list(result["site_energies"])).cpu().numpy().astype(np.float64)
        return Forward({READOUT: features}, energies)

    def _graph(self, atoms: Atoms) -> Any:
        from pymatgen.core import Lattice, Structure

        scaled = atoms.get_scaled_positions(wrap=False)
        return self.model.graph_converter(Structure(Lattice(atoms.cell[:]), atoms.numbers, scaled))

    def calculator(self) -> Any:
        """The package's own, on this network."""
        from chgnet.model.dynamics import CHGNetCalculator

        return CHGNetCalculator(self.model, use_device=self.device)

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV]."""
        import torch

        with torch.no_grad():
            learned = self.model.mlp(torch.as_tensor(np.asarray(features, dtype=np.float32), device=self.device))
        self._read.clear()
        references: FloatArray = self.references[np.asarray(atomic_numbers) - 1]
        return references + learned.cpu().numpy().astype(np.float64)[:, 0]
