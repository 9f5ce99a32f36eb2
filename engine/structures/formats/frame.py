"""A frame: one structure of the input with what it brings along, or the reason why it cannot be used."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.formats import formula
from platonic_atlas.engine.structures.formats.species import Unclear

#: Names under which an identifier is looked for, in this order, whatever their case; "-" and "_" are the same.
ID_NAMES = (
    "material_id", "id", "mp_id", "jid", "mat_id", "alexandria_id", "icsd_id", "cod_id", "oqmd_id", "structure_id",
    "entry_id", "uid", "unique_id", "identifier", "name", "",
)  # fmt: skip

#: Names of the energy of the whole structure [eV], in the order in which they are taken, then of the energy per atom.
TOTAL_ENERGIES = (
    "energy", "REF_energy", "dft_energy", "Energy", "total_energy", "free_energy", "corrected_total_energy",
    "energy_corrected", "uncorrected_total_energy",
)  # fmt: skip
ATOM_ENERGIES = ("energy_per_atom", "REF_energy_per_atom", "dft_energy_per_atom", "corrected_energy_per_atom")
#: Columns of one energy an atom, whose sum is the energy of the structure.
ENERGY_COLUMNS = ("energies",)

#: More atoms than this in one cell are no structure that a site map is made of.
MOST_ATOMS = 1_000_000
#: A value of so many characters is a text, not a label.
LONGEST_LABEL = 80
#: Names that say how a file is made, or that are kept elsewhere.
_NO_LABELS = {
    "source", "relaxed", "unit_cell", "occupancy", "pbc", "lattice", "properties", "stress", "virial", "virials",
    "spacegroup_kinds", "masses", "comment", "cell", "cif", "structure", "atoms", "origin", "spacegroup",
}  # fmt: skip
#: Labels become folders of an atlas, where a dot means more: `zarr.json` is a file of every one of them.
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eEdD][-+]?\d+)?")
_OCCUPANCIES = ("occupancy", "occupancies", "occ")
_FORMULAS = (
    "formula", "pretty_formula", "formula_pretty", "reduced_formula", "chemical_formula", "chemical_formula_reduced",
    "chemical_formula_sum",
)  # fmt: skip
PARTLY = "partly occupied sites leave open which atoms are there"
#: An occupancy further than this from 1 is no rounding.
FULL = 1e-3


@dataclass
class Frame:
    """One structure of the input, or the reason why it could not be read.

    n_atoms : atoms that the frame counts in the numbering of the input. For an unparsable frame
        the number that its header states (extended xyz), else 0.
    labels : name -> value of the structure
    atom_labels : name -> a value for each atom
    energy : that came with it [eV/atom], None where there is none ; energy_key : the name it stood under
    notes : what was changed or dropped as it was read, in words
    """

    id: str
    source: str
    atoms: Atoms | None
    n_atoms: int
    reason: str = ""
    labels: dict[str, Any] = field(default_factory=dict)
    atom_labels: dict[str, list[Any]] = field(default_factory=dict)
    energy: float | None = None
    energy_key: str = ""
    notes: list[str] = field(default_factory=list)

    def __setattr__(self, name: str, value: Any) -> None:
        """Texts are kept as they can be written: names of files hold bytes, and JSON halves of characters, that cannot."""
        object.__setattr__(self, name, writable(value) if isinstance(value, str) else value)


def writable(text: str) -> str:
    """The text with a mark for what is no character."""
    return _SURROGATE.sub("\ufffd", text)


def label_name(key: Any) -> str:
    """The name under which a value is kept as a label, "" where it is none: "band_gap.value" is "band_gap_value"."""
    name = str(key).replace(".", "_")
    return name if NAME.fullmatch(name) else ""


def parsed(
    atoms: Atoms, name: str, source: str, given: Mapping[str, Any] | None = None, *,
    columns: Mapping[str, Any] | None = None, notes: Sequence[str] = (),
) -> Frame:  # fmt: skip
    """A frame of atoms with what hangs on it: identifier, labels and energy, none of which can make it fail.

    given : scalars of the structure by name ; columns : values of its atoms by name
    """
    info = {str(key): value for key, value in {**atoms.info, **(given or {})}.items()}
    arrays = atoms.arrays if columns is None else columns
    wrong = not_fully_occupied(arrays) or not_fully_occupied(info) or _another_formula(info, atoms)
    if wrong:
        return left_out(identifier(info) or name, source, wrong, len(atoms))
    frame = Frame(
        identifier(info) or name, _source(info, source), atoms, len(atoms), notes=[*notes, *_not_compared(info)]
    )
    results = dict(atoms.calc.results) if atoms.calc is not None else {}
    _take_energy(frame, {**info, **results}, {**arrays, **results})
    frame.labels = _structure_labels(info)
    frame.atom_labels = _atom_labels({**arrays, **results}, len(atoms))
    return frame


def broken(name: str, source: str, error: Exception | str, n_atoms: int = 0) -> Frame:
    """A frame that cannot be read, with the reason in words."""
    return Frame(name, source, None, n_atoms, reason=f"unparsable: {in_words(error)}")


def guarded(name: str, source: str, read: Callable[[], Frame], n_atoms: int = 0) -> Frame:
    """What `read` makes; where it raises, a frame that says why: what is open is left out, all else is broken."""
    try:
        return read()
    except Unclear as unclear:
        return left_out(name, source, str(unclear), n_atoms)
    except Exception as error:
        return broken(name, source, error, n_atoms)


def in_words(error: Exception | str) -> str:
    """What went wrong as a person says it: the messages of Python alone ("'8'", "list index out of range") say nothing."""
    if isinstance(error, (MemoryError, RecursionError, OverflowError)):
        return "it states numbers that no structure has"
    if isinstance(error, _SAYS_NOTHING):
        return NOT_FOLLOWED
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be opened ({error.strerror})"
    said = " ".join(str(error)[:1000].split())
    if found := re.search(r"(?:could not convert string to \w+|invalid literal for [^:']{1,40}): b?'(.{0,41})", said):
        word = found[1].removesuffix("'")[:40]
        return f"{word!r} stands where a number belongs" if word.strip() else "a number is missing"
    if isinstance(error, Exception) and re.search(_OF_THE_PROGRAM, said):
        return NOT_FOLLOWED
    return said[:200] or NOT_FOLLOWED


NOT_FOLLOWED = "it does not follow its format"
_SAYS_NOTHING = (
    KeyError, IndexError, AttributeError, AssertionError, TypeError, StopIteration, UnicodeError, EOFError, ZeroDivisionError,
)  # fmt: skip
#: Words of messages that are about a program and not about a file.
_OF_THE_PROGRAM = r"reshape|broadcast|\barrays?\b|to unpack\b|argument|object|\(\)|ambiguous|codec|concatenate|Error|0x|__|buffer|dimension"


def left_out(name: str, source: str, reason: str, n_atoms: int = 0) -> Frame:
    """A frame that was understood, and that leaves open which atoms are where."""
    return Frame(name, source, None, n_atoms, reason=" ".join(reason.split())[:300])


def number(value: Any) -> float | None:
    """A number in whatever form: 0.5, "0.5", "0.52(3)", "1.5D+01"; None where it is none."""
    if isinstance(value, (bool, np.bool_)) or value is None:
        return None
    if isinstance(value, (int, float, np.integer, np.floating)):
        try:
            return float(value)
        except OverflowError:
            return None
    if not isinstance(value, str) or len(value) > 64:
        return None
    bare = re.sub(r"\(\d+\)$", "", value.strip().strip("'\"").strip())
    return float(re.sub("[dD]", "e", bare)) if _NUMBER.fullmatch(bare) else None


def not_fully_occupied(info: Mapping[str, Any]) -> str:
    """Why occupancies that a structure carries leave open which atoms are there, "" where they do not.

    ASE keeps those of a CIF as {kind: {element: share}} and draws the largest share only.
    """
    for given in (value for key, value in info.items() if _folded(str(key)) in _OCCUPANCIES):
        shares = [number(value) for value in _leaves(given)]
        if any(share is not None and abs(share - 1) > FULL for share in shares):  # not a number is no share
            return PARTLY
        if isinstance(given, Mapping) and any(_several(kind) for kind in given.values()):
            return PARTLY
    return ""


def _another_formula(info: Mapping[str, Any], atoms: Atoms) -> str:
    """What a formula beside the atoms says otherwise than they, "" where both agree."""
    for stated in map(formula.parse, _formulas(info)):
        if said := formula.contradiction(stated, None, atoms.numbers):
            return f"it contradicts itself: {said}"
    return ""


def _not_compared(info: Mapping[str, Any]) -> list[str]:
    """Notes on formulas that are written in a way that is not read."""
    return [
        f"its formula {value.strip()[:40]!r} was not understood, and not compared with its atoms"
        for value in _formulas(info)
        if value.strip() and not formula.parse(value)
    ]


def _formulas(info: Mapping[str, Any]) -> list[str]:
    return [value for key, value in info.items() if _folded(key) in _FORMULAS and isinstance(value, str)]


def _several(kind: Any) -> bool:
    return isinstance(kind, Mapping) and len(kind) > 1


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    if isinstance(value, (list, tuple, np.ndarray)):
        return [leaf for each in value for leaf in _leaves(each)]
    return [] if value is None else [value]


def identifier(info: Mapping[str, Any]) -> str:
    """The identifier among what a structure carries, "" where it carries none; a truth value is none."""
    folded = {_folded(key): value for key, value in reversed(list(info.items()))}
    for name in ID_NAMES:
        value = folded.get(name)
        if isinstance(value, (bool, np.bool_)):
            continue
        if isinstance(value, (str, int, np.integer)) or (
            isinstance(value, (float, np.floating)) and math.isfinite(value)
        ):
            said = " ".join(str(value).split())
            if said and said.lower() not in ("nan", "none", "null", "true", "false") and len(said) <= 200:
                return said
    return ""


def _folded(key: str) -> str:
    return key.strip().lower().replace("-", "_").replace(" ", "_")


def _source(info: Mapping[str, Any], source: str) -> str:
    given = info.get("source")
    return given if isinstance(given, str) and given.strip() and len(given) <= 200 else source


def _take_energy(frame: Frame, scalars: Mapping[str, Any], columns: Mapping[str, Any]) -> None:
    """The first energy that is one number; what stands under such a name and is none is dropped with a note."""
    n = frame.n_atoms
    for key in (*TOTAL_ENERGIES, *ATOM_ENERGIES):
        if key not in scalars:
            continue
        value = number(_without_unit(scalars[key]))
        if value is None or not math.isfinite(value):
            frame.notes.append(f"the energy under {key} is no number and was dropped")
        elif n:
            frame.energy, frame.energy_key = (value / n if key in TOTAL_ENERGIES else value), key
            return
    for key in ENERGY_COLUMNS:
        values = _numbers(columns.get(key), n)
        if values is not None and np.isfinite(values).all() and n:
            frame.energy, frame.energy_key = float(values.mean()), key
            return


def _without_unit(value: Any) -> Any:
    return re.sub(r"\s*eV\s*$", "", value) if isinstance(value, str) and len(value) <= 64 else value


def _structure_labels(info: Mapping[str, Any]) -> dict[str, Any]:
    """Scalars that say something of the structure, by names that are names."""
    labels: dict[str, Any] = {}
    for key, value in info.items():
        folded = _folded(key)
        if (
            (folded in ID_NAMES and folded != "name")
            or folded in _NO_LABELS
            or key in (*TOTAL_ENERGIES, *ATOM_ENERGIES)
        ):
            continue
        told = scalar(value)
        own = label_name(key)
        if told and own and told[0] not in "{[" and not told.startswith("_JSON"):
            labels.setdefault(own, told)
    return labels


def scalar(value: Any) -> str:
    """A label as text: a number, a word, a truth value; "" for all else."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return str(value)
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.8g}" if math.isfinite(value) else ""
    said = " ".join(writable(value).split()) if isinstance(value, str) and len(value) <= 4 * LONGEST_LABEL else ""
    return said if len(said) <= LONGEST_LABEL else ""


