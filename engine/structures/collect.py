"""From files to a `Collection`: read, check, reduce, find orbits, label.

Numbering of the input. `Collection.input_site` has one entry for every atom in file order: atoms of
rejected structures and all symmetry copies count, as an anchor file made outside counts them. An
unparsable frame counts the atoms that its header states (extended xyz), else none; a csv row whose
CIF can be read counts its atoms even where the structure is rejected.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.choices import OnError, chosen
from platonic_atlas.engine.elements import reduced_formula
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.periodic import near_the_cell
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.structures.checks import reason_to_reject
from platonic_atlas.engine.structures.coordination import UNKNOWN, coordination_numbers
from platonic_atlas.engine.structures.given_labels import KIND_NAMES, given_labels
from platonic_atlas.engine.structures.neighbourhood import neighbourhood_labels
from platonic_atlas.engine.structures.read import Frame, Input, read_frames, reading_of
from platonic_atlas.engine.structures.symmetry import (
    SYMPREC,
    CrystalSymmetry,
    crystal_symmetry,
    no_symmetry,
    reduce_to_primitive,
)
from platonic_atlas.engine.types import Collection, IntArray, Reject


@dataclass
class _Entry:
    """A structure that passed the checks.

    primitive_atom : (n atoms in the input,) its atom for each atom of the input
    """

    frame: Frame
    input_index: int
    atoms: Atoms
    symmetry: CrystalSymmetry
    primitive_atom: IntArray


@dataclass
class _Gathered:
    """Everything read, in input order; `counts` holds (n atoms, entry or None) for every frame."""

    entries: list[_Entry] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    counts: list[tuple[int, int | None]] = field(default_factory=list)


def collect(
    inputs: Input | Sequence[Input],
    *,
    primitive: bool = False,
    orbits: bool = True,
    on_error: OnError | str = OnError.SKIP,
    coordination: bool = True,
    workers: int | None = None,
    elements: Sequence[str] = (),
    every: int = 1,
    last: bool = False,
    progress: Progress = silent,
) -> Collection:
    """Structures of files, folders or `Atoms` as one flat collection with sites and labels.

    primitive : reduce crystals to their primitive cells
    orbits : one site a symmetry orbit; else every atom is a site
    on_error : "skip" leaves out what cannot be used and lists it, "fail" raises instead
    coordination : label sites with CrystalNN's coordination number (the slow part)
    workers : processes for that, all cores where None
    elements : symbols of the types 1, 2, … in formats that hold types only
    every : one frame of so many of each file ; last : only the last frame of each
    progress : called with (stage, done, total), total 0 where unknown

    Raises
    ------
    InputError : nothing usable in the input, or a structure was rejected and `on_error="fail"`
    UsageError : `on_error` is neither, `every` is below 1, or `elements` are none
    """
    on_error = chosen(OnError, on_error, "way with what cannot be used")
    reading = reading_of(elements, every, last)
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # what is wrong with a file is told as its reason
        warnings.simplefilter("ignore")
        gathered = _gather(read_frames(inputs, reading), primitive, orbits, on_error, progress)
    _must_hold_one(gathered)
    parameters = {"primitive": primitive, "orbits": orbits, "symprec": SYMPREC, "coordination": coordination}
    parameters |= (
        {"files": reading.n_files} | ({"every": every} if every > 1 else {}) | ({"last": True} if last else {})
    )
    return _flat(gathered, parameters, coordination, workers, progress)


def _must_hold_one(gathered: _Gathered) -> None:
    """Raises InputError, with the reasons, where nothing can be used."""
    if not gathered.entries:
        raise InputError(
            f"None of the {len(gathered.rejects)} structures read can be used. {_summary(gathered.rejects)}".strip(),
            "At least one structure was expected.",
            "Give files of structures (extxyz, CIF, POSCAR, JSON, db, …) or a table with a column named cif.",
        )


def _gather(frames: Iterable[Frame], primitive: bool, orbits: bool, on_error: OnError, progress: Progress) -> _Gathered:
    gathered = _Gathered()
    for index, frame in enumerate(frames):
        reason = _reason(frame)
        if reason:
            reject = Reject(index, frame.id, frame.source, reason)
            if on_error is OnError.FAIL:
                raise _rejected(reject)
            gathered.rejects.append(reject)
            gathered.counts.append((frame.n_atoms, None))
        else:
            gathered.counts.append((frame.n_atoms, len(gathered.entries)))
            gathered.entries.append(_entry(frame, index, primitive, orbits))
        progress("reading", index + 1, 0)
    return gathered


def _reason(frame: Frame) -> str:
    if frame.atoms is None:
        return frame.reason
    try:
        return reason_to_reject(frame.atoms)
    except (MemoryError, ValueError, OverflowError, np.linalg.LinAlgError):
        return "numbers that no structure has"


def _entry(frame: Frame, index: int, primitive: bool, orbits: bool) -> _Entry:
    assert frame.atoms is not None  # frames without atoms were rejected
    atoms = _near_the_cell(frame, frame.atoms)
    symmetry = crystal_symmetry(atoms)
    way: IntArray = np.arange(len(atoms))
    if primitive:
        atoms, symmetry, way = reduce_to_primitive(atoms, symmetry)
    return _Entry(frame, index, atoms, symmetry if orbits else no_symmetry(symmetry), way)


def _near_the_cell(frame: Frame, atoms: Atoms) -> Atoms:
    near = near_the_cell(atoms)
    if near is not atoms:
        frame.notes.append("atoms far outside the cell were wrapped into it")
    return near


def _rejected(reject: Reject) -> InputError:
    return InputError(
        f"Structure {reject.input_index} ({reject.id} of {reject.source}) cannot be used: {reject.reason}.",
        "With --on-error fail every structure must be usable.",
        "Mend the input, or leave such structures out with --on-error skip.",
    )


def _summary(rejects: list[Reject]) -> str:
    """The first reasons, for the message of an input of which nothing is usable."""
    return "; ".join(f"{reject.id}: {reject.reason}" for reject in rejects[:3])


def _flat(
    gathered: _Gathered,
    parameters: dict[str, Any],
    coordination: bool,
    workers: int | None,
    progress: Progress,
) -> Collection:
    entries = gathered.entries
    sizes = np.array([len(entry.atoms) for entry in entries])
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    orbit = np.concatenate([entry.symmetry.orbit + offset for entry, offset in zip(entries, offsets, strict=True)])
    representative, site, multiplicity = np.unique(orbit, return_inverse=True, return_counts=True)
    owner = np.repeat(np.arange(len(entries)), sizes)
    chosen = _by_structure(representative, owner, offsets)
    return Collection(
        structures=_structure_table(entries),
        atomic_number=np.concatenate([entry.atoms.numbers for entry in entries]),
        position=np.concatenate([entry.atoms.positions for entry in entries]),
        structure=owner,
        site=site,
        representative=representative,
        multiplicity=multiplicity,
        labels=_labels(entries, chosen, coordination, workers, progress),
        input_site=_input_site(gathered, offsets, site),
        rejects=gathered.rejects,
        parameters=parameters,
    )


def _by_structure(representative: IntArray, owner: IntArray, offsets: IntArray) -> list[IntArray]:
    """For each structure the positions in it of the atoms that stand for its sites."""
    structure = owner[representative]
    borders = np.searchsorted(structure, np.arange(1, len(offsets)))
    return np.split(representative - offsets[structure], borders)


def _structure_table(entries: list[_Entry]) -> dict[str, list[Any]]:
    ids = _unique([entry.frame.id for entry in entries])
    return _brought_along(entries) | {
        "n_atoms": [len(entry.atoms) for entry in entries],
        "cell": [entry.atoms.cell.array for entry in entries],
        "pbc": [entry.atoms.pbc for entry in entries],
        "id": ids,
        "input_index": [entry.input_index for entry in entries],
        "formula": [_formula(entry.atoms) for entry in entries],
        "source": [entry.frame.source for entry in entries],
        "prototype": [_prototype(entry) for entry in entries],
        "spacegroup": [_spacegroup(entry) for entry in entries],
    }


def _brought_along(entries: list[_Entry]) -> dict[str, list[Any]]:
    """Columns that are written where the input holds something: energies [eV/atom], their names, and notes."""
    frames = [entry.frame for entry in entries]
    energies = [float("nan") if frame.energy is None else frame.energy for frame in frames]
    given: dict[str, list[Any]] = {}
    if np.isfinite(energies).any():
        given = {"reference_energy": energies, "reference_energy_key": [frame.energy_key for frame in frames]}
    notes = ["; ".join(dict.fromkeys(frame.notes)) for frame in frames]
    return given | ({"note": notes} if any(notes) else {})


def _unique(ids: list[str]) -> list[str]:
    """Identifiers with a running number where the input repeats one."""
    seen: dict[str, int] = {}
    taken, unique = set(ids), []
    for name in ids:
        count = seen.get(name, 0)
        seen[name] = count + 1
        candidate = name
        while count and candidate in taken:
            count += 1
            candidate = f"{name}-{count}"
        taken.add(candidate)
        unique.append(candidate)
    return unique


def _formula(atoms: Atoms) -> str:
    """Reduced formula of a crystal in the order of electronegativity, the full one of a molecule."""
    return reduced_formula(atoms.numbers) if atoms.pbc.any() else str(atoms.get_chemical_formula())


def _spacegroup(entry: _Entry) -> int:
    given = str(entry.frame.labels.get("spacegroup", ""))
    return entry.symmetry.spacegroup or (int(given) if given.isdecimal() else 0)


def _prototype(entry: _Entry) -> str:
    """The prototype that the input names; else anonymous formula and space group, "AB3C 221".

    What is no crystal is called what the input calls it.
    """
    given, number = entry.frame.labels, _spacegroup(entry)
    if named := given.get("prototype"):
        return str(named)
    if number:
        return f"{entry.atoms.symbols.formula.stoichiometry()[0]} {number}"
    return next((str(given[key]) for key in KIND_NAMES if given.get(key)), UNKNOWN)


def _labels(
    entries: list[_Entry],
    chosen: list[IntArray],
    coordination: bool,
    workers: int | None,
    progress: Progress,
) -> dict[str, list[str]]:
    """name -> (n_sites,) labels."""
    labels: dict[str, list[str]] = {
        name: [] for name in ("prototype", "spacegroup", "wyckoff", "orbit", "coordination", "formula")
    }
    labels |= given_labels([entry.frame for entry in entries], chosen, [entry.primitive_atom for entry in entries])
    for entry, atoms in zip(entries, chosen, strict=True):
        formula, number = _formula(entry.atoms), _spacegroup(entry)
        labels["prototype"] += [_prototype(entry)] * len(atoms)
        labels["spacegroup"] += [str(number) if number else UNKNOWN] * len(atoms)
        labels["formula"] += [formula] * len(atoms)
        labels["wyckoff"] += [str(letter) or UNKNOWN for letter in entry.symmetry.wyckoff[atoms]]
        labels["orbit"] += _orbit_names(entry.atoms, atoms, formula)
    structures = [entry.atoms for entry in entries]
    labels |= neighbourhood_labels(structures, chosen, progress=progress)
    if not coordination:
        del labels["coordination"]
        return labels
    numbers = coordination_numbers(structures, chosen, workers=workers, progress=progress)
    labels["coordination"] = [number for of_one in numbers for number in of_one]
    return labels


def _orbit_names(atoms: Atoms, chosen: IntArray, formula: str) -> list[str]:
    """ "MgAl2O4 O1": formula, element, and its running number among the orbits of the element."""
    seen: dict[str, int] = {}
    names = []
    for symbol in (str(atoms.symbols[int(k)]) for k in chosen):
        seen[symbol] = seen.get(symbol, 0) + 1
        names.append(f"{formula} {symbol}{seen[symbol]}")
    return names


def _input_site(gathered: _Gathered, offsets: IntArray, site: IntArray) -> IntArray:
    """(n_input_atoms,) the site of each atom of the input, -1 where its structure was rejected."""
    parts = [np.zeros(0, dtype=np.int64)]
    for n_atoms, entry in gathered.counts:
        if entry is None:
            parts.append(np.full(n_atoms, -1, dtype=np.int64))
        else:
            parts.append(site[offsets[entry] + gathered.entries[entry].primitive_atom])
    return np.concatenate(parts)
