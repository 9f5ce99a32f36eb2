"""Reading structure files in input order: whatever ASE reads, and CDVAE-style csv tables.

Every frame becomes one `Frame`, the unparsable ones too, so that positions in the input (which
anchor files name) are counted once and for all here. A format whose frames are independent
(extended xyz, csv, ASE database, CIF) is read on after a broken frame; in any other a broken frame
ends its file.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ase import Atoms

from platonic_atlas.engine.errors import InputError

Input = str | Path | Atoms

#: Column names of csv tables that carry an identifier, in order of preference.
ID_COLUMNS = ("material_id", "id", "")


@dataclass
class Frame:
    """One structure of the input, or the reason why it could not be read.

    n_atoms : atoms that the frame counts in the numbering of the input. For an unparsable frame
        the number that its header states (extended xyz), else 0.
    """

    id: str
    source: str
    atoms: Atoms | None
    n_atoms: int
    reason: str = ""
    labels: dict[str, Any] = field(default_factory=dict)


def read_frames(inputs: Input | Sequence[Input]) -> Iterator[Frame]:
    """All frames of files, folders (every file below, sorted by path) and `Atoms`, in input order."""
    items = [inputs] if isinstance(inputs, (str, Path, Atoms)) else list(inputs)
    for position, item in enumerate(items):
        if isinstance(item, Atoms):
            yield _parsed(item, f"structure#{position}", "memory")
            continue
        for path, source in _files(Path(item)):
            yield from read_file(path, source)


def read_file(path: Path, source: str | None = None) -> Iterator[Frame]:
    """Frames of one file; what cannot be opened at all is one unparsable frame."""
    source = source or path.name
    try:
        reader = _reader(path)
    except Exception as error:
        yield _broken(f"{source}#0", source, error)
        return
    yield from reader(path, source)


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if not path.exists():
        raise InputError(
            f"There is no file or folder {path}.",
            "Structures were to be read from it.",
            "Give an existing file: platonic ingest INPUT… --to ATLAS",
        )
    if path.is_file():
        yield path, path.name
        return
    below = (p for p in path.rglob("*") if p.is_file())
    for file in sorted(below, key=lambda p: p.relative_to(path).parts):
        inside = file.relative_to(path)
        if not any(part.startswith(".") for part in inside.parts):
            yield file, f"{path.resolve().name}/{inside.as_posix()}"


def _reader(path: Path) -> Any:
    if path.suffix.lower() == ".csv":
        return _read_csv
    from ase.io.formats import filetype

    readers = {"extxyz": _read_extxyz, "xyz": _read_extxyz, "cif": _read_cif, "db": _read_database}
    return readers.get(filetype(str(path)), _read_any)


def _read_any(path: Path, source: str) -> Iterator[Frame]:
    """Any other ASE format; a broken frame ends the file."""
    from ase.io import iread

    k = -1
    try:
        for k, atoms in enumerate(iread(str(path), index=":")):
            yield _parsed(atoms, f"{source}#{k}", source)
    except Exception as error:
        yield _broken(f"{source}#{k + 1}", source, error)


def _read_extxyz(path: Path, source: str) -> Iterator[Frame]:
    """Extended xyz, frame by frame: the first line of each says how many lines follow."""
    from ase.io import read

    with path.open(encoding="utf-8", errors="replace") as file:
        for k, (head, lines) in enumerate(_xyz_frames(file)):
            name = f"{source}#{k}"
            if head is None:
                yield _broken(name, source, "the line that gives the number of atoms is not a number")
                return
            try:
                if len(lines) != head + 2:
                    raise ValueError(f"the file ends after {max(len(lines) - 2, 0)} of {head} atoms")
                if head == 0:
                    yield _parsed(Atoms(), name, source)
                    continue
                (atoms,) = read(io.StringIO("".join(lines)), index=":", format="extxyz")
                yield _parsed(atoms, name, source)
            except Exception as error:
                yield _broken(name, source, error, n_atoms=head)


def _xyz_frames(file: Iterable[str]) -> Iterator[tuple[int | None, list[str]]]:
    """(number of atoms, all lines of the frame); the number is None where it cannot be read."""
    lines = iter(file)
    for line in lines:
        if not line.strip():
            continue
        if not re.fullmatch(r"\s*\d+\s*", line):
            yield None, [line]
            return
        head = int(line)
        frame = [line]
        for _ in range(head + 1):
            following = next(lines, None)
            if following is None:
                break
            frame.append(following)
        yield head, frame


def _read_cif(path: Path, source: str) -> Iterator[Frame]:
    yield from _cif_frames(path.read_text(encoding="utf-8", errors="replace"), source)


def _cif_frames(text: str, source: str) -> Iterator[Frame]:
    """Every data block that describes atoms; a block without any (a title block) is passed over."""
    from ase.io.cif import parse_cif

    try:
        blocks = [
            b for b in parse_cif(io.StringIO(text)) if b.get("_atom_site_label") or b.get("_atom_site_type_symbol")
        ]
    except Exception as error:
        yield _broken(f"{source}#0", source, error)
        return
    if not blocks:
        yield _broken(f"{source}#0", source, "no data block with atoms")
    for k, block in enumerate(blocks):
        yield _cif_block(block, f"{source}#{k}", source)


def _cif_block(block: Any, name: str, source: str) -> Frame:
    try:
        occupancy = block.get("_atom_site_occupancy") or []
        if any(isinstance(value, (int, float)) and abs(value - 1) > 1e-6 for value in occupancy):
            raise ValueError("partly occupied sites leave open which atoms are there")
        atoms = block.get_atoms()
    except Exception as error:
        return _broken(name, source, error)
    return _parsed(atoms, name, source)


def _read_database(path: Path, source: str) -> Iterator[Frame]:
    """ASE database; the row's key-value pairs are its labels."""
    from ase.db import connect

    with connect(str(path)) as database:
        ids = sorted(row.id for row in database.select(include_data=False))
        for k, row_id in enumerate(ids):
            name = f"{source}#{k}"
            try:
                row = database.get(id=row_id)
                atoms = row.toatoms()
            except Exception as error:
                yield _broken(name, source, error)
                continue
            yield _parsed(atoms, name, source, {**atoms.info, **row.key_value_pairs})


