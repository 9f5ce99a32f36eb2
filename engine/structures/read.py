"""Reading structure files in input order: every frame of every file, or why it cannot be used.

Every frame becomes one `Frame`, the unparsable ones too, so that positions in the input (which anchor files name) are
counted once and for all here; a file without any is one unparsable frame. Formats that people use most are read here
(`formats/`), each atom held against what its file says; all others by ASE, in a process that can be given up.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ase import Atoms

from platonic_atlas.engine.errors import InputError, UsageError
from platonic_atlas.engine.scratch import scratch
from platonic_atlas.engine.structures.formats import (
    ase_formats,
    content,
    json_forms,
    lammps,
    poscar,
    res,
    sdf,
    table,
    xdatcar,
    xyz,
)
from platonic_atlas.engine.structures.formats.ase_formats import Reader
from platonic_atlas.engine.structures.formats.frame import Frame, broken, parsed, writable
from platonic_atlas.engine.structures.formats.species import is_element

Input = str | Path | Atoms
__all__ = ["Frame", "Input", "Reading", "read_file", "read_frames", "reading_of"]

#: In the name of every atlas, of its studies, and of what was moved aside for one: none of these are structures.
_ATLAS = re.compile(r"\.atlas\.(zarr|zip|studies\.json)\b")
TEXT = "xyz", "cif", "table", "json", "poscar", "dump", "data", "res", "sdf", "xdatcar"


@dataclass
class Reading:
    """How files are read. elements : of the types 1, 2, … where a format holds types only

    every : one frame of so many of each file ; last : only the last of each file
    """

    elements: Sequence[str] = ()
    every: int = 1
    last: bool = False
    reader: Reader = field(default_factory=Reader)
    n_files: int = 0


def reading_of(elements: Sequence[str] = (), every: int = 1, last: bool = False) -> Reading:
    """How files are read, checked.

    Raises
    ------
    UsageError : `every` is below 1, or one of `elements` is none
    """
    for symbol in elements:
        if not is_element(symbol):
            raise UsageError(
                f"{symbol!r} is no element.",
                "--elements names one for each type, in their order.",
                "Such as: --elements Si,O",
            )
    if every < 1:
        raise UsageError(f"--every {every} takes no frame.", "A number from 1 on was expected.", "Such as: --every 10")
    return Reading(tuple(elements), every, last)


def read_frames(inputs: Input | Sequence[Input], reading: Reading | None = None) -> Iterator[Frame]:
    """All frames of files, folders (every file below, sorted by path) and `Atoms`, in input order."""
    reading = reading or Reading()
    items = [inputs] if isinstance(inputs, (str, Path, Atoms)) else list(inputs)
    try:
        for position, item in enumerate(items):
            if isinstance(item, Atoms):
                yield parsed(item, f"structure#{position}", "memory")
                continue
            for path, source in _files(Path(item)):
                reading.n_files += 1
                yield from _thinned(read_file(path, source, reading), reading)
    finally:
        reading.reader.close()


def _thinned(frames: Iterator[Frame], reading: Reading) -> Iterator[Frame]:
    if reading.last:
        yield from deque(frames, maxlen=1)
    else:
        yield from islice(frames, 0, None, reading.every)


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    shown = writable(str(path))
    if not os.path.exists(path):  # unlike its method, it answers for a name too long to be one
        raise InputError(
            f"There is no file or folder {shown}.",
            "Structures were to be read from it.",
            "Give an existing file: platonic ingest INPUT… --to ATLAS",
        )
    if _ATLAS.search(path.name):
        raise InputError(
            f"{shown} is an atlas.", "Files of structures were expected.", f"Look at it with: platonic serve {shown}"
        )
    if not os.path.isdir(path):
        yield path, path.name
        return
    for file in sorted(_below(path), key=lambda p: p.relative_to(path).parts):
        yield file, f"{path.resolve().name}/{file.relative_to(path).as_posix()}"


def _below(folder: Path) -> Iterator[Path]:
    """All that lies below a folder, but nothing hidden and no atlases, which lie in folders and files of their own.

    A folder that cannot be opened, or that a link leads to, is listed itself: it is said what was not read.
    """
    try:
        inside = list(folder.iterdir())
    except OSError:
        yield folder
        return
    for each in inside:
        if each.name.startswith(".") or _ATLAS.search(each.name):
            continue
        if os.path.isdir(each) and not os.path.islink(each):
            yield from _below(each)
        else:
            yield each


def _no_file(path: Path) -> str:
    """Why a path is not read as a file, "" where it is one."""
    if os.path.isfile(path):
        return ""
    if os.path.islink(path):
        told = (
            "a link to a folder, which is not followed: name the folder itself"
            if os.path.isdir(path)
            else "a link to nothing"
        )
        return f"it is {told}"
    return "the folder cannot be opened" if os.path.isdir(path) else "it is neither a file nor a folder"


def read_file(path: Path, source: str | None = None, reading: Reading | None = None) -> Iterator[Frame]:
    """Frames of one file; what cannot be opened at all is one unparsable frame."""
    source = source or path.name
    own = reading is None
    reading = reading or Reading()
    k = 0
    try:
        for frame in _read(path, source, reading):
            yield frame
            k += 1
    except InputError:
        raise
    except Exception as error:
        yield broken(f"{source}#{k}", source, error)
    finally:
        if own:
            reading.reader.close()


def _read(path: Path, source: str, reading: Reading) -> Iterator[Frame]:
    if said := _no_file(path):
        yield broken(f"{source}#0", source, said)
        return
    data = content.content(path)
    name = content.unpacked_name(path.name)
    if not data or data.isspace():
        yield broken(f"{source}#0", source, "the file is empty")
        return
    if content.is_binary(data):
        yield from _by_ase(path, data, name, source, reading)
        return
    text = content.text(data)
    del data  # a file is in memory once
    kind = _kind(name, text)
    if kind in TEXT:
        yield from _of_text(kind, text, source, reading.elements)
    else:
        yield from _by_ase(path, text.encode(), name, source, reading)


def _kind(name: str, text: str) -> str:
    """What a text is, by the ending of its name and else by how it begins."""
    low = name.lower()
    stem = re.sub(r"\.[^.]*$", "", low)
    endings = {
        "xyz": (".xyz", ".extxyz"), "cif": (".cif", ".mcif"), "table": (".csv", ".tsv"), "sdf": (".sdf", ".mol"),
        "json": (".json", ".jsonl", ".ndjson"), "poscar": (".vasp", ".poscar", ".contcar"),
    }  # fmt: skip
    found = next((kind for kind, ends in endings.items() if low.endswith(ends)), "")
    if found:
        return found
    if lammps.is_dump(text):
        return "dump"
    if lammps.is_data(text):
        return "data"
    if xdatcar.looks_like(text):
        return "xdatcar"
    if re.search(r"poscar|contcar", low) and not low.endswith((".json", ".xml")):
        return "poscar"
    if low.endswith((".res", ".ins")) and res.looks_like(text):
        return "res"
    return _by_look(text) if stem else ""


def _by_look(text: str) -> str:
    head = text.lstrip()[:2000]
    if head.startswith("data_") and "_cell_length_a" in text[:100_000]:
        return "cif"
    if sdf.looks_like(text):
        return "sdf"
    if re.match(r"\d+[ \t]*\n[^\n]*(Lattice|Properties)=", head):
        return "xyz"
    if head[:1] in "{[" and '"' in head:
        return "json"
    return "poscar" if poscar.looks_like(text) else ""


def _of_text(kind: str, text: str, source: str, elements: Sequence[str]) -> Iterator[Frame]:
    if kind == "cif":
        from platonic_atlas.engine.structures.formats import cif

        return cif.read(text, source)
    if kind in ("dump", "data"):
        return (lammps.read_dump if kind == "dump" else lammps.read_data)(text, source, elements)
    readers = {
        "xyz": xyz,
        "table": table,
        "json": json_forms,
        "poscar": poscar,
        "res": res,
        "sdf": sdf,
        "xdatcar": xdatcar,
    }
    return readers[kind].read(text, source)


def _by_ase(path: Path, data: bytes, name: str, source: str, reading: Reading) -> Iterator[Frame]:
    """By ASE's readers, from a copy where the file is packed or written in another way than they expect."""
    with _copy(path, data, name) as file:
        kind = "db" if data.startswith(b"SQLite format 3") else None
        kind = kind or ase_formats.format_of(file, name)
        if kind is None:
            suffix = f"*.{name.rpartition('.')[2]}" if "." in name else f"the name {name}"
            yield broken(f"{source}#0", source, f"no known format of structures ({suffix})")
            return
        if kind in ase_formats.OURS:
            yield from _of_text(ase_formats.OURS[kind], content.text(data), source, reading.elements)
            return
        yield from reading.reader.read(file, source, kind)


@contextmanager
def _copy(path: Path, data: bytes, name: str) -> Iterator[Path]:
    if path.read_bytes() == data:
        yield path
        return
    with scratch("reading") as folder:
        copy = folder / name
        copy.write_bytes(data)
        yield copy
