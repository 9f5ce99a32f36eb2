"""CIF: read by gemmi, atom by atom held against what the file says of itself.

ASE's reader takes the first letters of a label, the largest share of a mixture and P 1 where it does not know the
operations; pymatgen's mends much in silence. Here what is open leaves the structure out, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.checks import MAX_LENGTH
from platonic_atlas.engine.structures.formats import formula, space_groups, species
from platonic_atlas.engine.structures.formats.frame import FULL, PARTLY, Frame, broken, guarded, number, parsed
from platonic_atlas.engine.structures.formats.sites import Expanded, expand
from platonic_atlas.engine.structures.formats.species import Unclear
from platonic_atlas.engine.types import FloatArray, IntArray

#: A stated volume further from the cell's than this share is another cell's, and no rounding.
VOLUME = 0.1
_MULTIPLICITY = ("_atom_site_symmetry_multiplicity", "_atom_site_site_symmetry_multiplicity")
_UNKNOWN = ("", "?", ".")
_CELL = tuple(
    f"_cell_{name}" for name in ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
)
_OPERATIONS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")
_HALL = ("_space_group_name_hall", "_symmetry_space_group_name_hall")
_SYMBOL = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_space_group_name_h-m_full",
    "_space_group_name_h-m",
)
_NUMBER = ("_space_group_it_number", "_symmetry_int_tables_number")
# Names of data blocks that programs write into every file
_GENERIC = r"(image|global|block|cif|i|vesta_phase_|structure|findsym-output|phonopy|unnamed)?[-_]?\d*"
_NAMES = (
    "_database_code",
    "_cod_database_code",
    "_database_code_icsd",
    "_chemical_name_common",
    "_chemical_name_mineral",
)


_BLOCK = re.compile(r"^;.*?^;|^[ \t]*(?P<head>data_)", re.DOTALL | re.IGNORECASE | re.MULTILINE)
_OF_SITES = "_atom_site_"
_USED = tuple(_OF_SITES + name for name in ("label", "type_symbol", "occupancy", "calc_flag", "disorder_group"))


@dataclass
class Block:
    """Values of a data block by tag, in small letters and with "_" for "."."""

    name: str
    columns: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *tags: str) -> str:
        """The first value that is known, "" where none is."""
        for tag in tags:
            for value in self.columns.get(tag, [])[:1]:
                if value.strip() not in _UNKNOWN:
                    return value.strip()
        return ""

    def column(self, *tags: str) -> list[str]:
        return next((self.columns[tag] for tag in tags if tag in self.columns), [])


def read(text: str, source: str) -> Iterator[Frame]:
    """Every data block that describes atoms; one without any (a title block) is passed over where others have some.

    Blocks are parsed one by one, so that one that is broken takes no other along, and a file no multiple of its size.
    """
    k = above = 0
    for start, end in _parts(text):
        part, before = text[start:end], above
        above += part.count("\n")
        try:
            blocks = [block for block in parse(part) if _has_atoms(block)]
        except (ValueError, RuntimeError) as error:
            yield broken(f"{source}#{k}", source, f"it is no CIF ({_where(error, before)})")
            k += 1
            continue
        for block in blocks:
            name = f"{source}#{k}"
            yield guarded(name, source, partial(_frame, block, name, source))
            k += 1
    if k == 0:
        yield broken(f"{source}#0", source, "no data block with atoms")


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Where each data block begins and ends; what stands before the first is part of it, and text in ; is none."""
    begin = first = 0
    for found in _BLOCK.finditer(text):
        if found["head"] and first:
            yield begin, found.start()
            begin = found.start()
        first = first or bool(found["head"])
    yield begin, len(text)


def _where(error: Exception, above: int) -> str:
    """What gemmi says of a part of a file; above : lines before it."""
    said = " ".join(str(error).split())
    return re.sub(r"^string:(\d+)", lambda line: f"line {int(line[1]) + above}", said)[:120]


def parse(text: str) -> list[Block]:
    """Data blocks as gemmi reads them; of a tag that is there twice the first counts."""
    import gemmi

    blocks = []
    for found in gemmi.cif.read_string(text, check_level=0):
        block = Block(found.name)
        for item in found:
            pair: Any = item.pair  # typed as an object
            if pair is not None:
                block.columns.setdefault(_tag(pair[0]), [gemmi.cif.as_string(pair[1])])
            elif item.loop is not None:
                values = [gemmi.cif.as_string(value) for value in item.loop.values]
                width = len(item.loop.tags)
                for k, tag in enumerate(item.loop.tags):
                    block.columns.setdefault(_tag(tag), values[k::width])
        blocks.append(block)
    return blocks


