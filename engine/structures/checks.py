"""What makes a structure unusable."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import N_ELEMENTS
from platonic_atlas.engine.types import FloatArray, IntArray

#: Two atoms nearer than this [Å] are an error in the file: the shortest bond, H-H, has 0.74 Å.
MIN_DISTANCE = 0.4

#: A periodic cell is degenerate where its volume is below this share of its edges' product.
MIN_RELATIVE_VOLUME = 1e-6

#: No structure is that long [Å]; sums of such numbers lose the places of atoms.
MAX_LENGTH = 1e5

#: Cubes along an edge that a neighbour list may lay, and images along a vector that one may look at.
MAX_GRID = 500
MAX_IMAGES = 100

#: Models look for neighbours so far [Å] and further.
SIGHT = 6.0
#: A cell whose volume is below this share of its edges' product is looked through by shorter vectors.
SKEW = 0.1
#: Pairs of so many atoms are few, however near they lie.
FEW = 100


def reason_to_reject(atoms: Atoms) -> str:
    """Why a structure cannot be used, "" where it can."""
    for check in (_no_atoms, _bad_number, _not_finite, _too_long, _flat_cell, _too_close, _too_skew):
        reason = check(atoms)
        if reason:
            return reason
    return ""


def _no_atoms(atoms: Atoms) -> str:
    return "" if len(atoms) else "no atoms"


def _bad_number(atoms: Atoms) -> str:
    bad = (atoms.numbers < 1) | (atoms.numbers > N_ELEMENTS)
    return f"atomic number {atoms.numbers[bad][0]} of atom {np.flatnonzero(bad)[0]} is no element" if bad.any() else ""


def _not_finite(atoms: Atoms) -> str:
    if not np.isfinite(atoms.positions).all():
        return "positions that are NaN or infinite"
    return "" if np.isfinite(atoms.cell.array).all() else "a cell that is NaN or infinite"


def _too_long(atoms: Atoms) -> str:
    """Cells, and molecules without one, longer than any structure; atoms may lie many periodic cells outside."""
    if np.abs(atoms.cell.array).max() > MAX_LENGTH:
        return f"a cell longer than {MAX_LENGTH:g} Å"
    if np.abs(atoms.positions).max() > MAX_LENGTH * MAX_LENGTH:
        return "positions further than any structure reaches"
    extent = np.ptp(atoms.positions, axis=0)
    return f"atoms further apart than {MAX_LENGTH:g} Å" if not atoms.pbc.any() and extent.max() > MAX_LENGTH else ""


def _flat_cell(atoms: Atoms) -> str:
    """The periodic vectors, as many as there are, must span a volume (an area, a length)."""
    vectors: FloatArray = atoms.cell.array[atoms.pbc]
    lengths = np.linalg.norm(vectors, axis=1)
    flat = len(vectors) > 0 and _spanned(vectors) <= MIN_RELATIVE_VOLUME * max(np.prod(lengths), 1e-12)
    return "zero-volume periodic cell" if flat else ""


def _spanned(vectors: FloatArray) -> float:
    """Volume, area or length of the vectors [Å³, Å², Å]."""
    return float(np.sqrt(max(np.linalg.det(vectors @ vectors.T), 0.0)))


def _too_close(atoms: Atoms) -> str:
    """Atoms and their periodic images nearer than `MIN_DISTANCE`."""
    try:
        atoms = _by_short_vectors(atoms)
    except RuntimeError:
        return "a cell too skew for its shortest vectors to be found"
    if atoms.pbc.any() and np.linalg.norm(atoms.cell.array[atoms.pbc], axis=1).min() < MIN_DISTANCE:
        return f"atoms closer than {MIN_DISTANCE} Å (an atom and its own image)"
    first, second, distance = _crowded(atoms) or near_pairs(atoms, MIN_DISTANCE)
    if not len(distance):
        return ""
    k = int(distance.argmin())
    return f"atoms closer than {MIN_DISTANCE} Å (atoms {first[k]} and {second[k]}, {distance[k]:.2f} Å)"


def _too_skew(atoms: Atoms) -> str:
    """Searches for neighbours look through all images between two faces of the cell, which never ends where these are too near."""
    vectors: FloatArray = atoms.cell.array[atoms.pbc]
    if not len(vectors) or SIGHT * np.linalg.norm(np.linalg.pinv(vectors), axis=0).max() <= MAX_IMAGES:
        return ""
    return (
        f"a cell so skew that more than {MAX_IMAGES} images of it lie within {SIGHT:g} Å: write it by shorter vectors"
    )


def _by_short_vectors(atoms: Atoms) -> Atoms:
    """The same crystal by its shortest vectors where its cell is very skew: else its images are too many to look at."""
    vectors: FloatArray = atoms.cell.array[atoms.pbc]
    if len(vectors) < 2 or _spanned(vectors) > SKEW * np.prod(np.linalg.norm(vectors, axis=1)):
        return atoms
    from ase.geometry import minkowski_reduce

    cell, _ = minkowski_reduce(atoms.cell, atoms.pbc)
    return Atoms(atoms.numbers, positions=atoms.positions, cell=cell, pbc=atoms.pbc)


def _crowded(atoms: Atoms) -> tuple[IntArray, IntArray, FloatArray] | None:
    """Two atoms in one cube whose diagonal is `MIN_DISTANCE`, None where no two share one.

    Looked for first: of n atoms in one place there are n² pairs, and where no two share a cube there are few.
    """
    if len(atoms) <= FEW:
        return None
    places = _wrapped(atoms)
    cubes = np.floor(places * (np.sqrt(3) / MIN_DISTANCE)).astype(np.int64)
    order = np.lexsort(cubes.T)
    shared = np.flatnonzero((cubes[order[1:]] == cubes[order[:-1]]).all(axis=1))
    if not len(shared):
        return None
    first, second = order[shared], order[shared + 1]
    return first, second, np.linalg.norm(places[first] - places[second], axis=1)


def near_pairs(atoms: Atoms, reach: float, chosen: IntArray | None = None) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs of atoms, periodic images too, at most `reach` [Å] apart: both atoms and the distance.

    chosen : the first of a pair is one of these, told by its place among them; of all atoms where None

    pymatgen's neighbour list takes 0.1 ms for a small dense cell, but fills space with cubes of `reach` and knows only
    cells that are periodic in all three directions; all others are searched by a tree, whatever their size.
    """
    extent = np.abs(atoms.cell.array).sum()
    around = np.arange(len(atoms)) if chosen is None else chosen
    if not atoms.pbc.all() or extent > MAX_GRID * reach:
        return _pairs_by_tree(atoms, reach, around)
    from pymatgen.optimization.neighbors import find_points_in_spheres

    positions = np.ascontiguousarray(atoms.get_positions(wrap=True))
    periodic = np.ones(3, dtype=np.int64)
    cell = np.ascontiguousarray(atoms.cell.array)
    first, second, _, distance = find_points_in_spheres(positions, positions[around], reach, periodic, cell, 1e-8)
    other = distance > 1e-8
    coincident = (distance <= 1e-8) & (around[first] != second)
    keep = other | coincident
    return first[keep], second[keep], distance[keep]


