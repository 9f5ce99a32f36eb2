"""Every entry of a file is a structure or a reason, one that is broken takes no other along, and none is refused for how it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from platonic_atlas.engine.structures.formats import json_forms, species
from platonic_atlas.engine.structures.formats.species import Unclear
from tests.engine.structures.written import STRUCTURE, frames, told

NOTHING = "this entry holds no structure of a known form"
BROKEN = {"numbers": {"__ndarray__": [[1], "int64", ["odd"]]}, "positions": [[0, 0, 0]]}
ONE = {"numbers": [11], "positions": [[0, 0, 0]]}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ([{"material_id": "mp-2", "structure": None}, STRUCTURE, {"foo": 1}, 7], [NOTHING, "CsCl", NOTHING, NOTHING]),
        ({"columns": ["id", "structure"], "data": [["a", None], ["b", STRUCTURE]]}, [NOTHING, "CsCl"]),
        ({"ids": [1, 2], "nextid": 3, "1": ONE, "2": {}}, ["Na", NOTHING]),
        ([BROKEN, ONE], ["unparsable: 'odd' stands where a number belongs", "Na"]),
        ({"tags": [1, 2], "of": {"structure": STRUCTURE, "kpoints": [[1, 2], [3, 4]]}}, ["CsCl"]),
        ([1, 2, "x"], ["unparsable: JSON without a structure of a known form"]),
    ],
)  # fmt: skip
def test_every_entry_of_json_is_a_structure_or_a_reason(tmp_path: Path, document: Any, found: list[str]) -> None:
    assert told(frames(tmp_path, "a.json", json.dumps(document))) == found


def test_entries_that_are_none_have_their_names(tmp_path: Path) -> None:
    lines = [{"id": "a", **ONE}, {"id": "b"}, {"structure": STRUCTURE, "initial_structure": STRUCTURE, "id": "c"}]
    found = frames(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))
    assert [(frame.id, frame.atoms is None) for frame in found] == [("a", False), ("b", True), ("c", False)]
    assert found[2].notes == ["initial_structure beside it was not read"]


def test_numbers_are_no_entries() -> None:
    """Of a long list of numbers no frame is made."""
    assert next(json_forms.structures({"values": [0.5] * 100}, "a", {}, 0), None) is None


def test_a_computed_entry_brings_what_its_data_hold(tmp_path: Path) -> None:
    entry = {
        "energy": -7.0,
        "entry_id": None,
        "structure": STRUCTURE,
        "data": {"mat_id": "agm1", "gap": 1.5, "energy": 3},
    }
    (frame,) = frames(tmp_path, "a.json", json.dumps({"entries": [entry]}))
    assert (frame.id, frame.energy, frame.labels) == ("agm1", -3.5, {"gap": "1.5"})


HEAD = "x\n 1\n 5 0 0\n 0 5 0\n 0 0 5\n Na Cl\n 1 1\n"
STEP = "Direct configuration= {}\n 0 0 0\n .5 .5 .5\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (HEAD + STEP.format(1) + STEP.format(2), ["NaCl", "NaCl"]),
        (HEAD + STEP.format(1) + HEAD.replace("5 0 0", "6 0 0").replace("x", "") + STEP.format(2), ["NaCl", "NaCl"]),
        (HEAD + STEP.format(1) + STEP.format(2)[:-10], ["NaCl", "unparsable: the file ends after 1 of 2 atoms"]),
        (HEAD + STEP.format(1).replace(".5 .5", "odd .5") + "\n" + STEP.format(2),
         ["unparsable: a vector or a position is not three numbers", "NaCl"]),
        (HEAD.replace(" Na Cl\n", "") + STEP.format(1) + STEP.format(2), ["there are no elements: the line of symbols is missing"] * 2),
        (HEAD.replace("1 1", "1 1000000000") + STEP.format(1), ["it states more than 1000000 atoms"]),
    ],
)  # fmt: skip
def test_configurations_of_a_run_one_by_one(tmp_path: Path, text: str, found: list[str]) -> None:
    read = frames(tmp_path, "XDATCAR", text)
    assert told(read) == found
    lengths = [frame.atoms.cell.lengths()[0] for frame in read if frame.atoms is not None]
    assert lengths == ([5, 6] if "6 0 0" in text else [5] * len(lengths))


@pytest.mark.parametrize(
    ("symbol", "z"),
    [("Fe2.5+", 26), ("Fe+2.5", 26), ("Ni2+,spin=5", 28), ("Ni0+", 28), ("O0", 8), ("C-4", 6), ("O2-", 8)],
)
def test_a_charge_is_no_share(symbol: str, z: int) -> None:
    assert species.of_symbol(symbol) == (z, "")


@pytest.mark.parametrize("symbol", ["Fe0.5", "0.7Mo + 0.3W", "Fe0.5+Ni0.5", "Fe2.5+Ni", "Fe2.5"])
def test_a_mixture_is_no_charge(symbol: str) -> None:
    with pytest.raises(Unclear, match="mixture"):
        species.of_symbol(symbol)