def _tag(name: str) -> str:
    return name.lower().replace(".", "_")


def _has_atoms(block: Block) -> bool:
    return any(tag in block.columns for tag in ("_atom_site_label", "_atom_site_type_symbol", "_atom_site_fract_x"))


def _frame(block: Block, name: str, source: str) -> Frame:
    cell = _cell(block)
    numbers, fractions, notes = _sites(block)
    expanded = _expanded(block, cell, numbers, fractions)
    atoms = Atoms(expanded.numbers, scaled_positions=expanded.fractions, cell=cell, pbc=True)
    given = _identity(block)
    if (written := block.first("_chemical_formula_sum")) and not formula.parse(written):
        notes.append(f"its formula {written[:40]!r} was not understood, and not compared with its atoms")
    return parsed(atoms, name, source, given, columns={}, notes=[*notes, *expanded.notes])


def _identity(block: Block) -> dict[str, Any]:
    """What the file calls the structure: a number of a database, else a name that was given to it."""
    named = block.first(*_NAMES)
    generic = formula.parse(block.name) or re.fullmatch(_GENERIC, block.name, re.IGNORECASE)
    prototype = block.first("_aflow_proto", "_aflow_prototype")
    found = named or ("" if generic else block.name)
    return {**({"material_id": found} if found else {}), **({"prototype": prototype} if prototype else {})}


def _cell(block: Block) -> FloatArray:
    from ase.geometry import cellpar_to_cell

    values = [number(block.first(tag)) for tag in _CELL]
    if any(value is None for value in values):
        raise Unclear("the cell is not given whole: three lengths and three angles")
    edges = np.array(values, dtype=float)
    if not (
        (edges[:3] > 0).all() and (edges[:3] <= MAX_LENGTH).all() and (edges[3:] > 0).all() and (edges[3:] < 180).all()
    ):
        raise Unclear("the cell has an edge or an angle that none can have")
    cell: FloatArray = cellpar_to_cell(edges)
    if not np.isfinite(cell).all():
        raise Unclear("the angles of the cell fit no cell")
    stated = number(block.first("_cell_volume"))
    volume = abs(np.linalg.det(cell))
    if stated is not None and abs(stated - volume) > VOLUME * volume:
        raise Unclear(f"it contradicts itself: its cell has {volume:.4g} Å³, and it states {stated:.4g}")
    return cell


def _sites(block: Block) -> tuple[IntArray, FloatArray, list[str]]:
    """Atomic numbers and fractions of the sites that are there, and notes."""
    if any(tag.startswith(("_cell_modulation", "_space_group_ssg", "_atom_site_fourier")) for tag in block.columns):
        raise Unclear("a modulated structure: no cell holds all of its atoms")
    axes = [block.column(f"_atom_site_fract_{axis}") for axis in "xyz"]
    labels, symbols = block.column("_atom_site_label"), block.column("_atom_site_type_symbol")
    n = max(map(len, (*axes, labels, symbols)))
    if any(len(axis) != n for axis in axes):
        raise Unclear("the atoms have no fractional coordinates")
    if any(len(block.columns[tag]) != n for tag in _USED if tag in block.columns):
        raise Unclear("its columns of atoms differ in length")
    there = _present(block, n)
    stated = formula.parse(block.first("_chemical_formula_sum"))
    rows = [int(k) for k in np.flatnonzero(there)]
    found = [_element(k, labels, symbols, stated) for k in rows]
    places = [[_coordinate(axis[k]) for axis in axes] for k in rows]
    for k, place in zip(rows, places, strict=True):
        if None in place:
            raise Unclear(f"{_called(k, labels, symbols)} has no coordinates")
    notes = sorted({note for _, note in found if note})
    if not there.all():
        notes.append("sites without an atom (occupancy 0 or dummies) were dropped")
    return np.array([z for z, _ in found], dtype=int), np.array(places, dtype=float).reshape(-1, 3), notes


def _coordinate(text: str) -> float | None:
    """A number, or a share such as 1/3."""
    share = re.fullmatch(r"\s*([-+]?\d{1,4})/(\d{1,4})\s*", text)
    return int(share[1]) / int(share[2]) if share and int(share[2]) else number(text)


