"""The crystals behind the sites, read once and shared by every session."""

from __future__ import annotations

from dataclasses import dataclass

from ase import Atoms

from platonic_atlas.engine.store import Atlas
from platonic_atlas.engine.types import FloatArray, IntArray


@dataclass(frozen=True)
class Crystals:
    """Atoms of all crystals, one after the other.

    numbers, site : (n_atoms,) ; positions : (n_atoms, 3) [Å] ; offset, count : (n_structures,)
    cell : (n_structures, 3, 3) [Å] ; pbc : (n_structures, 3) ; structure, atom : (n_sites,) where a site lies
    """

    numbers: IntArray
    site: IntArray
    positions: FloatArray
    offset: IntArray
    count: IntArray
    cell: FloatArray
    pbc: IntArray
    structure: IntArray
    atom: IntArray

    @classmethod
    def of(cls, atlas: Atlas) -> Crystals:
        offset, count, cell, pbc = (atlas.structure_field(name) for name in ("offset", "n_atoms", "cell", "pbc"))
        return cls(
            atlas.atom_numbers(), atlas.atom_site(), atlas.positions(), offset, count, cell, pbc,
            atlas.site_structure(), atlas.representative(),
        )  # fmt: skip

    def atoms(self, structure: int) -> Atoms:
        span = slice(int(self.offset[structure]), int(self.offset[structure] + self.count[structure]))
        return Atoms(
            self.numbers[span], self.positions[span], cell=self.cell[structure], pbc=self.pbc[structure].astype(bool)
        )

    def place(self, site: int) -> tuple[int, int]:
        """The structure of a site, and which of its atoms stands for it."""
        structure = int(self.structure[site])
        return structure, int(self.atom[site] - self.offset[structure])

    def site_of(self, structure: int, atom: int) -> int | None:
        """The site of an atom of a structure; None for an atom that it does not have."""
        if not 0 <= atom < self.count[structure]:
            return None
        return int(self.site[self.offset[structure] + atom])
