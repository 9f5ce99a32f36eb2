"""Who is killed takes along the processes that it started, and what lay about of it goes at the next start."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ase.build import bulk
from ase.io import write

from platonic_atlas.engine import scratch
from platonic_atlas.engine.store import create_atlas, open_atlas
from platonic_atlas.engine.structures import collect

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it looks at /proc")
PATIENCE = 60.0


def below(process: int) -> set[int]:
    """The children of a process, and theirs."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found = {process}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(true: Callable[[], object]) -> bool:
    end = time.monotonic() + PATIENCE
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.1)
    return bool(found)


def kill_when(command: list[str], begun: Callable[[set[int]], object], **settings: str) -> tuple[int, set[int]]:
    """Run a command, kill it once its children have begun, and say which it and they were."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from platonic_atlas.engine.cli.app import main; main()", *command], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=os.environ | settings,
    )  # fmt: skip
    assert until(lambda: process.poll() is not None or begun(below(process.pid)))
    assert process.poll() is None, "it ended by itself"
    children = below(process.pid)
    process.kill()
    process.wait()
    return process.pid, children


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def test_a_killed_ingest_leaves_no_process(tmp_path: Path, own_folder: Path) -> None:
    cell = bulk("NaCl", "rocksalt", a=5.6, cubic=True) * (2, 2, 2)
    cell.rattle(0.05, seed=1)
    write(tmp_path / "many.xyz", [cell] * 60)
    command = ["ingest", str(tmp_path / "many.xyz"), "--to", str(tmp_path / "a.atlas.zarr"), "--no-orbits"]
    killed, children = kill_when(command, lambda found: len(found) >= 2)
    assert until(lambda: not any(map(lives, children)))
    of_it = re.compile(rf"[-_]{killed}[-_]")
    assert until(lambda: not any(map(of_it.search, os.listdir("/dev/shm"))))  # a tracker takes its semaphores away
    assert not (tmp_path / "a.atlas.zarr").exists()


def test_a_killed_embed_leaves_no_process_and_its_folder_goes_at_the_next_start(
    tmp_path: Path, own_folder: Path, springs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas = create_atlas(tmp_path / "a.atlas.zarr", collect([bulk("NaCl", "rocksalt", a=5.6)], coordination=False))
    (tmp_path / "weights").write_text("1")
    command = ["embed", str(atlas.path), "--model", "mine", "--family", "springs", "--weights", str(tmp_path / "weights"),
               "--trust-weights"]  # fmt: skip
    left = lambda: [folder for folder in own_folder.iterdir() if folder.name.startswith("platonic-worker")]  # noqa: E731
    _, children = kill_when(command, lambda found: found and atlas_begun(Path(str(atlas.path))), SPRINGS_SLOW="600")
    assert until(lambda: not any(map(lives, children)))  # in the middle of a job that would take ten minutes
    assert len(left()) == 1
    monkeypatch.setattr(scratch, "YOUNG", 0.0)
    with scratch.scratch("worker") as folder:
        assert left() == [folder]
    assert left() == []
    assert open_atlas(atlas.path).incomplete() == ["mine/readout"]


def atlas_begun(folder: Path) -> bool:
    return (folder / "embeddings").exists()
