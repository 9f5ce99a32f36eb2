"""Small files of structures, as tests of reading write them."""

from __future__ import annotations

from pathlib import Path

from platonic_atlas.engine.structures.formats.frame import Frame
from platonic_atlas.engine.structures.read import Reading, read_file

HEAD = 'Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3'
ROWS = "Cs 0 0 0\nCl 2 2 2\n"
ROW_BY_ROW = "Sr Ti O\n1 1 3\nDirect\n0 0 0\n.5 .5 .5\n.5 .5 0\n.5 0 .5\n0 .5 .5\n"
POSCAR = "{}\n1.0\n4 0 0\n0 4 0\n0 0 4\n"
DUMP = (
    "ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 3\n0 3\n0 3\n"
    "ITEM: ATOMS id type {more} x y z\n2 2 {b} 1.5 1.5 1.5\n1 1 {a} 0 0 0\n"
)
STRUCTURE = {
    "lattice": {"matrix": [[4, 0, 0], [0, 4, 0], [0, 0, 4]]},
    "sites": [
        {"species": [{"element": "Cs", "occu": 1}], "abc": [0, 0, 0]},
        {"species": [{"element": "Cl", "occu": 1}], "abc": [0.5, 0.5, 0.5]},
    ],
}


def frames(folder: Path, name: str, text: str | bytes, reading: Reading | None = None) -> list[Frame]:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_file(folder / name, reading=reading))


def told(found: list[Frame]) -> list[str]:
    return [frame.reason if frame.atoms is None else str(frame.atoms.symbols) for frame in found]


def xyz(extra: str = "", rows: str = ROWS, head: str = HEAD) -> str:
    return f"2\n{head} {extra}\n{rows}"