#: Columns of vectors that are labels by their length [unit of the file], and what the label is called.
_LENGTHS = {"forces": "force", "REF_forces": "force", "dft_forces": "force", "velo": "speed", "momenta": "momentum"}
_NO_COLUMNS = {
    "numbers", "positions", "species", "pos", "Z", "masses", "spacegroup_kinds", "occupancy", "stress", "atomtypes",
    "residuenames", "occupancies", "occ", "atomic_numbers", "symbols", "energies", "id",
}  # fmt: skip


def _atom_labels(columns: Mapping[str, Any], n: int) -> dict[str, list[Any]]:
    """Columns of one value an atom, and the lengths of forces, velocities and momenta."""
    labels: dict[str, list[Any]] = {}
    for key, values in columns.items():
        own = label_name(key)
        if key in _NO_COLUMNS or not own:
            continue
        array = np.asarray(values)
        if array.shape == (n, 3) and key in _LENGTHS and array.dtype.kind == "f":
            labels.setdefault(_LENGTHS[key], [scalar(x) for x in np.linalg.norm(array, axis=1)])
        elif array.shape == (n,) and array.dtype.kind in "biufU" and n:
            labels.setdefault(own, [scalar(x) for x in array.tolist()])
    return labels


def _numbers(values: Any, n: int) -> np.ndarray[Any, Any] | None:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return None
    return array if array.shape == (n,) else None
