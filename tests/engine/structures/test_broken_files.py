"""Broken structure files, seeded: no traceback, no hang, bounded memory, reasons in words, and good structures beside them are kept.

200 files in the suite; PLATONIC_FUZZ=1000 python -m pytest tests/engine/structures/test_broken_files.py does more.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

import pytest
from ase.io import write
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from platonic_atlas.engine.structures.collect import collect
from platonic_atlas.engine.structures.formats import ase_formats
from platonic_atlas.engine.structures.read import Reading, read_file
from tests.engine.structures.broken_files import SALT, broken, good_files

EXAMPLES = int(os.environ.get("PLATONIC_FUZZ", "200"))
with tempfile.TemporaryDirectory() as _folder:
    FILES = good_files(Path(_folder))
READING = Reading()


@pytest.fixture(scope="module", autouse=True)
def reader() -> object:
    yield
    READING.reader.close()


@pytest.mark.parametrize("name", FILES)
def test_whole_files_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    frames = list(read_file(tmp_path / name, reading=READING))
    assert frames and all(frame.atoms is not None for frame in frames), frames[0].reason


@seed(15)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(broken(FILES))
def test_a_broken_file_is_read_or_left_out_in_words(case: tuple[str, bytes]) -> None:
    name, data = case
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        frames = list(read_file(path, reading=READING))
        assert time.monotonic() - began < ase_formats.PATIENCE + 5
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2 * 1024**2, "more than 2 GB [kB]"
    assert frames, "a file is listed, whatever it holds"
    for frame in frames:
        assert (frame.atoms is None) == bool(frame.reason)
        assert not frame.reason.rstrip("'").endswith(("Error", ": ", ":"))
        assert "Traceback" not in frame.reason and "0x" not in frame.reason


@seed(15)
@settings(max_examples=max(EXAMPLES // 50, 4), deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.lists(broken(FILES), min_size=12, max_size=20))
def test_good_structures_beside_broken_ones_are_kept(cases: list[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for k, (file, data) in enumerate(cases):
            (folder / f"{k}").mkdir()
            (folder / f"{k}" / file).write_bytes(data)
        for k in ("00", "zz"):
            kept = SALT.copy()
            kept.info["id"] = f"kept-{k}"
            write(folder / f"{k}.extxyz", kept)
        ids = collect(folder, coordination=False).structures["id"]
    assert {"kept-00", "kept-zz"} <= set(ids)
