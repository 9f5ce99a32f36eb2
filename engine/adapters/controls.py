"""Controls: what a model that learned nothing looks like. They are drawn and scored like any other model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from platonic_atlas.engine.adapters.base import BatchedAdapter, Forward
from platonic_atlas.engine.adapters.mace import MACEReader
from platonic_atlas.engine.adapters.sevennet import SevenNet, read_checkpoint
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import READOUT, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

N_ELEMENTS = 118


def no_energies(control: str) -> ModelError:
    return ModelError(
        f"The control {control} has no energies: it learned nothing.",
        "Site energies come from trained models.",
        "Choose one: platonic models",
    )


class OneHot(BatchedAdapter):
    """Feature k of an atom is 1 where its atomic number is k + 1, else 0; the surroundings do not count."""

    batch_atoms: ClassVar[int] = 4096

    def __init__(self) -> None:
        self.layers = {READOUT: Layer(N_ELEMENTS, "O(3)")}
        self.elements = frozenset(range(1, N_ELEMENTS + 1))

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        return cls()

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        numbers = np.concatenate([atoms.numbers for atoms in structures])
        return Forward({READOUT: np.eye(N_ELEMENTS, dtype=np.float32)[numbers - 1]})

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        raise no_energies("onehot")


class UntrainedSevenNet(SevenNet):
    """The architecture of a SevenNet checkpoint with random weights drawn from the seed of the catalogue entry."""

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        import torch
        from sevenn.model_build import build_E3_equivariant_model

        checkpoint = read_checkpoint(weights)
        config = checkpoint.config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed or 0)
            model = build_E3_equivariant_model(config)
        # The square root of the mean number of neighbours, set before a training begins; the configuration lacks it.
        constants = {name: v for name, v in checkpoint.model_state_dict.items() if name.endswith(".denominator")}
        model.load_state_dict(constants, strict=False)
        return cls(model, config, modal=spec.modal, device=device)

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        return Forward(super().forward(structures, layers).features)

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        raise no_energies("untrained-sevennet")


class UntrainedMACE(MACEReader):
    """The architecture of MACE-MP-0 small with random weights drawn from the seed of the catalogue entry."""

    pickled: ClassVar[bool] = False

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        from platonic_atlas.engine.adapters.mace_architecture import random_mace

        return cls(random_mace("mace-mp-0-small", spec.seed or 0), head=None, device=device)

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        return Forward(super().forward(structures, layers).features)

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        raise no_energies("untrained-mace")
