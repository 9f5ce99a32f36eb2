"""LAMMPS dumps and data files: types are no elements, and masses, names and units are held against one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from platonic_atlas.engine.structures.read import Reading
from tests.engine.structures.written import DUMP, frames, told


def test_types_are_no_elements(tmp_path: Path) -> None:
    bare = DUMP.format(step=0, more="", a="", b="")
    assert "--elements Si,O" in told(frames(tmp_path, "a.dump", bare))[0]
    assert told(frames(tmp_path, "a.dump", bare, Reading(("Si", "O")))) == ["SiO"]
    assert "type 2 is not among" in told(frames(tmp_path, "a.dump", bare, Reading(("Si",))))[0]
    named = "".join(DUMP.format(step=k, more="element", a="Fe", b="Ni") for k in range(3))
    assert told(frames(tmp_path, "b.dump", named, Reading(("Si", "O")))) == ["FeNi"] * 3
    assert told(frames(tmp_path, "c.dump", DUMP.format(step=0, more="mass", a="55.845", b="15.999"))) == ["FeO"]
    assert (
        "not that of one element"
        in told(frames(tmp_path, "d.dump", DUMP.format(step=0, more="mass", a="1.5", b="2")))[0]
    )


def test_a_data_file_by_its_masses(tmp_path: Path) -> None:
    data = "x\n\n2 atoms\n0 3 xlo xhi\n0 3 ylo yhi\n0 3 zlo zhi\n\n{}Atoms # atomic\n\n2 2 1.5 1.5 1.5\n1 1 0 0 0\n"
    assert told(frames(tmp_path, "a.data", data.format("Masses\n\n1 28.085\n2 15.999\n\n"))) == ["SiO"]
    assert "--elements" in told(frames(tmp_path, "a.data", data.format("")))[0]


DATA = "{head}\n\n1 atoms\n0 3 xlo xhi\n0 3 ylo yhi\n0 3 zlo zhi\n\nMasses\n\n1 {mass}\n\nAtoms # atomic\n\n1 1 0 0 0\n"


@pytest.mark.parametrize(
    ("mass", "said"),
    [
        ("15.999", "O"), ("16.0", "O"), ("28.1", "Si"), ("12.01 # CT", "C"), ("58.7 # Ni", "Ni"), ("2.014", "H"), ("12.011 # CO", "C"),
        ("208.98 # Bi", "Bi"), ("16.043", "!not that of one"), ("14.0266 # CH2", "!several atoms in one"), ("14.03", "!not that of one"),
        ("4.032", "!not that of one"), ("16.0 # CH4", "!several atoms in one"), ("12.011 # Co", "!Co stands beside"), ("59", "!not that of one"),
        ("1", "!without dimension"),
    ],
)  # fmt: skip
def test_a_mass_is_one_elements_or_none(tmp_path: Path, mass: str, said: str) -> None:
    (frame,) = frames(tmp_path, "a.data", DATA.format(head="x", mass=mass))
    assert told([frame]) == [said] if said[0] != "!" else said[1:] in frame.reason


def test_what_a_run_says_of_its_types_and_units_is_compared(tmp_path: Path) -> None:
    """Names given by the user with masses, elements that LAMMPS writes where none were named, lengths that are not Å."""
    named = Reading(("O",))
    assert told(frames(tmp_path, "a.data", DATA.format(head="x", mass="15.999"), named)) == ["O"]
    assert (
        "is that of Si, and not of O"
        in told(frames(tmp_path, "a.data", DATA.format(head="x", mass="28.0855"), named))[0]
    )
    for units in ("lj", "nano"):
        head = f"LAMMPS data file via write_data, units = {units}"
        assert f"units are '{units}'" in told(frames(tmp_path, "a.data", DATA.format(head=head, mass="15.999")))[0]
        dump = f"ITEM: UNITS\n{units}\n" + DUMP.format(step=0, more="element", a="Fe", b="Ni") * 2
        assert [f"units are '{units}'" in said for said in told(frames(tmp_path, "a.dump", dump))] == [True, True]
    metal = "ITEM: UNITS\nmetal\n" + DUMP.format(step=0, more="element", a="D", b="O")
    (frame,) = frames(tmp_path, "a.dump", metal)
    assert told([frame]) == ["HO"] and frame.notes == ["deuterium read as hydrogen"]
    unnamed = DUMP.format(step=0, more="element", a="C", b="C")
    assert "--elements" in told(frames(tmp_path, "a.dump", unnamed))[0]
    assert told(frames(tmp_path, "a.dump", unnamed, Reading(("Si", "O")))) == ["SiO"]
