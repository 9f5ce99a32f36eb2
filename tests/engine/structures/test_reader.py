"""The process of ASE's readers: it runs nothing of the user's folder, opens the file that was named, and is replaced when it dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ase import Atoms
from ase.io import write

from platonic_atlas.engine.structures.formats import ase_formats
from platonic_atlas.engine.structures.read import Reading, read_file
from tests.engine.structures.written import told

TALKER = "print('ready', flush=True); input()\nwhile True: print({!r}, flush=True)"


@pytest.fixture
def reading() -> Iterator[Reading]:
    reading = Reading()
    yield reading
    reading.reader.close()


def test_it_reads_the_named_file_with_its_own_modules_and_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: Reading
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ase.py").write_text("open('ran', 'w').close()")
    write("run", Atoms("Na", cell=[5] * 3, pbc=True), format="xsf")
    Path("postgres").mkdir()
    for name in ("run@300K.xsf", "postgres/a@2.xsf"):
        write(tmp_path / name, Atoms("Cl", cell=[5] * 3, pbc=True), format="xsf")
        assert told(list(read_file(Path(name), reading=reading))) == ["Cl"]
    assert not Path("ran").exists()
    process = reading.reader.process
    assert process is not None
    process.kill()  # as the system does where memory ends
    process.wait()
    assert told(list(read_file(Path("run@300K.xsf"), reading=reading))) == ["Cl"]


@pytest.mark.parametrize("code", ["", "print('hello')"])
def test_a_process_that_does_not_come_up_is_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: Reading, code: str
) -> None:
    monkeypatch.setattr(ase_formats, "COMMAND", [sys.executable, "-S", "-c", code])
    write(tmp_path / "a.xsf", Atoms("Na", cell=[5] * 3, pbc=True))
    assert "did not start" in told(list(read_file(tmp_path / "a.xsf", reading=reading)))[0]
    assert reading.reader.process is None


def test_frames_are_not_read_far_ahead_and_an_answer_that_was_left_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, reading: Reading
) -> None:
    frame = '{"id": "a", "source": "a", "atoms": null, "n_atoms": 0, "reason": "x"}'
    monkeypatch.setattr(ase_formats, "COMMAND", [sys.executable, "-S", "-c", TALKER.format(frame)])
    found = reading.reader.read(Path("a"), "a", "xsf")
    assert isinstance(found, Iterator) and next(found).id == "a"
    assert reading.reader.lines.maxsize == ase_formats.AHEAD
    found.close()  # type: ignore[attr-defined]
    assert reading.reader.process is None and not reading.reader.forwarding.is_alive()  # type: ignore[union-attr]
