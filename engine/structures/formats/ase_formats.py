"""Every other format, by ASE's readers, in a process of its own: they trust the numbers of a file, and may never end.

Run as a module it is that process: a line of JSON with path, name and format on its input is answered with a line for
every frame and an empty one at the end.
"""

from __future__ import annotations

import json
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.formats import labels
from platonic_atlas.engine.structures.formats.frame import Frame, broken, in_words, left_out, parsed
from platonic_atlas.engine.structures.formats.species import Unclear

#: A file is given up where no further frame comes in so many seconds.
PATIENCE = 10.0
#: Memory that the process may address [bytes]; its libraries take the half of it.
MEMORY = 4 * 1024**3
STARTING = 120.0
#: Frames that are read ahead of those that were asked for.
AHEAD = 16
READY = "ready"
#: -P: modules are never taken from the folder that the user stands in, where a file may be called ase.py.
COMMAND = [sys.executable, "-P", "-m", "platonic_atlas.engine.structures.formats.ase_formats"]
BROKE_DOWN = "its reader broke down, which happens where a file states absurd numbers"
#: Formats of ASE that this program reads itself, and what it calls them; ASE's readers of these guess.
OURS = {
    "extxyz": "xyz", "xyz": "xyz", "cif": "cif", "json": "json", "vasp": "poscar", "lammps-dump-text": "dump",
    "lammps-data": "data", "res": "res", "sdf": "sdf", "vasp-xdatcar": "xdatcar",
}  # fmt: skip
#: Formats that are never read: one may hold pickles, the other holds types only; databases are known by their first bytes.
NEVER = {"bundletrajectory", "lammps-dump-binary", "db", "py"}
_NO_STRUCTURES = (
    r"\.(png|jpe?g|gif|pdf|eps|pov|html?|x3d|py|ipynb|md|log|toml|ya?ml|zip|tar|vti|vtu|npy|npz|pickle|pkl|pt|h5)$"
)


class Reader:
    """The process, started when it is first needed and again after it ended, of itself or for taking too long."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.lines: queue.Queue[str | None] = queue.Queue(AHEAD)
        self.forwarding: threading.Thread | None = None

    def read(self, path: Path, source: str, format: str) -> Iterator[Frame]:
        """Frames of a file; what takes too long or too much memory ends with a frame that says so."""
        whole = False
        try:
            self._ask(json.dumps([str(path.absolute()), source, format]))
            for k in count():
                line = self.lines.get(timeout=PATIENCE)
                if line is None:
                    yield broken(f"{source}#{k}", source, BROKE_DOWN)
                    return
                if not line.strip():
                    whole = True
                    return
                yield _from_plain(json.loads(line))
        except queue.Empty:
            yield broken(f"{source}#{k}", source, f"reading it took more than {PATIENCE:g} s")
        except NotStarted as error:
            yield broken(f"{source}#0", source, str(error))
        finally:  # what is left of an answer that was not taken whole must not be taken for the next one's
            if not whole:
                self.close()

    def _ask(self, request: str) -> None:
        """Send a request; a process that died since the last one is replaced, once."""
        try:
            self._send(request)
        except OSError:
            self.close()
            self._send(request)

    def _send(self, request: str) -> None:
        stdin = self._running().stdin
        assert stdin is not None
        stdin.write(request + "\n")
        stdin.flush()

    def _running(self) -> subprocess.Popen[str]:
        if self.process is not None and self.process.poll() is not None:
            self.close()
        if self.process is None:
            self.process = self._started()
            try:
                said = self.lines.get(timeout=STARTING)
            except queue.Empty:
                said = None
            if said is None or said.strip() != READY:
                self.close()
                raise NotStarted("the process that reads this format did not start; try again with: platonic ingest")
        return self.process

    def _started(self) -> subprocess.Popen[str]:
        self.lines = queue.Queue(AHEAD)
        process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
        )  # fmt: skip
        self.forwarding = threading.Thread(target=_forward, args=(process.stdout, self.lines), daemon=True)
        self.forwarding.start()
        return process

    def close(self) -> None:
        """End the process, and the thread that waits to hand on what it said."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        while self.forwarding is not None and self.forwarding.is_alive():
            with suppress(queue.Empty):
                self.lines.get(timeout=0.01)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):  # a request that nobody read
                    stream.close()
        self.process = None


class NotStarted(RuntimeError):
    """The process that reads did not come up; the message says what to do."""


def _forward(lines: IO[str], into: queue.Queue[str | None]) -> None:
    for line in lines:
        into.put(line)
    into.put(None)


def _from_plain(told: dict[str, Any]) -> Frame:
    atoms = told.pop("atoms")
    if atoms is not None:
        atoms = Atoms(
            atoms["numbers"],
            positions=np.array(atoms["positions"]).reshape(-1, 3),
            cell=atoms["cell"],
            pbc=atoms["pbc"],
        )
    return Frame(atoms=atoms, **told)


def _to_plain(frame: Frame) -> dict[str, Any]:
    atoms = frame.atoms
    told = None if atoms is None else {
        "numbers": atoms.numbers.tolist(), "positions": atoms.positions.tolist(), "cell": atoms.cell.tolist(),
        "pbc": atoms.pbc.tolist(),
    }  # fmt: skip
    return {**vars(frame), "atoms": told}


