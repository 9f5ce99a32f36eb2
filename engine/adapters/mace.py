"""MACE: higher-order equivariant message passing (Batatia et al. 2022, arXiv:2206.07697), models of the MACE-MP series.

Layer `readout`: the 0e scalars of `node_feats` of all interactions one after the other (128 each), every number that
the energy heads read: a linear readout of the first interaction and an MLP of the last, summed, times a scale plus a
shift, plus the energy of the isolated atom. Layer `layer-1`: the scalars of the first interaction alone, which Li and
Walsh used. The pair repulsion of some models (ZBL, MACE-OMAT) depends on positions alone and is kept as
`site_energy_offset`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

FIRST = "layer-1"
# What the package calls the models that it can download.
DOWNLOADS = {
    "mace-mp-0-small": "small",
    "mace-mp-0-medium": "medium",
    "mace-mp-0-large": "large",
    "mace-omat-0-small": "small-omat-0",
    "mace-omat-0-medium": "medium-omat-0",
}


class MACEReader(BatchedAdapter):
    """A MACE model as the package saves it: a pickle of the whole module."""

    environment: ClassVar[str | None] = "mace"
    requires: ClassVar[tuple[str, ...]] = ("mace",)
    pickled: ClassVar[bool] = True
    batch_atoms: ClassVar[int] = 32

    def __init__(self, model: Any, *, head: str | None, device: str) -> None:
        from e3nn import o3
        from mace.tools import AtomicNumberTable

        # Float32, as the package's calculators evaluate these models.
        self.model = model.float().to(device).eval().requires_grad_(False)
        self.device = device
        numbers = [int(number) for number in model.atomic_numbers]
        self.table = AtomicNumberTable(numbers)
        self.elements = frozenset(numbers)
        self.heads = list(getattr(model, "heads", None) or ["Default"])
        self.head = _chosen_head(self.heads, head)
        widths = [o3.Irreps(str(product.linear.irreps_out)) for product in model.products]
        self.widths = [irreps.dim for irreps in widths]
        self.scalars = [_scalars(irreps) for irreps in widths]
        self.layers = {
            READOUT: Layer(sum(map(len, self.scalars)), "O(3)"),
            FIRST: Layer(len(self.scalars[0]), "O(3)"),
        }
        self._pair: list[Any] = []
        if hasattr(model, "pair_repulsion"):
            self.extras = ("site_energy_offset",)
            model.pair_repulsion_fn.register_forward_hook(lambda module, inputs, output: self._pair.append(output))

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        return cls(read_model(weights), head=spec.modal, device=device)

    @classmethod
    def cached(cls, spec: ModelSpec) -> Sequence[Path]:
        """The package keeps a file under its name less all but letters, digits and underscores."""
        root = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "mace"
        name = "".join(letter for letter in Path(spec.checkpoint).name if letter.isalnum() or letter == "_")
        return (root / name,) if name else ()

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        if spec.name not in DOWNLOADS:
            return None
        import mace.calculators  # noqa: F401  (before its submodules: it sets up e3nn)
        from mace.calculators.foundations_models import download_mace_mp_checkpoint

        return Path(download_mace_mp_checkpoint(DOWNLOADS[spec.name]))

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        import torch

        batch = self._batch(structures)
        self._pair.clear()
        with torch.no_grad():
            found = self.model(batch, compute_force=False)
        parts = self._split(found["node_feats"])
        energies = found["node_energy"].cpu().numpy().astype(np.float64)
        features = {READOUT: np.concatenate(parts, axis=1), FIRST: parts[0]}
        if not self.extras:
            return Forward(features, energies)
        offset = self._offset(batch)
        return Forward(features, energies - offset, extras={"site_energy_offset": offset})

    def _batch(self, structures: Sequence[Atoms]) -> dict[str, Any]:
        from mace import data
        from mace.tools import torch_geometric

        graphs = [
            data.AtomicData.from_config(
                data.config_from_atoms(atoms, head_name=self.head),
                z_table=self.table, cutoff=float(self.model.r_max), heads=self.heads,
            )
            for atoms in structures
        ]  # fmt: skip
        batch: dict[str, Any] = torch_geometric.batch.Batch.from_data_list(graphs).to(self.device).to_dict()
        return batch

    def _split(self, node_feats: Any) -> list[FloatArray]:
        """The scalars of each interaction, (n_atoms, 128) each."""
        starts = np.cumsum([0, *self.widths])
        whole = node_feats.cpu().numpy()
        return [whole[:, start + at] for start, at in zip(starts, self.scalars, strict=False)]

    def _offset(self, batch: dict[str, Any]) -> FloatArray:
        """(n_atoms,) the pair repulsion [eV]; the model scales it like the rest of the interaction energy."""
        pair = self._pair.pop()
        index = self.heads.index(self.head)
        scale = self.model.scale_shift.scale.reshape(-1)
        scaled: FloatArray = (pair * scale[min(index, len(scale) - 1)]).cpu().numpy().astype(np.float64)
        return scaled

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV] without the pair repulsion; what is not a scalar does not reach the energy."""
        import torch

        numbers = np.asarray(atomic_numbers)
        rows = torch.as_tensor(np.searchsorted(self.table.zs, numbers), device=self.device)
        heads = torch.full((len(numbers),), self.heads.index(self.head), dtype=torch.int64, device=self.device)
        every = torch.arange(len(numbers), device=self.device)
        attributes = torch.nn.functional.one_hot(rows, len(self.table.zs)).float()
        with torch.no_grad():
            alone = self.model.atomic_energies_fn(attributes)[every, heads]
            learned = sum(
                readout(inputs, heads)[every, heads]
                for readout, inputs in zip(self.model.readouts, self._inputs(features), strict=True)
            )
            interaction = self.model.scale_shift(learned, heads)
        energies: FloatArray = (alone.double() + interaction.double()).cpu().numpy()
        return energies

    def _inputs(self, features: FloatArray) -> list[Any]:
        """What each readout takes: the scalars where they belong, zero elsewhere."""
        import torch

        values = np.asarray(features, dtype=np.float32)
        ends = np.cumsum([len(at) for at in self.scalars])[:-1]
        inputs = []
        for width, at, part in zip(self.widths, self.scalars, np.split(values, ends, axis=1), strict=True):
            full = torch.zeros(len(values), width, device=self.device)
            full[:, at] = torch.as_tensor(part, device=self.device)
            inputs.append(full)
        return inputs[-1:] if len(self.model.readouts) == 1 else inputs


