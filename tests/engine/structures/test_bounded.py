"""Work that grows with the size of a file and no faster. Work is counted, and never timed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from platonic_atlas.engine.structures import formats
from platonic_atlas.engine.structures.formats import formula, json_forms, sdf, sites, space_groups, species, xyz
from tests.engine.structures.written import HEAD, ROWS


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
