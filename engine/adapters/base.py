"""What every family of models offers, and how families are found.

An adapter is a class named in the entry-point group `platonic_atlas.families`; a third party adds a family by
installing a package with such an entry point into the family's environment. Its module imports nothing heavy
before `load`, because the main process reads the class attributes.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np

from engine.errors import ModelError, UntrustedWeights, WeightsMissing
from engine.types import READOUT, Embedded, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

GROUP = "platonic_atlas.families"

# A worker does not see the metadata of this distribution (it sees the package only), so these are known by name too.
BUILT_IN = {
    "sevennet": "engine.adapters.sevennet:SevenNet",
    "chgnet": "engine.adapters.chgnet:CHGNetReader",
    "diep": "engine.adapters.diep:DIEPReader",
    "onehot": "engine.adapters.controls:OneHot",
    "untrained-sevennet": "engine.adapters.controls:UntrainedSevenNet",
}


class Adapter(Protocol):
    """One loaded checkpoint: forward passes only, no forces, no autograd graph.

    environment : name of the Python environment that holds the family, None where any interpreter serves
    requires : packages whose presence shows that an interpreter can run it
    pickled : True where loading the checkpoint runs code from it
    layers : name -> Layer ; elements : atomic numbers that the model knows
    """

    environment: ClassVar[str | None]
    requires: ClassVar[tuple[str, ...]]
    pickled: ClassVar[bool]
    layers: Mapping[str, Layer]
    elements: frozenset[int]

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        """Load a checkpoint whose file was checked already."""

    def refusal(self, atoms: Atoms) -> str | None:
        """Why the model cannot take this structure, or None; the model does not run."""

    def embed(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Embedded:
        """Features of every atom, rows in input order; NaN rows for refused structures."""

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV] from (n, n_features) features, element references and scales included."""


class BatchedAdapter:
    """The common part of adapters: refusals, batches, and the way back to input order.

    A family gives `forward`; batches hold structures in input order, up to `batch_atoms` atoms or `batch_structures`
    structures (a larger structure is a batch of its own), so that the composition depends on the input alone.
    """

    environment: ClassVar[str | None] = None
    requires: ClassVar[tuple[str, ...]] = ()
    pickled: ClassVar[bool] = False
    batch_atoms: ClassVar[int] = 64

    layers: Mapping[str, Layer]
    elements: frozenset[int]

    def forward(self, structures: Sequence[Atoms]) -> tuple[FloatArray, FloatArray | None]:
        """(n_atoms, n_features) float32 and (n_atoms,) float64 [eV] of one batch."""
        raise TypeError(f"{type(self).__name__} has no forward pass.")

    def refusal(self, atoms: Atoms) -> str | None:
        """Why the model cannot take this structure, or None."""
        unknown = sorted(set(atoms.numbers.tolist()) - self.elements)
        if not unknown:
            return None
        from ase.data import chemical_symbols

        named = [chemical_symbols[z] if 0 < z < len(chemical_symbols) else f"Z={z}" for z in unknown]
        return f"elements the model does not know: {', '.join(named)}"

    def embed(self, structures: Sequence[Atoms], layers: Sequence[str] = (READOUT,)) -> Embedded:
        """Features and site energies of every atom of the structures, in input order."""
        self._known_layers(layers)
        starts = np.concatenate([[0], np.cumsum([len(atoms) for atoms in structures], dtype=int)])
        features = np.full((starts[-1], self.layers[READOUT].n_features), np.nan, dtype=np.float32)
        energies = np.full(starts[-1], np.nan)
        refused = {i: why for i, atoms in enumerate(structures) if (why := self.refusal(atoms))}
        has_energies = True
        for batch in self.batches([i for i in range(len(structures)) if i not in refused], np.diff(starts)):
            rows = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in batch])
            features[rows], site_energies = self.forward([structures[i] for i in batch])
            has_energies = site_energies is not None
            if site_energies is not None:
                energies[rows] = site_energies
        return Embedded({READOUT: features}, energies if has_energies else None, refused)

    def batches(self, accepted: Sequence[int], n_atoms: IntArray) -> list[list[int]]:
        """Consecutive structures of at most `batch_atoms` atoms together."""
        made: list[list[int]] = []
        room = 0
        for i in accepted:
            if not made or n_atoms[i] > room:
                made.append([])
                room = self.batch_atoms
            made[-1].append(i)
            room -= int(n_atoms[i])
        return made

    def _known_layers(self, layers: Sequence[str]) -> None:
        if unknown := [layer for layer in layers if layer not in self.layers]:
            raise ModelError(
                f"{type(self).__name__} has no layer {', '.join(map(repr, unknown))}.",
                f"Its layers: {', '.join(self.layers)}.",
                "Leave --layer out for all of them.",
            )