def _element(k: int, labels: list[str], symbols: list[str], stated: dict[str, float]) -> tuple[int, str]:
    symbol = symbols[k] if k < len(symbols) else ""
    if symbol.strip() not in _UNKNOWN:
        return species.of_symbol(symbol)
    if k >= len(labels):
        raise Unclear("the atoms have neither type symbols nor labels")
    return species.of_label(labels[k], stated)


def _called(k: int, labels: list[str], symbols: list[str]) -> str:
    return next((column[k] for column in (labels, symbols) if k < len(column)), f"atom {k}")


def _present(block: Block, n: int) -> np.ndarray[Any, Any]:
    """(n,) whether a site holds an atom; raises where that is open: shares, alternatives, hydrogens without a place."""
    shares = [_share(value) for value in block.column("_atom_site_occupancy")] or [1.0] * n
    dummies = block.column("_atom_site_calc_flag") or [""] * n
    there = np.array([share > 0 and flag.lower() != "dum" for share, flag in zip(shares, dummies, strict=True)])
    if any(share > 0 and abs(share - 1) > FULL for share in shares):
        raise Unclear(PARTLY)
    alternatives = block.column("_atom_site_disorder_group") or [""] * n
    groups = {value.strip() for value, here in zip(alternatives, there, strict=True) if here}
    if groups - set(_UNKNOWN):
        raise Unclear("disordered: groups of atoms that stand for one another leave open which are there")
    for value in block.column("_atom_site_attached_hydrogens"):
        if (number(value) or 0) > 0:
            raise Unclear("hydrogen atoms are stated without a place")
    return there


def _share(value: str) -> float:
    if value.strip() in _UNKNOWN:
        return 1.0
    share = number(value)
    if share is None:
        raise Unclear(f"the occupancy {value[:20]!r} is no number")
    if share < 0:
        raise Unclear(f"the occupancy {value[:20]!r} is negative")
    return share


def _expanded(block: Block, cell: FloatArray, numbers: IntArray, fractions: FloatArray) -> Expanded:
    """The atoms by the reading of the symmetry that formula and number of formula units allow."""
    stated, units = formula.parse(block.first("_chemical_formula_sum")), number(block.first("_cell_formula_units_z"))
    angles = number(block.first(_CELL[3])) or 0.0, number(block.first(_CELL[5])) or 0.0
    options = space_groups.readings(_symmetry(block), angles, confirmed=bool(stated) and units is not None)
    made = [expand(numbers, fractions, cell, operations) for operations in options]
    said = [formula.contradiction(stated, units, each.numbers) for each in made]
    if not stated or units is None:
        said = [
            wrong or _another_multiplicity(block, each, len(operations.rotations))
            for wrong, each, operations in zip(said, made, options, strict=True)
        ]
    fitting = [each for each, wrong in zip(made, said, strict=True) if not wrong]
    if not fitting:
        raise Unclear(f"it contradicts itself: {said[0]}")
    if len(fitting) > 1:
        names = " or ".join(operations.name for operations in options)
        raise Unclear(f"the origin is left open ({names}), and no formula with its number of units decides")
    return fitting[0]


def _another_multiplicity(block: Block, made: Expanded, order: int) -> str:
    """Where a site has other copies than the file counts, "" where it has not.

    SHELXL-97 wrote the order of the site's symmetry under this name: that and the number of copies make up the group.
    """
    column = block.column(*_MULTIPLICITY)
    if len(column) != len(block.column("_atom_site_fract_x")):
        return ""
    there = np.flatnonzero(_present(block, len(column))).tolist()
    copies = np.bincount(made.site, minlength=len(there)).tolist()
    for k, n in zip(there, copies, strict=True):
        stated = number(column[k])
        if stated and n and stated != n and stated * n != order:
            return f"site {k + 1} has {n} copies in the cell, and the file counts {stated:g}"
    return ""


def _symmetry(block: Block) -> space_groups.Given:
    listed = [value for value in block.column(*_OPERATIONS) if value.strip() not in _UNKNOWN]
    magnetic = any(tag.startswith("_space_group_symop_magn") for tag in block.columns)
    if magnetic and not listed:
        raise Unclear("a magnetic structure: its operations are not read")
    return space_groups.Given(
        tuple(listed), block.first(*_HALL), block.first(*_SYMBOL), block.first(*_NUMBER),
        block.first("_space_group_it_coordinate_system_code"),
    )  # fmt: skip
