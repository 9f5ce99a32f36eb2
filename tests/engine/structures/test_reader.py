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


ESPRESSO = (
    "&system\n ibrav=0, nat=2, ntyp=2\n/\nATOMIC_SPECIES\n{} {} a.upf\n{} {} b.upf\nCELL_PARAMETERS angstrom\n5 0 0\n0 5 0\n0 0 5\n"
    "ATOMIC_POSITIONS angstrom\n{} 0 0 0\n{} 2 0 0\nK_POINTS gamma\n"
)


def espresso(first: str, mass: str, second: str, other: str) -> str:
    return ESPRESSO.format(first, mass, second, other, first, second)


DL_POLY = "title\n0 1\n9 0 0\n0 9 0\n0 0 9\n{} 1\n1 1 1\n{} 2\n3 1 1\n"
GROMOS = "TITLE\nx\nEND\nPOSITION\n 1 A {} 1 0.1 0.1 0.1\n 1 A {} 2 0.3 0.1 0.1\nEND\nBOX\n 2.0 2.0 2.0\nEND\n"


GAMESS_OUT = (
    " ATOM      ATOMIC                      COORDINATES (BOHR)\n           CHARGE         X                   Y                   Z\n"
    " {}          {}     0.0  0.0  0.0\n O           8.0     0.0  0.0  2.1\n\n"
)
PUNCH = (
    " $DATA\ntitle\nC1       0\n{}    {}     0.0  0.0  0.0\n   STO  3\n\nO   8.0   0.0 0.0 1.1\n   STO  3\n\n $END\n"
)
CASTEP = (
    "%BLOCK LATTICE_CART\n4 0 0\n0 4 0\n0 0 4\n%ENDBLOCK LATTICE_CART\n"
    "%BLOCK POSITIONS_FRAC\n{} 0 0 0{}\nO:2 0.5 0.5 0.5\n%ENDBLOCK POSITIONS_FRAC\n"
)
CP2K = (
    "&FORCE_EVAL\n &SUBSYS\n  &CELL\n   A 5 0 0\n   B 0 5 0\n   C 0 0 5\n  &END CELL\n"
    "  &COORD\n{} 0 0 0\nO 0 0 2\n  &END COORD\n  &KIND {}\n{}  &END KIND\n &END SUBSYS\n&END\n"
)
XSF = "CRYSTAL\nPRIMVEC\n4 0 0\n0 4 0\n0 0 4\nPRIMCOORD\n2 1\n{} 0 0 0\n{} 2 2 2\n"
MAGRES = (
    "#$magres-abinitio-v1.0\n<atoms>\nunits lattice Angstrom\nlattice 6 0 0 0 6 0 0 0 6\nunits atom Angstrom\n"
    "atom {} CA 1 0 0 0\natom O OW 1 1.2 0 0\n</atoms>\n"
)


@pytest.mark.parametrize(
    ("name", "format", "text", "said"),
    [
        ("a.log", "gamess-us-out", GAMESS_OUT.format("CA", "6.0"), "CO"), ("a.log", "gamess-us-out", GAMESS_OUT.format("CA", "20.0"), "CaO"),
        ("a.log", "gamess-us-out", GAMESS_OUT.format("NA", "1.0"), "!has the charge 1: they contradict"),
        ("a.dat", "gamess-us-punch", PUNCH.format("HG", "1.0"), "HO"), ("a.dat", "gamess-us-punch", PUNCH.format("H", "-1"), "!contradict"),
        ("a.cell", "castep-cell", CASTEP.format("Fe:1", ""), "FeO"), ("a.cell", "castep-cell", CASTEP.format("Fe", " MIXTURE:( 1 0.5)"), "!partly occupied"),
        ("a.restart", "cp2k-restart", CP2K.format("CA", "CA", "   ELEMENT C\n"), "CO"), ("a.restart", "cp2k-restart", CP2K.format("CA", "O", ""), "!can mean Ca or C"),
        ("a.restart", "cp2k-restart", CP2K.format("Fe1", "Fe1", ""), "FeO"),
        ("a.xsf", "xsf", XSF.format("CO", "26"), "!can mean Co or a label of C"), ("a.xsf", "xsf", XSF.format("CO", "ZN"), "CoZn"),
        ("a.xsf", "xsf", XSF.format("27", "Zn"), "CoZn"), ("a.magres", "magres", MAGRES.format("C:x"), "CO"),
        ("CONFIG", "dlp4", DL_POLY.format("Na", "Cl"), "NaCl"), ("CONFIG", "dlp4", DL_POLY.format("NA", "CL"), "!can mean Na or N"),
        ("CONFIG", "dlp4", DL_POLY.format("OW", "HW1"), "OH"), ("a.g96", "gromos", GROMOS.format("Na", "Cl"), "NaCl"),
        ("a.g96", "gromos", GROMOS.format("CA", "HO"), "!can mean Ca or C"), ("q.in", "espresso-in", espresso("HO", "1.008", "CA", "12.011"), "HC"),
        ("q.in", "espresso-in", espresso("Fe1", "1.0", "O", "1.0"), "FeO"), ("q.in", "espresso-in", espresso("CA", "1.0", "O", "1"), "!can mean"),
        ("q.in", "espresso-in", espresso("Co", "12.011", "O", "16"), "!means Co, and its mass 12.011 is that of C"),
    ],
)  # fmt: skip
def test_labels_have_one_reading_or_none(tmp_path: Path, name: str, format: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    (frame,) = ase_formats.frames(tmp_path / name, name, format)
    assert told([frame]) == [said] if said[0] != "!" else said[1:] in frame.reason


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


def test_a_reader_that_never_ends_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: Reading
) -> None:
    write(tmp_path / "a.xsf", Atoms("Na", cell=[5] * 3, pbc=True))
    with monkeypatch.context() as patched:
        patched.setattr(
            ase_formats, "COMMAND", [sys.executable, "-S", "-c", "print('ready', flush=True); input(); input()"]
        )
        patched.setattr(ase_formats, "PATIENCE", 0.2)
        assert "took more than 0.2 s" in told(list(read_file(tmp_path / "a.xsf", reading=reading)))[0]
    assert told(list(read_file(tmp_path / "a.xsf", reading=reading))) == ["Na"]  # the next file has a new reader