def read_model(weights: Path | None) -> Any:
    """The module in a checkpoint file (a pickle: the digest was checked before).

    Raises
    ------
    ModelError
        The file is not a MACE model.
    """
    import mace.calculators  # noqa: F401  (before e3nn.o3: it sets up how e3nn reads its constants)
    import torch

    if weights is None:
        raise ModelError(
            "A MACE model has no checkpoint file.",
            "Every MACE model is read from one.",
            "Name it: platonic embed ATLAS --model NAME --family mace --weights FILE --trust-weights",
        )
    try:
        model = torch.load(weights, map_location="cpu", weights_only=False)
    except Exception as error:  # a broken pickle can fail in any way
        raise _not_mace(weights, f"{type(error).__name__}: {str(error)[:200]}") from error
    if not all(hasattr(model, name) for name in ("r_max", "products", "readouts", "scale_shift")):
        raise _not_mace(weights, f"it holds a {type(model).__name__}")
    return model


def _not_mace(weights: Path, why: str) -> ModelError:
    return ModelError(
        f"{weights} cannot be read as a MACE model ({why}).",
        "A MACE model is a file that mace-torch saved, with a scaled and shifted energy.",
        "Name such a file, or fetch it again if it was cut off.",
    )


def _scalars(irreps: Any) -> IntArray:
    parts = zip(irreps, irreps.slices(), strict=True)
    return np.concatenate([np.arange(part.start, part.stop) for (_, ir), part in parts if str(ir) == "0e"])


def _chosen_head(heads: list[str], wanted: str | None) -> str:
    if wanted is None:
        return "Default" if "Default" in heads else heads[-1]
    if wanted not in heads:
        raise ModelError(
            f"The checkpoint has no head {wanted!r}.",
            f"Its heads: {', '.join(heads)}.",
            "Give the catalogue entry a `modal`, one of these.",
        )
    return wanted
