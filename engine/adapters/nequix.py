"""Nequix: E(3)-equivariant message passing (Koker et al. 2025, arXiv:2508.16067), read through its torch backend.

Layer `readout`: the output of the last convolution, 128 scalars, input of the linear energy head `model.readout`. A
site energy is that head, scaled and shifted, plus the reference of the element: exactly linear in the features.

A checkpoint (`.nqx`) is a line of JSON and NumPy arrays without pickles, which the package turns into the weights of
its torch backend with JAX, once a file: the result is kept in the user's cache under the digest of the checkpoint.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.adapters.weights import cache_folder, file_digest, written_whole
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

DOWNLOADS = Path("~/.cache/nequix/models")
TORCH_SUFFIX = ".pt"


class Nequix(BatchedAdapter):
    """A Nequix checkpoint, `.nqx` or the `.pt` of a training with torch."""

    environment: ClassVar[str | None] = "nequix"
    requires: ClassVar[tuple[str, ...]] = ("nequix",)
    batch_atoms: ClassVar[int] = 32

    def __init__(self, model: Any, config: dict[str, Any], *, device: str) -> None:
        from nequix.data import atomic_numbers_to_indices

        self.model = model.to(device).eval().requires_grad_(False)
        self.device = device
        self.cutoff = float(config["cutoff"])
        self.indices = atomic_numbers_to_indices(config["atomic_numbers"])
        self.elements = frozenset(self.indices)
        self.layers = {READOUT: Layer(model.readout.irreps_in.dim, "O(3)")}
        self._read: list[Any] = []
        self.model.readout.register_forward_pre_hook(lambda module, inputs: self._read.append(inputs[0]))

    @classmethod
    def cached(cls, spec: ModelSpec) -> Sequence[Path]:
        return (DOWNLOADS.expanduser() / Path(spec.checkpoint).name,) if spec.checkpoint else ()

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        """Fetch the file from where the package would, to where it would put it; None for one that it does not offer.

        Not by the package's own call, which writes in place: two workers would mix their bytes, and what an
        interruption left would be taken for the checkpoint ever after.
        """
        import urllib.request

        from nequix.calculator import NequixCalculator

        address = NequixCalculator.URLS.get(Path(spec.checkpoint).stem)
        if address is None:
            return None
        place = cls.cached(spec)[0]
        with written_whole(place) as partial:
            urllib.request.urlretrieve(address, partial)
        return place

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        if weights is None:
            raise ModelError(
                "A Nequix model has no checkpoint file.",
                "Every Nequix model is read from one, .nqx or .pt.",
                "Name it: platonic embed ATLAS --model NAME --family nequix --weights FILE",
            )
        os.environ.setdefault("JAX_PLATFORMS", "cpu")  # JAX converts files here; what runs is torch
        model, config = _read(weights, file_digest(weights))
        return cls(model, config, device=device)

    def refusal(self, atoms: Atoms) -> str | None:
        if (reason := super().refusal(atoms)) is not None:
            return reason
        if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell[:]).all()):
            return "positions or cell are not finite"
        return None

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        import torch

        graphs = [self._graph(atoms) for atoms in structures]
        starts = np.cumsum([0, *(len(atoms) for atoms in structures[:-1])])
        displacements = np.concatenate([displacement for displacement, *_ in graphs]).astype(np.float32)
        species = np.concatenate([[self.indices[z] for z in atoms.numbers] for atoms in structures])
        senders = np.concatenate([senders + start for (_, senders, _), start in zip(graphs, starts, strict=True)])
        receivers = np.concatenate([receivers + start for (*_, receivers), start in zip(graphs, starts, strict=True)])
        self._read.clear()
        with torch.inference_mode():
            tensors = [
                torch.as_tensor(part, device=self.device) for part in (displacements, species, senders, receivers)
            ]
            energies = self.model.node_energies(*tensors).cpu().numpy().astype(np.float64)[:, 0]
        return Forward({READOUT: self._read.pop().cpu().numpy()}, energies)

    def _graph(self, atoms: Atoms) -> tuple[FloatArray, IntArray, IntArray]:
        """Displacements (n_edges, 3) [Å], senders and receivers (n_edges,) of all pairs within the cutoff.

        The package's calculator forgets the lattice vectors of what is periodic in one or two directions only.
        """
        from nequix.data import preprocess_graph

        graph = preprocess_graph(atoms, self.indices, self.cutoff, False)
        senders, receivers = graph["senders"].astype(np.int64), graph["receivers"].astype(np.int64)
        apart = atoms.positions[senders] - atoms.positions[receivers]
        return apart + graph["shifts"].astype(np.float64) @ atoms.cell[:], senders, receivers

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV]."""
        import torch

        species = torch.tensor([self.indices[int(z)] for z in atomic_numbers], dtype=torch.int64, device=self.device)
        with torch.inference_mode():
            learned = self.model.readout(torch.as_tensor(np.asarray(features, dtype=np.float32), device=self.device))
            energies = learned * self.model.scale + self.model.shift + self.model.atom_energies[species, None]
        self._read.clear()
        found: FloatArray = energies.cpu().numpy().astype(np.float64)[:, 0]
        return found


def _read(weights: Path, digest: str) -> tuple[Any, dict[str, Any]]:
    """The torch model and the configuration of a checkpoint.

    Raises
    ------
    ModelError
        The file is no checkpoint of Nequix, or is damaged.
    """
    try:
        return _read_torch(weights) if weights.suffix == TORCH_SUFFIX else _read_converted(weights, digest)
    except Exception as error:  # JSON, NumPy, torch and equinox each say in their own way what they could not read
        said = str(error).strip().splitlines()
        raise ModelError(
            f"{weights} cannot be read as a checkpoint of Nequix ({type(error).__name__}: {said[0][:200] if said else ''}).",
            "Such a file holds a line of JSON, the configuration, and then the weights (.nqx or .pt).",
            "Fetch it again, or name another: platonic embed ATLAS --model NAME --family nequix --weights FILE",
        ) from error


def _read_torch(file: Path) -> tuple[Any, dict[str, Any]]:
    import torch
    from nequix.torch_impl.model import load_model

    with file.open("rb") as stream:
        stream.readline()
        held = torch.load(stream, map_location="cpu", weights_only=True)  # first: the package leaves that to torch
    model, config = load_model(file, False)
    # The package loads what fits and leaves the rest at random; tensor products hold constants that it makes anew.
    if missing := [name for name in model.state_dict() if name not in held and ".tp." not in name]:
        raise KeyError(f"{missing[0]} and {len(missing) - 1} other weights are not in the file")
    return model, config


def _read_converted(weights: Path, digest: str) -> tuple[Any, dict[str, Any]]:
    """The torch form of an `.nqx` file: from the cache, else made as the package makes it, and kept there."""
    kept = cache_folder() / "nequix" / f"{digest}{TORCH_SUFFIX}"
    # Not there, or damaged since: it is made again.
    with contextlib.suppress(Exception):
        return _read_torch(kept)
    from nequix.model import load_model
    from nequix.torch_impl.model import save_model
    from nequix.torch_impl.utils import convert_model_jax_to_torch

    model, config = convert_model_jax_to_torch(*load_model(weights, False), False)
    with contextlib.suppress(OSError), written_whole(kept) as partial:  # without a cache the next worker converts again
        save_model(partial, model, config)
    return model, config
