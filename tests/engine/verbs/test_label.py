"""The verb and the command `label`: an atlas that was made before gets what ingest makes now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase.build import bulk, molecule
from typer.testing import CliRunner

from platonic_atlas import label
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import ReadOnlyAtlas, UsageError
from platonic_atlas.engine.store import Atlas, create_atlas, open_atlas
from platonic_atlas.engine.store.pack import pack, unpack
from platonic_atlas.engine.structures import collect
from platonic_atlas.engine.structures.neighbourhood import DIGITS

STRUCTURES = [
    bulk("MgO", "rocksalt", a=4.2, cubic=True),
    molecule("H2O"),
    bulk("Cu"),
    bulk("GaAs", "zincblende", a=5.65),
]
Now = dict[str, list[str]]


@pytest.fixture
def now() -> Now:
    """The labels that ingest makes today."""
    return collect(STRUCTURES, workers=1).labels


@pytest.fixture
def before(tmp_path: Path, now: Now) -> Atlas:
    """An atlas of the same structures, as it was made before there were such labels."""
    return create_atlas(tmp_path / "a.atlas.zarr", without(now), chunk_rows=2)


def without(now: Now) -> Any:
    found = collect(STRUCTURES, coordination=False)
    return replace(
        found, labels={name: values for name, values in now.items() if name not in (*DIGITS, "coordination")}
    )


def times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.name != ".lock"}


def test_an_atlas_made_before_gets_what_ingest_makes_now(before: Atlas, now: Now) -> None:
    checksum, former = before.checksum, before.label_names()
    assert label(before) == list(DIGITS)
    again = open_atlas(before.path)
    assert again.label_names() == sorted([*former, *DIGITS])
    for name in again.label_names():
        assert again.label(name).tolist() == now[name]
    assert (again.checksum, again.damaged(), again.half_made()) == (checksum, [], [])


def test_coordination_numbers_are_added_where_they_are_asked_for(before: Atlas, now: Now) -> None:
    assert label(before, coordination=True, workers=1) == [*DIGITS, "coordination"]
    assert open_atlas(before.path).label("coordination").tolist() == now["coordination"]


def test_what_is_there_stays_and_what_is_lacking_comes(before: Atlas, tmp_path: Path) -> None:
    before.write_label("shortest_bond", ["mine"] * before.n_sites)
    assert label(before) == ["neighbour_electronegativity", "volume_per_atom"]
    written = times(tmp_path / "a.atlas.zarr")
    assert label(before) == []
    assert times(tmp_path / "a.atlas.zarr") == written
    assert set(before.label("shortest_bond")) == {"mine"}


def test_a_stopped_command_goes_on(before: Atlas, now: Now) -> None:
    def stop(what: str, done: float, total: float = 1.0, /) -> None:
        if what == "coordination":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label(before, coordination=True, workers=1, progress=stop)
    assert label(open_atlas(before.path), coordination=True, workers=1) == ["coordination"]
    assert open_atlas(before.path).label("shortest_bond").tolist() == now["shortest_bond"]


def test_a_damaged_label_is_told_of_and_made_again(before: Atlas, now: Now) -> None:
    label(before)
    (chunk,) = (Path(str(before.path)) / "labels/volume_per_atom/label/c").glob("0")
    chunk.write_bytes(b"garbage")
    said = CliRunner().invoke(app, ["status", str(before.path)])
    assert said.exit_code == 0
    assert "labels/volume_per_atom" in said.stdout
    assert label(open_atlas(before.path)) == ["volume_per_atom"]
    assert open_atlas(before.path).label("volume_per_atom").tolist() == now["volume_per_atom"]
    assert open_atlas(before.path).damaged() == []


def test_sites_in_another_order_than_their_structures(now: Now, tmp_path: Path) -> None:
    order = (6, 1, 4, 0, 3, 2, 5, 7)
    found, way = without(now), np.array(order)
    moved = replace(
        found, site=np.argsort(way)[found.site], representative=found.representative[way],
        multiplicity=found.multiplicity[way], labels={}, input_site=np.argsort(way)[found.input_site],
    )  # fmt: skip
    atlas = create_atlas(tmp_path / "b.atlas.zarr", moved)
    label(atlas)
    for name in DIGITS:
        assert atlas.label(name).tolist() == [now[name][site] for site in order]


def test_labels_are_packed_and_unpacked_with_an_atlas(before: Atlas, now: Now, tmp_path: Path) -> None:
    label(before)
    packed = open_atlas(pack(before, tmp_path / "p.atlas.zip"))
    copied = open_atlas(unpack(packed, tmp_path / "c.atlas.zarr"))
    for atlas in (packed, copied):
        assert atlas.damaged() == []
        assert atlas.label("shortest_bond").tolist() == now["shortest_bond"]


def test_a_shipped_atlas_is_refused_in_three_parts(before: Atlas, tmp_path: Path) -> None:
    shipped = pack(before, tmp_path / "p.atlas.zip")
    with pytest.raises(ReadOnlyAtlas, match="read-only") as refused:
        label(open_atlas(shipped))
    assert refused.value.expected.startswith("Labels are added to a growing atlas")
    assert refused.value.next_step.startswith("Unpack a copy with: platonic unpack")
    with pytest.raises(UsageError):
        label(before, workers=0)


def test_labels_are_added_at_a_url(now: Now, tmp_path: Path) -> None:
    far = create_atlas(f"file://{tmp_path}/far/a.atlas.zarr", without(now))
    assert label(far) == list(DIGITS)
    assert open_atlas(far.path).label("shortest_bond").tolist() == now["shortest_bond"]
    assert open_atlas(far.path).damaged() == []


def test_the_command_says_what_it_did(before: Atlas) -> None:
    run = CliRunner().invoke
    said = run(app, ["label", str(before.path)])
    assert said.exit_code == 0, said.exception
    assert said.stdout.splitlines() == [
        "neighbour_electronegativity: known of 8 of 8 sites",
        "volume_per_atom: known of 5 of 8 sites",
        "shortest_bond: known of 8 of 8 sites",
        f"see them with: platonic serve {before.path}",
    ]
    again = run(app, ["label", str(before.path)])
    assert (again.exit_code, again.stdout) == (0, "nothing is lacking\n")
