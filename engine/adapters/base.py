"""What every family of models offers, and how families are found.

An adapter is a class named in the entry-point group `platonic_atlas.families`; a third party adds a family by
installing a package with such an entry point into the family's environment. Its module imports nothing heavy
before `load`, because the main process reads the class attributes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np

from platonic_atlas.engine.errors import ModelError, UnknownName
from platonic_atlas.engine.types import READOUT, Embedded, FloatArray, IntArray, Layer, ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

GROUP = "platonic_atlas.families"
SMALLEST_LENGTH = 1e-2  # [Å]

# A worker does not see the metadata of this distribution (it sees the package only), so these are known by name too.
BUILT_IN = {
    "sevennet": "platonic_atlas.engine.adapters.sevennet:SevenNet",
    "chgnet": "platonic_atlas.engine.adapters.chgnet:CHGNetReader",
    "diep": "platonic_atlas.engine.adapters.diep:DIEPReader",
    "mace": "platonic_atlas.engine.adapters.mace:MACEReader",
    "matgl": "platonic_atlas.engine.adapters.matgl:MatGLReader",
    "mattersim": "platonic_atlas.engine.adapters.mattersim:MatterSimReader",
    "nequix": "platonic_atlas.engine.adapters.nequix:Nequix",
    "orb": "platonic_atlas.engine.adapters.orb:Orb",
    "onehot": "platonic_atlas.engine.adapters.controls:OneHot",
    "untrained-mace": "platonic_atlas.engine.adapters.controls:UntrainedMACE",
    "untrained-orb": "platonic_atlas.engine.adapters.orb:UntrainedOrb",
    "untrained-sevennet": "platonic_atlas.engine.adapters.controls:UntrainedSevenNet",
    "soap": "platonic_atlas.engine.adapters.soap:SOAPReader",
}


class Adapter(Protocol):
    """One loaded checkpoint: forward passes only, no forces, no autograd graph, but for the `calculator`.

    environment : name of the Python environment that holds the family, None where any interpreter serves
    requires : packages whose presence shows that an interpreter can run it
    pickled : True where loading the checkpoint may run code from it
    beside : names of the files that the package reads beside the checkpoint
    structure_energies : True where the energy of a structure is not the sum of site energies; it is given where no
        layer is asked for, so that features do not pay for it
    extras : what `embed` gives a site besides, names of `platonic_atlas.engine.types.EXTRAS`
    layers : name -> Layer ; elements : atomic numbers that the model knows
    parameters : what else its features depend on, kept with them
    """

    environment: ClassVar[str | None]
    requires: ClassVar[tuple[str, ...]]
    pickled: ClassVar[bool]
    beside: ClassVar[tuple[str, ...]]
    structure_energies: ClassVar[bool]
    extras: tuple[str, ...]
    layers: Mapping[str, Layer]
    elements: frozenset[int]
    parameters: Mapping[str, Any]

    @classmethod
    def cached(cls, spec: ModelSpec) -> Sequence[Path]:
        """Where the package keeps the file once it was downloaded; imports nothing heavy."""

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        """Let the package download its official file; None where it cannot. Runs in a worker."""

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path | None, device: str) -> Self:
        """Load a checkpoint whose file was checked already."""

    def refusal(self, atoms: Atoms) -> str | None:
        """Why the model cannot take this structure, or None; the model does not run."""

    def embed(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Embedded:
        """Features of every atom, rows in input order; NaN rows for refused structures."""

    def readout(self, features: FloatArray, atomic_numbers: IntArray) -> FloatArray:
        """(n,) site energies [eV] from (n, n_features) features, element references and scales included."""

    def calculator(self) -> Any:
        """The package's own ASE calculator on these weights: energies, forces and stress, with which crystals are relaxed.

        Raises
        ------
        ModelError
            The family has none here.
        """


@dataclass
class Forward:
    """What a family gives for one batch of structures, atoms in the order of the structures.

    features : layer -> (n_atoms, n_features) float32
    site_energies : (n_atoms,) float64 [eV], element references and scales included, or None
    structure_energies : (n_structures,) [eV], only where they are not the sums of site energies and no
        layer is asked for (Orb)
    extras : name of `platonic_atlas.engine.types.EXTRAS` -> (n_atoms,)
    """

    features: Mapping[str, FloatArray]
    site_energies: FloatArray | None = None
    structure_energies: FloatArray | None = None
    extras: Mapping[str, FloatArray] = field(default_factory=dict)


class BatchedAdapter:
    """The common part of adapters: refusals, batches, and the way back to input order.

    A family gives `forward`; batches hold structures in input order, up to `room` atoms (a larger structure is a batch
    of its own), so that their composition depends on the input alone. A batch that does not fit into the memory of a
    GPU is halved.
    """

    environment: ClassVar[str | None] = None
    requires: ClassVar[tuple[str, ...]] = ()
    pickled: ClassVar[bool] = False
    beside: ClassVar[tuple[str, ...]] = ()
    structure_energies: ClassVar[bool] = False
    batch_atoms: ClassVar[int] = 64  # on a CPU small batches win: their edges stay in the cache
    batch_atoms_gpu: ClassVar[int] = 4096

    device: str = "cpu"
    extras: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = {}
    layers: Mapping[str, Layer]
    elements: frozenset[int]

    @classmethod
    def cached(cls, spec: ModelSpec) -> Sequence[Path]:
        """Where the package keeps what it downloads: nowhere, unless the family says so."""
        return ()

    @classmethod
    def download(cls, spec: ModelSpec) -> Path | None:
        """Let the package download its file: it does not, unless the family says so."""
        return None

    def forward(self, structures: Sequence[Atoms], layers: Sequence[str]) -> Forward:
        """One batch, at least the layers named."""
        raise TypeError(f"{type(self).__name__} has no forward pass.")

    def calculator(self) -> Any:
        """None, unless the family says so."""
        raise ModelError(
            f"Crystals cannot be relaxed with a model of {type(self).__name__}.",
            "A relaxation takes forces and stress, which are read here of CHGNet, MatterSim and SevenNet.",
            "Choose one of these for [relaxation] of the recipe, such as mattersim-1m.",
        )

    def refusal(self, atoms: Atoms) -> str | None:
        """Why the model cannot take this structure, or None."""
        unknown = sorted(set(atoms.numbers.tolist()) - self.elements)
        if not unknown:
            return "periodic, but its cell has no volume" if periodic_without_volume(atoms) else None
        from ase.data import chemical_symbols

        named = [chemical_symbols[z] if 0 < z < len(chemical_symbols) else f"Z={z}" for z in unknown]
        return f"elements the model does not know: {', '.join(named)}"

    def embed(self, structures: Sequence[Atoms], layers: Sequence[str] = (READOUT,)) -> Embedded:
        """Features and site energies of every atom of the structures, in input order."""
        self._known_layers(layers)
        starts = np.concatenate([[0], np.cumsum([len(atoms) for atoms in structures], dtype=int)])
        made = Embedded(
            {layer: np.full((starts[-1], self.layers[layer].n_features), np.nan, dtype=np.float32) for layer in layers},
            None,
            {i: why for i, atoms in enumerate(structures) if (why := self.refusal(atoms))},
            None,
            {name: np.full(starts[-1], np.nan) for name in self.extras if layers},
        )
        for batch in self.batches([i for i in range(len(structures)) if i not in made.refused], np.diff(starts)):
            for part, found in self._forward(structures, batch, layers):
                _place(made, found, part, starts)
        return made

    def _forward(
        self, structures: Sequence[Atoms], batch: Sequence[int], layers: Sequence[str]
    ) -> Iterator[tuple[Sequence[int], Forward]]:
        """Run a batch, or its halves where the memory of the device does not hold it."""
        try:
            found = self.forward([structures[i] for i in batch], layers)
        except Exception as error:
            # By name, because torch and JAX each have their own and neither is imported here.
            if type(error).__name__ != "OutOfMemoryError" or len(batch) == 1:
                raise
            _free_memory()
            half = len(batch) // 2
            yield from self._forward(structures, batch[:half], layers)
            yield from self._forward(structures, batch[half:], layers)
        else:
            yield batch, found

    @property
    def room(self) -> int:
        """Atoms in a batch on this device."""
        return self.batch_atoms if self.device == "cpu" else self.batch_atoms_gpu

    def batches(self, accepted: Sequence[int], n_atoms: IntArray) -> list[list[int]]:
        """Consecutive structures of at most `room` atoms together."""
        made: list[list[int]] = []
        room = 0
        for i in accepted:
            if not made or n_atoms[i] > room:
                made.append([])
                room = self.room
            made[-1].append(i)
            room -= int(n_atoms[i])
        return made

    def _known_layers(self, layers: Sequence[str]) -> None:
        if unknown := [layer for layer in layers if layer not in self.layers]:
            raise UnknownName(
                f"{type(self).__name__} has no layer {', '.join(map(repr, unknown))}.",
                f"Its layers: {', '.join(self.layers)}.",
                "Name one of these, or leave --layer out for the readout.",
            )


def _place(made: Embedded, found: Forward, batch: Sequence[int], starts: IntArray) -> None:
    """Put the rows of a batch where its structures stand in the input."""
    rows = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in batch])
    for layer, values in made.features.items():
        values[rows] = found.features[layer]
    for name, column in found.extras.items():
        made.extras[name][rows] = column
    if found.site_energies is not None:
        if made.site_energies is None:
            made.site_energies = np.full(starts[-1], np.nan)
        made.site_energies[rows] = found.site_energies
    if found.structure_energies is not None:
        if made.structure_energies is None:
            made.structure_energies = np.full(len(starts) - 1, np.nan)
        made.structure_energies[list(batch)] = found.structure_energies


def periodic_without_volume(atoms: Atoms) -> bool:
    """Whether a cell cannot be repeated where it is periodic; vectors may be missing where it is not."""
    missing = atoms.pbc & (atoms.cell.lengths() < SMALLEST_LENGTH)
    return bool(missing.any() or (atoms.pbc.any() and abs(atoms.cell.complete().volume) < SMALLEST_LENGTH**3))


def _free_memory() -> None:
    """Give the memory of a failed batch back to the device."""
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _offered() -> dict[str, EntryPoint]:
    """Adapters by entry point; looking through all installed packages takes 20 ms, and `platonic models` asks often."""
    return _offered_on(tuple(sys.path))


@cache
def _offered_on(path: tuple[str, ...]) -> dict[str, EntryPoint]:
    return {point.name: point for point in reversed(tuple(entry_points(group=GROUP)))}


def family_names() -> list[str]:
    """Families that have an adapter here."""
    return sorted({*BUILT_IN, *_offered()})


def family_adapter(family: str) -> type[Adapter]:
    """The adapter class of a family, by entry point or from the built-in table.

    Raises
    ------
    UnknownName
        No adapter of that name is installed.
    """
    if point := _offered().get(family):
        found: type[Adapter] = point.load()
        return found
    if family not in BUILT_IN:
        raise UnknownName(
            f"There is no adapter for the family {family!r} yet.",
            f"Families with an adapter: {', '.join(family_names())}.",
            f"Install a package that offers it (entry-point group {GROUP!r}), or see: platonic models",
        )
    module, name = BUILT_IN[family].split(":")
    built_in: type[Adapter] = getattr(import_module(module), name)
    return built_in