def _pairs_by_tree(atoms: Atoms, reach: float, around: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
    """The atoms `around` among all atoms and those images of them that lie within reach of the cell."""
    from scipy.spatial import cKDTree

    positions, images, owner = _with_images(atoms, reach)
    positions = positions[around]
    found = cKDTree(positions).query_ball_point(images, reach)
    counts = [len(near) for near in found]
    second = np.repeat(owner, counts)
    first = np.concatenate([np.array(near, dtype=int) for near in found]) if len(found) else np.zeros(0, dtype=int)
    distance = np.linalg.norm(positions[first] - np.repeat(images, counts, axis=0), axis=1)
    keep = (around[first] != second) | (distance > 1e-8)
    return first[keep], second[keep], distance[keep]


def _wrapped(atoms: Atoms) -> FloatArray:
    """Positions wrapped along the periodic vectors.

    Fractions are of the space that these span: the other vectors do not matter, however skew they are.
    """
    vectors: FloatArray = atoms.cell.array[atoms.pbc]
    if not len(vectors):
        return atoms.positions.copy()
    return np.asarray(atoms.positions - np.floor(atoms.positions @ np.linalg.pinv(vectors)) @ vectors)


def _with_images(atoms: Atoms, reach: float) -> tuple[FloatArray, FloatArray, IntArray]:
    """Wrapped positions; those and their images within reach of the cell; the atom of each image."""
    positions, owner = _wrapped(atoms), np.arange(len(atoms))
    vectors: FloatArray = atoms.cell.array[atoms.pbc]
    images = positions
    for vector, across in zip(vectors, np.linalg.pinv(vectors).T, strict=True) if len(vectors) else ():
        fraction, width = images @ across, float(reach * np.linalg.norm(across))
        parts = [(images, owner)]
        for shift in range(1, int(min(width, MAX_IMAGES)) + 2):
            for sign in (shift, -shift):
                near = np.flatnonzero((fraction + sign >= -width - 1e-9) & (fraction + sign <= 1 + width + 1e-9))
                parts.append((images[near] + sign * vector, owner[near]))
        images, owner = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    return positions, images, owner