def frames(path: Path, source: str, format: str) -> Iterator[Frame]:
    """Frames by ASE, in this process."""
    if format == "db":
        yield from _database(path, source)
        return
    said = _pdb(path) if format in ("proteindatabank", "pdb") else _dmol(path) if format.startswith("dmol") else ""
    if said:
        yield left_out(f"{source}#0", source, said)
        return
    k = -1
    try:
        for k, atoms in enumerate(_with_ase(path, format)):
            yield _checked(atoms, path, f"{source}#{k}", source, format)
    except Exception as error:
        yield broken(f"{source}#{k + 1}", source, _why(error, format))
        return
    if k < 0:
        yield broken(f"{source}#0", source, "the file holds no structure")


def _with_ase(path: Path, format: str) -> Iterator[Any]:
    """ASE takes what stands behind an @ for the number of a frame, and what stands before it for the file."""
    from ase.io import iread

    yield from iread(str(path), index=":", format=format, do_not_split_by_at_sign=True)


def _why(error: Exception, format: str) -> str:
    return f"read as {format}: {in_words(error)}"


def _checked(atoms: Any, path: Path, name: str, source: str, format: str) -> Frame:
    """Elements of formats that name atoms and not elements are looked at again."""
    if not isinstance(atoms, Atoms):
        return broken(name, source, "the file holds no structure")
    if format == "eon":  # its cells are periodic, and its reader does not say so
        atoms.pbc = True
    try:
        notes = labels.relabelled(atoms, path, format)
    except Unclear as unclear:
        return left_out(name, source, str(unclear), len(atoms))
    return parsed(atoms, name, source, notes=notes)


def _pdb(path: Path) -> str:
    """Why the atoms of a PDB file are open, "" where they are not."""
    whole = path.read_text(encoding="utf-8", errors="replace").split("\n")
    group = next((line[55:66].strip() for line in whole if line.startswith("CRYST1")), "")
    if group.replace(" ", "") not in ("", "P1"):
        return _of_a_group(group)
    lines = [line for line in whole if line[:6] in ("ATOM  ", "HETATM")]
    if any(not line[76:78].strip() for line in lines):
        return "atoms without an element (columns 77 and 78 of a PDB file)"
    if any(line[16:17].strip() for line in lines):
        return "alternative places of atoms leave open which are there"
    return ""


def _dmol(path: Path) -> str:
    """Why the cell of a .car or .arc file is open, "" where it is not: its space group stands behind the angles."""
    text = path.read_text(encoding="utf-8", errors="replace")
    groups = {group.replace(" ", "").upper() for group in re.findall(r"(?m)^PBC[ \t][^(\n]*\(([^)\n]*)\)", text)}
    return _of_a_group(min(groups - {"P1", ""})) if groups - {"P1", ""} else ""


def _of_a_group(group: str) -> str:
    return (
        f"the atoms of a part of the cell in the space group {group[:20]}, whose copies are not made: expand it to P 1"
    )


def _database(path: Path, source: str) -> Iterator[Frame]:
    """ASE database; the row's key-value pairs are its labels."""
    from ase.db import connect

    try:
        database = connect(str(path), type="db")
        ids = sorted(row.id for row in database.select(include_data=False))
    except Exception:
        yield broken(f"{source}#0", source, "it is no database of ASE")
        return
    if not ids:
        yield broken(f"{source}#0", source, "the database holds no structure")
    for k, row_id in enumerate(ids):
        name = f"{source}#{k}"
        try:
            row = database.get(id=row_id)
            atoms = row.toatoms()
            given = {**row.key_value_pairs, **({"occupancy": row.data["occupancy"]} if "occupancy" in row.data else {})}
        except Exception as error:
            yield broken(name, source, error)
            continue
        yield parsed(atoms, name, source, given)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; there the time alone is bounded
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Answer requests until the input ends, which it does when the process that asks is gone."""
    import warnings

    import ase.io  # noqa: F401 (before the first request is timed)

    warnings.simplefilter("ignore")
    _limit_memory()
    out = sys.stdout
    sys.stdout = sys.stderr  # a reader that prints must not speak in between
    print(READY, file=out, flush=True)
    for line in sys.stdin:
        path, source, format = json.loads(line)
        k = 0
        try:
            for frame in frames(Path(path), source, format):
                print(json.dumps(_to_plain(frame)), file=out, flush=True)
                k += 1
        except Exception as error:
            print(json.dumps(_to_plain(broken(f"{source}#{k}", source, error))), file=out, flush=True)
        print("", file=out, flush=True)


def format_of(path: Path, name: str) -> str | None:
    """ASE's word for the format of a file, None where it knows none.

    Raises
    ------
    ValueError : it is a format that holds no structure
    """
    from ase.io.formats import filetype, ioformats

    if re.search(_NO_STRUCTURES, name.lower()):
        raise ValueError(f"a file of the kind {name[name.rindex('.') :]} holds no structure that can be read")
    try:
        format = filetype(str(path.absolute()), guess=True)  # a relative one may begin as the address of a database
    except Exception:
        return None
    known = ioformats.get(format)
    if known is None or not known.can_read or format in NEVER:
        return None
    return str(format)


if __name__ == "__main__":
    main()