def _read_csv(path: Path, source: str) -> Iterator[Frame]:
    """CDVAE-style table: one structure a row, its CIF text in the column `cif`."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.DictReader(file)
        if "cif" not in (rows.fieldnames or ()):
            yield _broken(f"{source}#0", source, "a csv table of structures needs a column named cif")
            return
        for k, row in enumerate(rows):
            yield _csv_frame(row, f"{source}#{k}", source)


def _csv_frame(row: dict[str, str], name: str, source: str) -> Frame:
    name = next((row[column] for column in ID_COLUMNS if row.get(column)), name)
    frames = list(_cif_frames(row["cif"] or "", source))
    frame = frames[0]
    frame.id = name
    given = {"prototype": row.get("prototype"), "spacegroup": row.get("spacegroup.number")}
    frame.labels = {key: value for key, value in given.items() if value}
    return frame


def _parsed(atoms: Atoms, name: str, source: str, labels: dict[str, Any] | None = None) -> Frame:
    """A frame whose own info may name its id, source and prototype."""
    info = {**atoms.info, **(labels or {})}
    own = next((str(info[key]) for key in ("id", "material_id") if isinstance(info.get(key), (str, int))), name)
    # ASE's CIF reader stores a Spacegroup object and POSCAR's none: only plain values are labels.
    kept = {key: info[key] for key in ("prototype",) if isinstance(info.get(key), str)}
    given = info.get("source")
    return Frame(own, given if isinstance(given, str) else source, atoms, len(atoms), labels=kept)


def _broken(name: str, source: str, error: Exception | str, n_atoms: int = 0) -> Frame:
    said = " ".join(str(error).split()) or type(error).__name__
    return Frame(name, source, None, n_atoms, reason=f"unparsable: {said[:200]}")
