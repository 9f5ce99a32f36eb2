"""`platonic ingest`: what it tells when it is done, and while it runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase.build import bulk
from ase.io import write
from typer.testing import CliRunner

from platonic_atlas.engine import progress
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.cli.ingested import MOST_NAMED, by_reason

FRAME = '2\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 {}\nCs 0 0 0\n{} 2 2 2\n'


def test_a_table_of_what_came_and_what_did_not(tmp_path: Path) -> None:
    frames = [
        FRAME.format("energy=-6 id=a", "Cl"),
        FRAME.format("REF_energy=-6 id=b", "Cl"),
        FRAME.format("energy=x", "D"),
    ]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.extxyz").write_text("".join(frames) + FRAME.format("", "Qq") * (MOST_NAMED + 3))
    (tmp_path / "in" / "readme.txt").write_text("hello")
    to = str(tmp_path / "a.atlas.zarr")
    done = CliRunner().invoke(app, ["ingest", str(tmp_path / "in"), "--to", to, "--no-coordination"])
    assert done.exit_code == 0, done.output
    rows = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert ["files", "2"] in rows and ["structures", "3"] in rows and ["sites", "6"] in rows
    assert ["energies", "1 under energy, 1 under REF_energy"] in rows
    assert ["changed", "1  deuterium read as hydrogen"] in rows
    assert ["changed", "1  the energy under energy is no number and was dropped"] in rows
    assert any(row[:1] == ["left"] and row[1].split() == ["out", "24"] for row in rows)
    assert [f"{MOST_NAMED + 3}", "'Qq' is no element"] in rows
    assert f"… and {MOST_NAMED + 3 + 1 - MOST_NAMED} more" in done.stderr
    status = CliRunner().invoke(app, ["status", to]).output
    assert "energy (1), REF_energy (1)" in status and "deuterium read as hydrogen (1)" in status
    held = json.loads(CliRunner().invoke(app, ["status", to, "--json"]).output)
    assert held["energies"] == {"energy": 1, "REF_energy": 1}


def test_reasons_that_differ_in_numbers_are_one() -> None:
    rejects = [{"reason": f"atoms closer than 0.4 Å (atoms {k} and 7, 0.1{k} Å)"} for k in range(3)] + [
        {"reason": "no atoms"}
    ]
    assert [count for _, count in by_reason(rejects)] == [3, 1]


def test_types_every_and_last_from_the_command(tmp_path: Path) -> None:
    box = "ITEM: BOX BOUNDS pp pp pp\n0 3\n0 3\n0 3\nITEM: ATOMS id type x y z\n1 1 0 0 0\n2 2 1.5 1.5 1.5\n"
    steps = "".join(f"ITEM: TIMESTEP\n{k}\nITEM: NUMBER OF ATOMS\n2\n{box}" for k in range(5))
    (tmp_path / "a.lammpstrj").write_text(steps)
    for k, (options, n) in enumerate(((["--every", "2"], 3), (["--last"], 1), ([], 5))):
        to = str(tmp_path / f"{k}.atlas.zarr")
        asked = [
            "ingest",
            str(tmp_path / "a.lammpstrj"),
            "--to",
            to,
            "--no-coordination",
            "--elements",
            "Si, O",
            *options,
        ]
        done = CliRunner().invoke(app, asked)
        assert f"structures  {n}\n" in done.stdout, done.output


def test_without_a_terminal_there_are_lines_and_not_too_many(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.bar(lines=True) as tell:
        for k in range(1, 101):
            now[0] += 0.5
            tell("reading", k, 0)
        tell("coordination", 3, 3)
    said = capsys.readouterr().err.splitlines()
    assert said == ["reading 1", "reading 21", "reading 41", "reading 61", "reading 81", "coordination 3 of 3"]


def test_a_folder_that_is_ingested_twice_holds_the_same(tmp_path: Path) -> None:
    write(tmp_path / "a.cif", bulk("Si"))
    sites = []
    for name in ("one", "two"):
        to = str(tmp_path / f"{name}.atlas.zarr")
        done = CliRunner().invoke(app, ["ingest", str(tmp_path), "--to", to, "--no-coordination"])
        sites.append([line for line in done.stdout.splitlines() if line.startswith(("files", "left out"))])
    assert sites[0] == sites[1]
