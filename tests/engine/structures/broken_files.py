"""Structure files of every format that is read, and seeded ways of breaking them."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ase.build import bulk, molecule
from ase.db import connect
from ase.io import write
from hypothesis import strategies as st

SALT = bulk("NaCl", "rocksalt", a=5.64)

#: Pieces that readers stumble over, put where something else stood.
ODD = (
    b"", b"\0", b"\xff\xfe", b"\n", b"\r", b"\t", b" ", b"nan", b"inf", b"-1", b"0", b"1e999", b"-1e300", b"999999999999", b"9" * 400,
    b"'", b'"', b"{", b"]", b"?", b".", b"#", b"loop_", b"data_", b"Lattice=", b"ITEM: ATOMS", b"None", b"0.5", b"1(2)", "é".encode(),
    b"Xx", b"D", b"\x1f\x8b", b"../", b"$$$$",
)  # fmt: skip


def good_files(folder: Path) -> dict[str, bytes]:
    """Name -> content of one whole file of each format."""
    writers: dict[str, str] = {
        "a.cif": "cif", "a.extxyz": "extxyz", "a.vasp": "vasp", "a.json": "json", "a.xsf": "xsf", "a.gen": "gen", "a.traj": "traj",
        "a.res": "res", "a.cube": "cube", "a.gro": "gromacs", "a.pdb": "proteindatabank", "geometry.in": "aims", "a.cfg": "cfg",
        "a.struct": "struct", "XDATCAR": "vasp-xdatcar",
    }  # fmt: skip
    for name, format in writers.items():
        data = {"data": np.ones((2, 2, 2))} if format == "cube" else {}
        write(folder / name, [SALT] if format == "vasp-xdatcar" else SALT, format=format, **data)
    write(folder / "a.sdf", molecule("H2O"), format="sdf")
    write(folder / "a.lmp", SALT, format="lammps-data", masses=True)
    with connect(folder / "a.db") as database:
        database.write(SALT, material_id="a")
    cif = io.BytesIO()
    write(cif, SALT, format="cif")
    text = cif.getvalue().decode().replace('"', '""')
    (folder / "a.csv").write_text(f'id,cif\na,"{text}"\n')
    (folder / "a.cif.gz").write_bytes(gzip.compress(cif.getvalue()))
    lattice = {"matrix": SALT.cell.tolist()}
    sites = [{"species": [{"element": str(a.symbol), "occu": 1}], "abc": a.scaled_position.tolist()} for a in SALT]
    (folder / "b.json").write_text(
        json.dumps([{"material_id": "b", "structure": {"lattice": lattice, "sites": sites}}])
    )
    (folder / "a.dump").write_text(
        "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 3\n0 3\n0 3\nITEM: ATOMS id element x y z\n1 Fe 0 0 0\n"
    )
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


Break = Callable[[bytes, int, bytes], bytes]
BREAKS: tuple[Break, ...] = (
    lambda data, at, odd: data[:at] + odd + data[at:],
    lambda data, at, odd: data[:at] + odd + data[at + max(len(odd), 1) :],
    lambda data, at, odd: data[:at],
    lambda data, at, odd: data[:at] + data[at + 40 :],
    lambda data, at, odd: data[:at] + data[max(at - 60, 0) : at] * 3 + data[at:],
    lambda data, at, odd: _line(data, at, odd),
    lambda data, at, odd: _line(data, at, None),
)  # fmt: skip


def _line(data: bytes, at: int, odd: bytes | None) -> bytes:
    """A word of a line in another's place, or a line that is gone."""
    lines = data.split(b"\n")
    k = at % len(lines)
    if odd is None:
        return b"\n".join(lines[:k] + lines[k + 1 :])
    words = lines[k].split(b" ")
    words[at % len(words)] = odd
    return b"\n".join([*lines[:k], b" ".join(words), *lines[k + 1 :]])


def broken(files: dict[str, bytes]) -> st.SearchStrategy[tuple[str, bytes]]:
    """A name and a content that was broken one to three times."""
    step = st.tuples(st.sampled_from(BREAKS), st.integers(0, 4000), st.sampled_from(ODD))

    def apply(name: str, steps: list[tuple[Break, int, bytes]]) -> tuple[str, bytes]:
        data = files[name]
        for how, at, odd in steps:
            data = how(data, at % (len(data) + 1), odd)
        return name, data

    return st.builds(apply, st.sampled_from(sorted(files)), st.lists(step, min_size=1, max_size=3))
