"""An atlas on disk: the only place that knows Zarr.

A growing atlas is a folder of uncompressed chunks, a shipped one a compressed, read-only zip.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import nodes, schema, seal, verify
from platonic_atlas.engine.store.admit import plain_json
from platonic_atlas.engine.store.again import embed_command
from platonic_atlas.engine.store.arrays import mirrored
from platonic_atlas.engine.store.crossed import Crossed
from platonic_atlas.engine.store.files import Place
from platonic_atlas.engine.store.labels import Labels
from platonic_atlas.engine.store.sound import fits, sound
from platonic_atlas.engine.types import READOUT, BoolArray, FloatArray, IntArray, Moments

if TYPE_CHECKING:
    from ase import Atoms


class Atlas(Labels, Crossed):
    """One data set: structures, sites and all that is derived from them.

    Arrays come back as NumPy arrays with one row a site, in float32 or the type of the schema.
    """

    def __init__(self, path: Place, root: zarr.Group, *, read_only: bool) -> None:
        self.path, self.root, self.read_only, self._listed = path, root, read_only, {}
        self._digests: dict[str, str] = {}
        self._held = {}

    def __repr__(self) -> str:
        return f"<Atlas {self.path.name}: {self.n_structures} structures, {self.n_sites} sites, {len(self.models())} models>"

    # what it is

    @property
    def name(self) -> str:
        return self.path.name.removesuffix(schema.SUFFIX_ZIP).removesuffix(schema.SUFFIX_DIRECTORY)

    @property
    def n_structures(self) -> int:
        return int(self._array("structures/n_atoms").shape[0])

    @property
    def n_atoms(self) -> int:
        return int(self._array("atoms/atomic_number").shape[0])

    @property
    def n_sites(self) -> int:
        return int(self._array("sites/atom").shape[0])

    @cached_property
    def checksum(self) -> str:
        """What the atlas is built on: 16 hexadecimal digits from its atoms, cells and sites."""
        sealed = [self._checksum(path) for path in ("atoms/position", "structures/cell", "sites/atom")]
        return seal.data_digest(np.array(json.dumps(sealed, sort_keys=True), dtype=object))[:16]

    def _checksum(self, path: str) -> dict[str, Any]:
        """The seal of a node; AtlasError where there is none."""
        checksum = self._attrs(path).get(schema.CHECKSUM)
        if not isinstance(checksum, dict):
            raise nodes.unreadable(path, "it has no checksum")
        return checksum

    def rejects(self) -> list[dict[str, Any]]:
        """Structures of the input that were left out, each with its reason."""
        with nodes.told(schema.REJECTS):
            held = nodes.raw(self.root, schema.REJECTS)
            found = plain_json(held) if held is not None else None
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise nodes.unreadable(schema.REJECTS, "it is missing" if held is None else "it is no list of rejects")
        return found

    # structures, atoms, sites

    def structure_field(self, name: str) -> np.ndarray[Any, Any]:
        return self._values(f"structures/{name}")

    def reference_energy(self) -> FloatArray | None:
        """(n_structures,) energies per atom [eV] that came with the input, NaN where none did; None where no one did."""
        return self.structure_field("reference_energy") if self._has("structures/reference_energy") else None

    def energy_keys(self) -> dict[str, int]:
        """The names under which the energies stood in the input, and how many structures have each, the commonest first."""
        return self._counted("reference_energy_key", "") if self._has("structures/reference_energy_key") else {}

    def notes(self) -> dict[str, int]:
        """What was changed or dropped as structures were read, and for how many."""
        return self._counted("note", "; ") if self._has("structures/note") else {}

    def _counted(self, field: str, between: str) -> dict[str, int]:
        values = (str(value) for value in self.structure_field(field))
        parts = (part for value in values for part in (value.split(between) if between else [value]) if part)
        return dict(Counter(parts).most_common())

    def made_with(self) -> dict[str, Any]:
        """How the structures were collected: options, number of files."""
        held = self.root.attrs.get("parameters")
        return dict(held) if isinstance(held, Mapping) else {}

    def atom_numbers(self) -> IntArray:
        return self._values("atoms/atomic_number")

    def positions(self) -> FloatArray:
        """(n_atoms, 3) [Å]."""
        return self._values("atoms/position")

    def atom_site(self) -> IntArray:
        return self._values("atoms/site")

    def representative(self) -> IntArray:
        """(n_sites,) the atom that stands for each site."""
        return self._values("sites/atom")

    def multiplicity(self) -> IntArray:
        return self._values("sites/multiplicity")

    def numbers(self) -> IntArray:
        """(n_sites,) atomic numbers."""
        return self.atom_numbers()[self.representative()]

    def site_structure(self) -> IntArray:
        """(n_sites,) the structure of each site."""
        return self._values("atoms/structure")[self.representative()]

    def input_site(self) -> IntArray:
        """(n_input_atoms,) the site of each atom of the input in file order, -1 where it was rejected."""
        return self._values("inputs/site")

    def structures(self, indices: IntArray | None = None) -> list[Atoms]:
        """The structures as ASE atoms, all or those asked for."""
        from ase import Atoms

        wanted = np.arange(self.n_structures) if indices is None else np.asarray(indices)
        numbers, positions = self.atom_numbers(), self.positions()
        offset, count = self.structure_field("offset"), self.structure_field("n_atoms")
        cell, pbc = self.structure_field("cell"), self.structure_field("pbc")
        spans = ((i, slice(int(offset[i]), int(offset[i] + count[i]))) for i in wanted)
        return [Atoms(numbers[span], positions[span], cell=cell[i], pbc=pbc[i]) for i, span in spans]

    def structure(self, index: int) -> Atoms:
        return self.structures(np.array([index]))[0]

    # embeddings

    def models(self) -> list[str]:
        """Models with at least one complete layer."""
        return [model for model in sorted(self._group("embeddings")) if self.layers(model)]

    def layers(self, model: str) -> list[str]:
        layers = sorted(self._group(f"embeddings/{model}"))
        return [layer for layer in layers if self._complete(schema.embedding_path(model, layer))]

    def begun(self) -> list[str]:
        """Models of which anything is there, complete or not."""
        return sorted(self._group("embeddings"))

    def incomplete(self) -> list[str]:
        """'model/layer' of every embedding that was begun and not finished."""
        pairs = [
            (m, layer) for m in sorted(self._group("embeddings")) for layer in sorted(self._group(f"embeddings/{m}"))
        ]
        return [f"{m}/{layer}" for m, layer in pairs if not self._complete(schema.embedding_path(m, layer))]

    def _require_embedding(self, model: str, layer: str) -> str:
        """The path of a complete embedding."""
        path = schema.embedding_path(model, layer)
        if (found := nodes.find(self.root, path)) is not None and not nodes.is_complete(found):
            raise AtlasError(
                f"The embedding of {model!r}, layer {layer!r}, is not complete.",
                "An embedding is read only when every chunk is there.",
                f"Resume it with: {embed_command(self.path, model, dict(found.attrs))}",
            )
        self._require(
            path,
            f"embedding of {model!r}, layer {layer!r}",
            self.models,
            f"platonic embed {self.path} --model {model}",
        )
        return path

    def _embedding_values(self, model: str, layer: str, name: str) -> np.ndarray[Any, Any]:
        return self._values(f"{self._require_embedding(model, layer)}/{name}")

    def embedding(self, model: str, layer: str = READOUT) -> FloatArray:
        """(n_sites, n_features) float32; NaN rows where the model cannot embed the site."""
        return self._embedding_values(model, layer, "embedding").astype(np.float32, copy=False)

    def present(self, model: str, layer: str = READOUT) -> BoolArray:
        """(n_sites,) True where the model embeds the site."""
        return self._embedding_values(model, layer, "present")

    def norm(self, model: str, layer: str = READOUT) -> FloatArray:
        return self._embedding_values(model, layer, "norm")

    def orbit_spread(self, model: str, layer: str = READOUT) -> FloatArray:
        """(n_sites,) largest distance between the features of symmetry copies of a site."""
        return self._embedding_values(model, layer, "orbit_spread")

    def site_energy(self, model: str) -> FloatArray | None:
        """(n_sites,) site energies [eV], or None for a model without them."""
        layer = self.layers(model)[0] if self.layers(model) else READOUT
        if not self._has(f"{schema.embedding_path(model, layer)}/site_energy"):
            return None
        return self._embedding_values(model, layer, "site_energy")

    def extra(self, model: str, name: str, layer: str = READOUT) -> FloatArray | None:
        """(n_sites,) what a model gives a site besides, a name of `platonic_atlas.engine.types.EXTRAS`; None where it gives no such."""
        if not self._has(f"{schema.embedding_path(model, layer)}/{name}"):
            return None
        return self._embedding_values(model, layer, name)

    def model_attrs(self, model: str, layer: str = READOUT) -> dict[str, Any]:
        return self._attrs(self._require_embedding(model, layer))

    def controls(self) -> list[str]:
        """Models that learned nothing."""
        return [name for name in self.models() if self.model_attrs(name, self.layers(name)[0]).get("control")]

    def embedding_digest(self, model: str) -> str:
        """What a study records of an embedding: 16 hexadecimal digits of the layer that studies read, the readout, and of
        the first by name where there is none.

        It reads the attributes (checkpoint, packages, parameters …) and the checksums of what packing keeps as it is:
        which sites are there, their orbit spread and energies. Features are rounded when packed and are not read: others of
        the same origin go unnoticed where they change neither spread nor energies.
        """
        if model in self._digests:
            return self._digests[model]
        layers = self.layers(model)
        path = schema.embedding_path(model, READOUT if READOUT in layers else layers[0])
        attrs = {key: value for key, value in self._attrs(path).items() if key not in seal.OF_THE_WRITING}
        kept = [f"{path}/{name}" for name in schema.PACKED_AS_IT_IS if self._has(f"{path}/{name}")]
        told = [attrs, [self._checksum(each).get("data") for each in kept]]
        digest = seal.data_digest(np.array(json.dumps(told, sort_keys=True), dtype=object))[:16]
        if self.read_only:
            self._digests[model] = digest
        return digest

    def forget_embedding(self, model: str, layer: str) -> None:
        """Take away one layer of a model with its moments and those it has with others, and the model where it was the last.

        Raises
        ------
        AtlasExists
            It came with a shipped atlas.
        """
        path = schema.embedding_path(model, layer)
        self._refuse_shipped(path)
        self.forget_cross(model, layer)
        self._forget(*(schema.moments_path(balance, model, layer) for balance in Balance), path)
        if not self._own_names(f"embeddings/{model}"):
            parents = {schema.moments_path(balance, model, layer).rsplit("/", 1)[0] for balance in Balance}
            self._forget(*sorted(parents), f"embeddings/{model}")

    def forget_model(self, model: str) -> None:
        """Take away a model whole, with its maps in every layout; what was derived goes first."""
        for name, models in self.layouts().items():
            if model in models:
                self.forget_layout(name, [model])
        for layer in sorted(self._group(f"embeddings/{model}")):
            self.forget_embedding(model, layer)

    # what is derived

    def moments(self, model: str, layer: str = READOUT, balance: Balance = Balance.ELEMENTS) -> Moments:
        path = schema.moments_path(balance, model, layer)
        self._require(
            path,
            f"moments ({balance}) of {model!r}, layer {layer!r}",
            self.models,
            f"platonic embed {self.path} --model {model}",
        )
        values = {name: self._values(f"{path}/{name}").astype(np.float64) for name in schema.MOMENTS}
        values |= {name: mirrored(values[name]) for name in schema.SYMMETRIC}
        return Moments(balance=balance, **values)

    def write_moments(self, model: str, layer: str, moments: Moments) -> None:
        path = schema.moments_path(moments.balance, model, layer)
        self._replace(
            path,
            {n: (getattr(moments, n), c) for n, c in schema.MOMENTS.items()},
            {"of": schema.embedding_path(model, layer)},
        )

    # care

    def damaged(self) -> list[str]:
        """'path: what is wrong' for everything that is missing, or no longer fits its checksum."""
        try:
            beside = self._beside()
        except AtlasError as error:
            return [*verify.damaged(self.root), f"{self.beside}: {error.happened}"]
        kept = [] if beside is None else [f"{line} (kept in {self.beside})" for line in verify.damaged(beside)]
        return [*verify.damaged(self.root), *kept]

    def names_its_parts(self) -> bool:
        """Whether the atlas says what it consists of; one of an earlier version does not, and may lack parts unnoticed."""
        return seal.listed_in(self.root) is not None

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {"structure": self.n_structures, "atom": self.n_atoms, "site": self.n_sites}

    def _fits(self, path: str, shape: Sequence[int]) -> None:
        fits(path, shape, self._rows)

    def _values(self, path: str) -> np.ndarray[Any, Any]:
        values = super()._values(path)
        sound(path, values, self._rows)
        return values

    def _array(self, path: str) -> zarr.Array[Any]:
        return nodes.as_array(nodes.find(self.root, path), path)
