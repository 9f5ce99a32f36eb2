"""Records and array aliases that cross the borders between rooms.

Words follow the field: an *atom* is numbered over all structures, a *site* is one atom for each
symmetry orbit of its crystal and is the row of every embedding, map and measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from platonic_atlas.engine.choices import Balance, FrameName, LayoutMethod, Representation

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]

Symmetry = Literal["O(3)", "SO(3)", "none"]

READOUT = "readout"
# What some models give a site besides features and energy: the length of the spread of its features over the rotations
# that were averaged, relative to the length of their mean; and the part of its energy [eV] that depends on positions
# and not on features (the ZBL repulsion of MACE-OMAT).
EXTRAS = ("rotation_spread", "site_energy_offset")


@dataclass(frozen=True)
class Layer:
    """A place where a network is read: the number of features and the symmetry they keep."""

    n_features: int
    symmetry: Symmetry


OWN_CHECKPOINT = "a checkpoint of the user's own"  # the origin of a model that is not of the catalogue


@dataclass(frozen=True)
class ModelSpec:
    """One checkpoint of a family, as the catalogue (or a user's command) describes it.

    cutoff : radius of the graph [Å], None where it has none or nobody said
    most_neighbours : an atom takes messages from so many at most, the nearest; None where there is no limit
    """

    name: str
    family: str
    title: str
    trained_on: str
    licence: str
    traits: str = ""
    cutoff: float | None = None
    most_neighbours: int | None = None
    checkpoint: str = ""
    modal: str | None = None
    sha256: str | None = None
    origin: str = ""
    needs: str = ""
    control: bool = False
    default: bool = False
    seed: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Embedded:
    """What an adapter returns for a batch of structures, atoms in input order.

    features : layer -> (n_atoms, n_features) float32
    site_energies : (n_atoms,) float64 [eV] or None where the model has none
    refused : positions in the batch of the structures that the model refuses -> reason;
        their rows are NaN
    structure_energies : (n_structures,) float64 [eV], only where they are not the sums of site energies
    extras : name of EXTRAS -> (n_atoms,) float64
    """

    features: dict[str, FloatArray]
    site_energies: FloatArray | None
    refused: dict[int, str] = field(default_factory=dict)
    structure_energies: FloatArray | None = None
    extras: dict[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Relaxed:
    """A crystal at rest.

    cell : (3, 3) [Å] ; positions : (n_atoms, 3) [Å] ; energy [eV] of the whole cell
    reason : "" or why it did not come to rest (cell and positions are those of the start then, the energy NaN)
    """

    cell: FloatArray
    positions: FloatArray
    energy: float
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of embedding an atlas with one model.

    n_structures : of the atlas ; refused : reason -> number of structures, the most common first
    n_atoms, seconds : what was done just now; none where all of it was there before
    """

    model: str
    n_structures: int
    refused: Mapping[str, int]
    n_atoms: int = 0
    seconds: float = 0.0

    @property
    def n_embedded(self) -> int:
        """Structures that the model took whole."""
        return self.n_structures - sum(self.refused.values())


@dataclass(frozen=True)
class Moments:
    """Weighted moments of one model and layer over all sites that it embeds (float64 sums).

    With r = e/|e|, weights w of sum 1, and ê = (r - mean0)/rho:

    mean0 : (d,) Σ w r
    mean : (d,) Σ w ê
    second : (d, d) Σ w (ê - mean)(ê - mean)ᵀ
    within_element_second : (d, d) the same with each element's own weighted mean removed
    raw_mean, raw_second : (d,), (d, d) weighted mean and covariance of the features e themselves
    rho : (n_sites,) |r - mean0|, NaN where the site is masked
    """

    balance: Balance
    mean0: FloatArray
    mean: FloatArray
    second: FloatArray
    within_element_second: FloatArray
    raw_mean: FloatArray
    raw_second: FloatArray
    rho: FloatArray


@dataclass(frozen=True)
class PairSums:
    """Sums over the sites that two models embed, or one with itself, apart for two halves of the structures.

    With x = ê - mean of each model, weights w of all sites of the atlas:

    products : (2, d_a, d_b) Σ w x_a x_bᵀ
    sums : (2, n_elements, d_a) Σ w x_a over the sites of each element, of a model with itself; None of two
    """

    products: FloatArray
    sums: FloatArray | None = None


@dataclass(frozen=True)
class LayoutKey:
    """Everything that a layout depends on besides the embeddings.

    within_elements : each site less the mean place of its element, on axes of what is left
    """

    method: LayoutMethod
    representation: Representation
    frame: FrameName
    anchors: str
    models: tuple[str, ...]
    layer: str = READOUT
    balance: Balance = Balance.ELEMENTS
    centre: bool = True
    within_elements: bool = False


@dataclass(frozen=True)
class Reject:
    """A structure that cannot be used, and why."""

    input_index: int
    id: str
    source: str
    reason: str


@dataclass
class Collection:
    """Structures that passed the checks, flat, ready to be written as an atlas.

    structures : one list entry a structure in every value: n_atoms, cell (3, 3) [Å], pbc (3,), id,
        input_index, formula, source, prototype, spacegroup (number, 0 where unknown)
    atomic_number, position [Å], structure, site : one entry an atom
    representative : (n_sites,) the atom that stands for each site
    multiplicity : (n_sites,) atoms in the orbit
    labels : name -> (n_sites,) strings
    input_site : (n_input_atoms,) the site of each atom of the input in file order, rejected
        structures and symmetry copies counted; -1 for an atom of a rejected structure
    """

    structures: dict[str, list[Any]]
    atomic_number: IntArray
    position: FloatArray
    structure: IntArray
    site: IntArray
    representative: IntArray
    multiplicity: IntArray
    labels: dict[str, list[str]]
    input_site: IntArray
    rejects: list[Reject] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