def family_names() -> list[str]:
    """Families that have an adapter here."""
    return sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))})


def family_adapter(family: str) -> type[Adapter]:
    """The adapter class of a family, by entry point or from the built-in table.

    Raises
    ------
    ModelError
        No adapter of that name is installed.
    """
    for point in entry_points(group=GROUP, name=family):
        found: type[Adapter] = point.load()
        return found
    if family not in BUILT_IN:
        raise ModelError(
            f"There is no adapter for the family {family!r} yet.",
            f"Families with an adapter: {', '.join(family_names())}.",
            f"Install a package that offers it (entry-point group {GROUP!r}), or see: platonic models",
        )
    module, name = BUILT_IN[family].split(":")
    built_in: type[Adapter] = getattr(import_module(module), name)
    return built_in


def load_adapter(
    spec: ModelSpec, *, weights: Path | None = None, trust_weights: bool = False, device: str = "cpu"
) -> Adapter:
    """Load a model after checking its files against the catalogue.

    Raises
    ------
    WeightsMissing
        The checkpoint is not there.
    UntrustedWeights
        It is a pickle that the catalogue does not know and `trust_weights` is False.
    """
    adapter = family_adapter(spec.family)
    path = weights_path(spec, weights)
    if path is not None:
        check_trust(spec, path, trust_weights=trust_weights, pickled=adapter.pickled)
    return adapter.load(spec, weights=path, device=device)


def weights_path(spec: ModelSpec, weights: Path | None) -> Path | None:
    """The checkpoint file: the user's, or the one inside the installed package; None for a model without one."""
    if weights is None and not spec.checkpoint:
        return None
    path = Path(weights).expanduser() if weights is not None else _inside_package(spec.checkpoint)
    if path is None or not path.is_file():
        raise WeightsMissing(
            f"The checkpoint of {spec.name} is not on this machine ({weights or spec.checkpoint}).",
            f"It is: {spec.origin or 'a file that you name'}.",
            f"Name the file: platonic embed ATLAS --model {spec.name} --weights FILE",
        )
    return path


def _inside_package(checkpoint: str) -> Path | None:
    package, *rest = checkpoint.split("/")
    found = importlib.util.find_spec(package) if rest else None
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)), *rest)


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_trust(spec: ModelSpec, path: Path, *, trust_weights: bool, pickled: bool) -> None:
    """Refuse a pickle whose digest is not the one of the catalogue: loading a pickle runs code from it."""
    if trust_weights or not pickled:
        return
    known = {path: spec.sha256, **{path.with_name(name): digest for name, digest in _beside(spec).items()}}
    for file, digest in known.items():
        found = file_digest(file)
        if found != digest:
            raise UntrustedWeights(
                f"{file} has the SHA-256 {found}, which the catalogue does not know for {spec.name}.",
                f"Loading such a file runs code from it; known is: {digest or 'no file for this model'}.",
                "If you trust where it comes from, repeat the command with --trust-weights",
            )


def _beside(spec: ModelSpec) -> Mapping[str, Any]:
    beside: Mapping[str, Any] = spec.options.get("beside", {})
    return beside
