"""Work that grows with the size of a file and no faster. Work is counted, and never timed."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from platonic_atlas.engine.structures import formats, read
from platonic_atlas.engine.structures.formats import (
    cif,
    content,
    formula,
    json_forms,
    sdf,
    sites,
    space_groups,
    species,
    xyz,
)
from tests.engine.structures.written import DUMP, HEAD, ROWS
from tests.engine.structures.written import xyz as xyz_of


class Counted(list[str]):
    """Lines that count how often one was handed out."""

    handed = 0

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        self.handed += len(found) if isinstance(at, slice) else 1
        return found


@pytest.mark.parametrize("count", [2, 300, 10**9])
def test_each_line_of_a_trajectory_is_looked_at_a_few_times(count: int) -> None:
    """Whole frames, and frames that state more atoms than follow."""
    lines = Counted(f"{count}\n{HEAD}\n{ROWS}\n".split("\n")[:-1] * 100)
    found = list(xyz.frames(lines, "a"))
    assert len(found) == 100 and all((frame.atoms is not None) == (count == 2) for frame in found)
    assert lines.handed < 12 * len(lines)


CIF = (
    "data_x\n" + "".join(f"_cell_length_{x} 9\n" for x in "abc") + "".join(f"_cell_angle_{x} 90\n" for x in ("alpha", "beta", "gamma"))
    + "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
    + "".join(f"Si{i} Si 0.{i} 0.{9 - i} 0\n" for i in range(9)) + "_x\n;\ndata_y\n;\n"
)  # fmt: skip
LARGE = {
    "xyz": ("", xyz_of(rows="Cs 0.00000000 0.00000000 0.00000000\nCl 2.00000000 2.00000000 2.00000000\n")), "dump": ("", DUMP.format(step=0, more="element", a="Si", b="Si")), "cif": ("", CIF),
    "table": ("id,cif\n", f'a,"{CIF}"\n'),
    "xdatcar": ("x\n1\n9 0 0\n0 9 0\n0 0 9\nSi\n9\n", "Direct configuration= 1\n" + "  0.12345678 0.12345678 0.12345678\n" * 9),
}  # fmt: skip


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_file_is_in_memory_once(kind: str) -> None:
    """Its text is there, and its structures are made one by one."""
    head, one = LARGE[kind]
    text = head + one * (4_000_000 // len(one))
    next(read._of_text(kind, head + one, "a", ()))  # what is imported and compiled only once
    tracemalloc.start()
    frames = read._of_text(kind, text, "a", ())
    found = [next(frames) for _ in range(3)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(frame.atoms is not None for frame in found)
    assert peak < 0.75 * len(text)


@pytest.mark.parametrize("text", ["", "\n", "a", "a\n", "\na\n\nb", "é\n\u4e2d\n" * 700, "\ud800\n"])
def test_lines_are_those_of_the_text(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(content, "PIECE", 5)
    lines, split = content.Lines(text), text.split("\n")
    assert list(lines) == split == [lines[k] for k in range(len(split))]
    assert len(lines) == len(split) and lines[-1] == split[-1]
    for part in (slice(1, 3), slice(0, 0), slice(2, None), slice(3, 1), slice(len(split), None)):
        assert lines[part] == split[part]
    with pytest.raises(IndexError):
        lines[len(split)]


def test_a_frame_of_more_atoms_than_any_structure_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xyz, "MOST_ATOMS", 2)
    first, second = xyz.read(f"3\n\n{ROWS}Cl x x x\n{xyz_of()}", "a")
    assert (first.reason, first.n_atoms) == ("it states more than 2 atoms", 3)
    assert second.atoms is not None


def test_a_block_that_is_broken_takes_no_other_along() -> None:
    found = list(cif.read(f"# a\n{CIF}data_b\n_x 'open\n{CIF}data_title\n_y 1\n", "a"))
    assert [(frame.id.split("#")[-1], frame.atoms is None) for frame in found] == [
        ("x", False),
        ("1", True),
        ("x", False),
    ]
    assert f"line {CIF.count(chr(10)) + 3}" in found[1].reason


def test_a_formula_has_one_reading() -> None:
    """Of two ways to take every blank a pattern tries all, which doubles with each element."""
    symbols = "C H N O S P F I B K V W Y U Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Zr Nb Mo"
    assert formula.parse(f"{symbols} x") == {}
    assert formula.parse(symbols) == dict.fromkeys(symbols.split(), 1.0)
    assert formula.parse(f"{symbols} " * 1000) == {}


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("C12 H22 O11", {"C": 12, "H": 22, "O": 11}), ("Fe0.95 O", {"Fe": 0.95, "O": 1}), ("'Na, Cl'", {"Na": 1, "Cl": 1}),
        ("Ca(OH)2", {"Ca": 1, "O": 2, "H": 2}), ("[Cu(NH3)4]SO4", {"Cu": 1, "N": 4, "H": 12, "S": 1, "O": 4}),
        ("D2O", {"H": 2, "O": 1}), ("(Mg,Fe)O", {}), ("Na(OH", {}), ("Na)", {}), ("Na[OH)", {}), ("SO4 2-", {}), ("A", {}),
    ],
)  # fmt: skip
def test_formulas(text: str, counts: dict[str, float]) -> None:
    assert formula.parse(text) == counts


def test_values_of_a_molecule_stand_under_a_head_of_one_line() -> None:
    part = "water\n\n\nM  END\n> 25 <dipole>\n1.85\n\n> <broken\n<by> <a line>\n3\n"
    assert sdf._given(part) == {"name": "water", "dipole": "1.85"}


def test_a_long_symbol_is_not_searched_for_mixtures() -> None:
    with pytest.raises(species.Unclear, match="is no element"):
        species.of_symbol("1" * 100_000)


def test_no_pattern_looks_from_every_blank_line_on() -> None:
    """`^\\s*` runs over line ends: of a file of blank lines each start looks through all that follow."""
    for file in Path(formats.__path__[0]).glob("*.py"):
        assert not re.search(r"\(\?[a-z]*m[a-z]*\)\^\\s\*", file.read_text(encoding="utf-8")), file.name


def test_json_is_bounded_a_document_and_lines_of_it_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    row = '{"symbols": ["Na"], "positions": [[0, 0, 0]]}'
    monkeypatch.setattr(json_forms, "LONGEST", 60)
    assert [frame.atoms is not None for frame in json_forms.read(f"{row}\n" * 3, "a")] == [True] * 3
    for text in (f"[{row},\n{row}]", f"[{row}, {row}]"):
        (frame,) = json_forms.read(text, "a")
        assert "longer than" in frame.reason and ".jsonl" in frame.reason


def test_copies_of_a_site_off_every_symmetry_element_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    (group,) = space_groups.readings(space_groups.Given(symbol="F m -3 m"), (90, 90))
    compared: list[int] = []
    as_it_is = sites._different
    monkeypatch.setattr(
        sites, "_different", lambda places, cell: (compared.append(len(places)), as_it_is(places, cell))[1]
    )
    made = sites.expand(np.array([6, 8]), np.array([[0.11, 0.17, 0.23], [0, 0, 0]]), 20 * np.eye(3), group)
    assert len(made.numbers) == 192 + 4 and compared == [192]
