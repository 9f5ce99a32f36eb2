"""Symmetry of crystals by spglib: orbits, Wyckoff letters, space groups, primitive cells."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from platonic_atlas.engine.types import IntArray

#: Distance [Å] below which spglib takes two atoms as symmetry copies.
SYMPREC = 1e-3
N_HALL = 530  # settings of the space groups


@dataclass(frozen=True)
class CrystalSymmetry:
    """Symmetry of one structure, an entry an atom.

    spacegroup : number, 0 where unknown (molecules, slabs, spglib failed)
    orbit : (n_atoms,) first atom of the orbit that each atom belongs to
    wyckoff : (n_atoms,) multiplicity in the conventional cell and letter, such as "4a"; "" where unknown
    primitive_atom : (n_atoms,) atom of the primitive cell that each atom is a translate of
    primitive_cell : (3, 3) [Å], None where unknown
    """

    spacegroup: int
    orbit: IntArray
    wyckoff: NDArray[np.str_]
    primitive_atom: IntArray
    primitive_cell: NDArray[np.float64] | None


def crystal_symmetry(atoms: Atoms, symprec: float = SYMPREC) -> CrystalSymmetry:
    """Orbits under the full space group of the crystal, whatever cell describes it.

    The orbits are spglib's `crystallographic_orbits`: unlike `equivalent_atoms` they do not split
    where a supercell is less symmetric than its crystal.
    """
    found = symmetry_dataset(atoms, symprec)
    if found is None:
        own = np.arange(len(atoms))
        return CrystalSymmetry(0, own, np.full(len(atoms), "", dtype="<U8"), own, None)
    orbit = _first_of_group(np.asarray(found.crystallographic_orbits))
    counts = np.bincount(orbit, minlength=len(atoms))[orbit]
    multiplicity = np.rint(counts * len(found.std_types) / len(atoms)).astype(int)
    wyckoff = np.array([f"{m}{letter}" for m, letter in zip(multiplicity, found.wyckoffs, strict=True)])
    groups = _first_of_group(np.asarray(found.mapping_to_primitive))
    primitive_atom = np.searchsorted(np.unique(groups), groups)
    return CrystalSymmetry(int(found.number), orbit, wyckoff, primitive_atom, np.array(found.primitive_lattice))


def free_parameters(atoms: Atoms, symprec: float = SYMPREC) -> int:
    """How many numbers the symmetry of a crystal leaves free: 1 where it leaves the volume alone.

    Of the cell (the mean over the point group of (tr² R + tr R²)/2, the symmetric strains that all rotations keep) and
    of one atom an orbit (the mean of tr R over the rotations that keep it in its place). Where spglib finds nothing, all
    6 + 3 n are free.
    """
    found = symmetry_dataset(atoms, symprec)
    if found is None:
        return 6 + 3 * len(atoms)
    rotations, shifts = np.asarray(found.rotations), np.asarray(found.translations)
    trace = np.trace(rotations, axis1=1, axis2=2)
    of_the_cell = np.mean(trace**2 + np.trace(rotations @ rotations, axis1=1, axis2=2)) / 2
    free, places = float(of_the_cell), atoms.get_scaled_positions(wrap=False)
    for atom in np.unique(np.asarray(found.equivalent_atoms)):
        moved = rotations @ places[atom] + shifts - places[atom]
        stays = np.linalg.norm((moved - np.rint(moved)) @ atoms.cell.array, axis=1) < 10 * symprec
        free += float(trace[stays].mean())
    return round(free)


@cache
def space_group_symbol(number: int) -> str:
    """Short Hermann-Mauguin symbol in the first setting of spglib's tables, such as Fm-3m or P6₃/mmc; "" where unknown."""
    import spglib

    types = (spglib.get_spacegroup_type(hall) for hall in range(1, N_HALL + 1))
    symbol = next((str(each.international_short) for each in types if each is not None and each.number == number), "")
    for digit in "123456":
        symbol = symbol.replace(f"_{digit}", chr(ord("₀") + int(digit)))
    return symbol


def no_symmetry(symmetry: CrystalSymmetry) -> CrystalSymmetry:
    """The same crystal with every atom an orbit of its own (`--no-orbits`)."""
    own = np.arange(len(symmetry.orbit))
    return CrystalSymmetry(symmetry.spacegroup, own, symmetry.wyckoff, symmetry.primitive_atom, symmetry.primitive_cell)


def reduce_to_primitive(atoms: Atoms, symmetry: CrystalSymmetry) -> tuple[Atoms, CrystalSymmetry, IntArray]:
    """The primitive cell in the orientation of the input, its symmetry, and the way there.

    Returns the cell, its symmetry, and (n_atoms,) the atom of the cell that each input atom is a
    translate of. Each atom of the cell is the first of its copies in the input, wrapped into the
    cell. What has no primitive cell, or is one already, comes back unchanged.
    """
    count = int(symmetry.primitive_atom.max()) + 1
    if symmetry.primitive_cell is None or count == len(atoms):
        return atoms, symmetry, np.arange(len(atoms))
    kept = np.unique(symmetry.primitive_atom, return_index=True)[1]
    volume = abs(np.linalg.det(symmetry.primitive_cell))
    if not np.isclose(volume * len(atoms), atoms.cell.volume * count, rtol=1e-3):
        return atoms, symmetry, np.arange(len(atoms))
    cell = Atoms(atoms.numbers[kept], positions=atoms.positions[kept], cell=symmetry.primitive_cell, pbc=True)
    cell.wrap()
    cell.info = dict(atoms.info)
    own = np.arange(count)
    orbit = symmetry.primitive_atom[symmetry.orbit[kept]]
    reduced = CrystalSymmetry(symmetry.spacegroup, orbit, symmetry.wyckoff[kept], own, symmetry.primitive_cell)
    return cell, reduced, symmetry.primitive_atom


def symmetry_dataset(atoms: Atoms, symprec: float = SYMPREC) -> Any:
    """What spglib says of a crystal, or None where it is not periodic in three directions or spglib finds nothing."""
    if not atoms.pbc.all():
        return None
    # Where no symmetry is found the C library writes to stderr, outside Python's reach.
    os.environ.setdefault("SPGLIB_WARNING", "OFF")
    import spglib

    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    with warnings.catch_warnings():  # spglib 2.7 warns of its coming change from None to an exception
        warnings.simplefilter("ignore")
        try:
            return spglib.get_symmetry_dataset(cell, symprec=symprec)
        except Exception:  # SpglibError in versions that raise: the answer is the same, no symmetry
            return None


def _first_of_group(groups: IntArray) -> IntArray:
    """(n,) for each entry the first position that carries the same group number."""
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    return first[inverse]
