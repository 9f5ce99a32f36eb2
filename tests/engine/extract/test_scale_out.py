"""The same chunks on a Dask cluster: a scheduler and two workers of this machine, one of which is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from platonic_atlas.engine.errors import ModelError, UsageError
from platonic_atlas.engine.extract.runner import _place
from platonic_atlas.engine.extract.scale_out import Cluster
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.types import ModelSpec
from platonic_atlas.engine.verbs.embed import embed
from tests.engine.extract.test_runner import SPRINGS, contents, new_atlas

ROOT = Path(__file__).resolve().parents[3]


class Dask:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.file, self.folder, self.running = folder / "scheduler.json", folder, []
        paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.settings = {**os.environ, "PYTHONPATH": paths, "SPRINGS_SLOW": "0.4"}
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        end = time.monotonic() + 60
        while not self.file.exists():
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)
        self.address = json.loads(self.file.read_text())["address"]
        self.workers = [
            self.start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
            for _ in range(2)
        ]

    def start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-P",
            "-m",
            f"distributed.cli.dask_{what}",
            "--scheduler-file",
            str(self.file),
            *options,
        ]
        with (self.folder / f"{what}{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(command, env=self.settings, cwd=self.folder, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def said(self) -> str:
        return "\n".join(log.read_text(errors="replace")[-1500:] for log in self.folder.glob("*.log"))

    def stop(self) -> None:
        """Workers are killed: asked to end, they first wait for a scheduler that may be gone."""
        scheduler, *workers = self.running
        for process in workers:
            process.kill()
            process.wait()
        scheduler.terminate()
        scheduler.wait(20)


@pytest.fixture
def dask(tmp_path: Path, springs: Path) -> Iterator[Dask]:
    (tmp_path / "dask").mkdir()
    running = Dask(tmp_path / "dask")
    yield running
    running.stop()


def test_a_cluster_that_loses_a_worker_writes_what_one_machine_writes(dask: Dask, tmp_path: Path) -> None:
    spread, alone = new_atlas(tmp_path / "spread.atlas.zarr"), new_atlas(tmp_path / "alone.atlas.zarr")
    seen: list[float] = []

    def kill_one(what: str, fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.2 and dask.workers[0].poll() is None:
            dask.workers[0].kill()
            dask.workers[0].wait()

    embed(spread, [SPRINGS], scheduler=dask.address, progress=kill_one)
    assert dask.workers[0].returncode not in (0, None)
    embed(alone, [SPRINGS])
    assert contents(spread, "springs") == contents(alone, "springs")
    assert open_atlas(spread.path).damaged() == []
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1)


def test_errors_of_a_node_arrive_as_they_are(dask: Dask, tmp_path: Path) -> None:
    atlas = new_atlas(tmp_path / "a.atlas.zarr")
    with pytest.raises(ModelError, match="no such device"):
        embed(atlas, [SPRINGS], scheduler=dask.address, device="mps")
    unknown = ModelSpec(name="x", family="nowhere", title="X", trained_on="nothing", licence="MIT")
    with pytest.raises(ModelError, match="no adapter for the family 'nowhere'"):
        embed(atlas, [unknown], scheduler=dask.address)


def test_a_scheduler_that_does_not_answer_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platonic_atlas.engine.extract.scale_out.CONNECT", "1s")
    with pytest.raises(UsageError, match="No Dask scheduler answers at tcp://127.0.0.1:9"):
        embed(new_atlas(tmp_path / "a.atlas.zarr"), [SPRINGS], scheduler="tcp://127.0.0.1:9")


def test_an_address_that_is_none_is_refused_in_words() -> None:
    with (
        pytest.raises(UsageError, match="No Dask scheduler answers at foo://x"),
        Cluster("foo://x", "onehot", {}, None),
    ):
        pass


def test_a_client_is_closed_where_the_model_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    class Client:
        def __init__(self, *_: object, **__: object) -> None: ...

        def submit(self, *_: object, **__: object) -> None:
            raise ModelError("no model")

        def close(self) -> None:
            closed.append(True)

    monkeypatch.setattr("distributed.Client", Client)
    with pytest.raises(ModelError, match="no model"), Cluster("tcp://x:1", "onehot", {}, None):
        pass
    assert closed == [True]


def test_nodes_are_told_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They work in other folders."""
    new_atlas(tmp_path / "a.atlas.zarr")
    monkeypatch.chdir(tmp_path)
    assert _place(open_atlas("a.atlas.zarr")) == str(tmp_path / "a.atlas.zarr")
    assert Cluster("tcp://x:1", "onehot", {}, Path("env"))._env_root == str(tmp_path / "env")
