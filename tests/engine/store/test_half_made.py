"""Who is killed, at any moment, leaves an atlas that every reader understands and that the same command mends."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from filelock import FileLock
from typer.testing import CliRunner

from platonic_atlas.engine import locks
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AtlasError, AtlasExists, PlatonicError, UsageError
from platonic_atlas.engine.names import LONGEST, fitted, is_name
from platonic_atlas.engine.store import (
    Atlas,
    commit,
    create_atlas,
    files,
    only_writer,
    open_atlas,
    seal,
    verify,
)
from platonic_atlas.engine.store.pack import pack, unpack
from platonic_atlas.engine.verbs.ingest import ingest
from tests.conftest import embed_seeded, small_collection


class Killed(BaseException):
    """A process that is killed does nothing more."""


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@contextmanager
def killed(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, after: bool) -> Iterator[None]:
    """Die in, or just after, a step; nothing that runs in the way out of a block counts."""
    step = getattr(module, name)

    def die(*arguments: Any, **named: Any) -> None:
        if after:
            step(*arguments, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, name, die)
        patch.setattr(commit, "_settle", lambda *_: None)
        patch.setattr(commit, "_bring_back", lambda *_: None)
        with contextlib.suppress(Killed):
            yield
            pytest.fail(f"{name} is no step of this")


def anchors(atlas: Atlas) -> None:
    atlas.write_anchors("two", np.array([1, 4]), {"strategy": "file"})


def layout(atlas: Atlas) -> None:
    atlas.write_layout("umap-two", "m", np.ones((7, 2)), {"anchors": "none"})


def label(atlas: Atlas) -> None:
    atlas.write_label("mood", list("abcdefg"))


def study(atlas: Atlas) -> None:
    atlas.write_study("stitch", "m-n-1", {"r2": 0.5})


def embedding(atlas: Atlas) -> None:
    embed_seeded(atlas, "m")


STEPS = [(commit, "_write", False), (commit, "_write", True), (commit, "_swap", True), (seal, "name_in_root", False),
         (seal, "write_root", True), (commit, "_ways", True)]  # fmt: skip


@pytest.mark.parametrize("write", [anchors, layout, label, study, embedding])
def test_a_kill_at_any_step_is_mended_by_the_same_command(
    write: Callable[[Atlas], None], small_atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(str(small_atlas.path))
    shutil.copytree(folder, tmp_path / "whole.atlas.zarr")
    write(open_atlas(tmp_path / "whole.atlas.zarr"))
    for again in (False, True):  # where there is nothing yet, and where an earlier one is replaced
        for module, name, after in STEPS[: 3 if again and write is embedding else None]:
            shutil.copytree(tmp_path / "whole.atlas.zarr" if again else folder, tmp_path / "hit.atlas.zarr")
            hit = open_atlas(tmp_path / "hit.atlas.zarr")
            if not (again and write is embedding):  # what is complete is left alone
                with killed(monkeypatch, module, name, after=after):
                    write(hit)
            read = CliRunner().invoke(app, ["status", str(hit.path)])
            assert read.exit_code == 0, read.exception
            write(open_atlas(hit.path))
            assert contents(tmp_path / "hit.atlas.zarr") == contents(tmp_path / "whole.atlas.zarr"), (name, again)
            assert open_atlas(hit.path).damaged() == []
            shutil.rmtree(tmp_path / "hit.atlas.zarr")


@pytest.mark.parametrize(
    "place", ["../victim.txt", "{outside}/victim.txt", "anchors/../../victim.txt", "zarr.json", "anchors/x/y"]
)
def test_a_stage_of_a_stranger_moves_nothing_out_of_the_atlas(place: str, small_atlas: Atlas, tmp_path: Path) -> None:
    victim, folder = tmp_path / "victim.txt", Path(str(small_atlas.path))
    victim.write_text("mine")
    stage = folder / ".writing" / ("0" * 32)
    (stage / "old").mkdir(parents=True)
    (stage / "new").write_text("OWNED")
    (stage / "place").write_text(place.format(outside=tmp_path))
    before = {key: held for key, held in contents(tmp_path).items() if "/.writing/" not in key}
    small_atlas.settle()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("link", [".writing", ".writing/" + "0" * 32, ".writing/" + "0" * 32 + "/place", "anchors"])
def test_no_link_of_a_stranger_is_followed_by_a_writer(link: str, small_atlas: Atlas, tmp_path: Path) -> None:
    folder, home = Path(str(small_atlas.path)), tmp_path / "home"
    (home / ("1" * 32) / "old").mkdir(parents=True)
    (home / ("1" * 32) / "place").write_text("anchors/two")
    before = contents(home)
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(home, target_is_directory=True)
    small_atlas.settle()
    with contextlib.suppress(AtlasError):
        anchors(small_atlas)
    with contextlib.suppress(PlatonicError):
        CliRunner().invoke(app, ["remove", str(folder), "--anchors", "two"])
    assert contents(home) == before
    assert (home / ("1" * 32) / "old").is_dir()


def test_chunks_are_not_written_through_a_link(small_atlas: Atlas, tmp_path: Path) -> None:
    embed_seeded(small_atlas, "m")
    unit = Path(str(small_atlas.path)) / "embeddings/m/readout"
    small_atlas.root["embeddings/m/readout"].attrs["complete"] = False
    shutil.rmtree(unit / "norm/c")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/0").write_text("mine")
    (unit / "norm/c").symlink_to(tmp_path / "home", target_is_directory=True)
    (unit / "chunk_checksum/c/0/0").unlink()
    with pytest.raises(AtlasError, match="link"):
        embed_seeded(open_atlas(small_atlas.path), "m")
    assert (tmp_path / "home/0").read_text() == "mine"


def test_a_root_beside_that_was_killed_before_its_seal_is_sealed(small_atlas: Atlas, tmp_path: Path) -> None:
    beside = tmp_path / "beside.zarr"
    zarr.open_group(beside, mode="a", zarr_format=3)
    commit.new_root(beside)
    commit.new_root(tmp_path / "new.zarr")
    assert (beside / "zarr.json").read_bytes() == (tmp_path / "new.zarr/zarr.json").read_bytes()
    assert list(verify.damaged(zarr.open_group(beside, mode="r"))) == []


def test_what_is_half_made_is_listed_and_seen_by_no_reader(
    small_atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed(monkeypatch, commit, "_swap", after=False):
        anchors(small_atlas)
    atlas = open_atlas(small_atlas.path)
    assert atlas.anchor_sets() == []
    assert atlas.half_made() == ["anchors/two"]
    assert "anchors/two" in CliRunner().invoke(app, ["status", str(atlas.path)]).output
    atlas.settle()
    assert (atlas.half_made(), atlas.anchor_sets(), atlas.damaged()) == ([], [], [])
    with killed(monkeypatch, seal, "name_in_root", after=False):
        anchors(small_atlas)
    assert "is half made" in open_atlas(small_atlas.path).damaged()[0]
    assert open_atlas(pack(open_atlas(small_atlas.path), tmp_path / "a.atlas.zip")).anchor_sets() == ["two"]


def test_an_earlier_version_left_groups_without_their_mark(small_atlas: Atlas) -> None:
    """It wrote documents in their place; a set without sites, a layout without coordinates."""
    embed_seeded(small_atlas, "m")
    small_atlas.root.require_group("anchors/half")
    small_atlas.root.require_group("layouts/umap-half/m").attrs["complete"] = False
    atlas = open_atlas(small_atlas.path)
    assert (atlas.anchor_sets(), atlas.layouts()) == ([], {})
    assert atlas.half_made() == ["anchors/half", "layouts/umap-half/m"]
    assert CliRunner().invoke(app, ["status", str(atlas.path)]).exit_code == 0
    atlas.write_anchors("half", np.array([1]), {})
    assert open_atlas(small_atlas.path).anchor_sets() == ["half"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a/b",
        "el/site",
        "a\\b",
        ".hidden",
        "a\nb",
        "x" * 101,
        " a",
        "a ",
        "zarr.json/c",
        "-x",
        "zarr.json",
        "Zarr.JSON",
        "NUL",
        "aux.v2",
        "文" * 90,
    ],
)
def test_a_name_that_is_none_is_refused_before_anything_is_touched(name: str, small_atlas: Atlas) -> None:
    before = contents(Path(str(small_atlas.path)))
    with pytest.raises(UsageError, match="name"):
        small_atlas.write_anchors(name, np.array([1]), {})
    commands = [["anchors", str(small_atlas.path), "--strategy", "random", f"--name={name}"],
                ["embed", str(small_atlas.path), f"--model={name}", "--family", "onehot"]]  # fmt: skip
    for words in commands:
        done = CliRunner().invoke(app, words)
        assert done.exit_code != 0
        assert isinstance(done.exception, UsageError), done.exception
    assert contents(Path(str(small_atlas.path))) == before


@pytest.mark.parametrize("name", ["zarr.json", "ZARR.json", "con", "文" * 90, "a" * 99 + "é", "\ud800"])
def test_a_name_out_of_a_file_becomes_one_that_is_a_name(name: str) -> None:
    assert is_name(fitted(name))
    assert len(fitted(name).encode()) <= LONGEST


def test_names_in_a_file_from_a_stranger_follow_the_rule(small_atlas: Atlas) -> None:
    anchors(small_atlas)
    folder = Path(str(small_atlas.path))
    shutil.copytree(folder / "anchors/two", folder / "anchors/-x")
    assert open_atlas(folder).anchor_sets() == ["two"]
    assert any(line.startswith("anchors/-x") for line in open_atlas(folder).damaged())


def test_a_second_writer_says_so(small_atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        only_writer(small_atlas, "m"),
        pytest.raises(AtlasError, match="Another process is embedding"),
        only_writer(open_atlas(small_atlas.path), "m"),
    ):
        pass
    with files.room_beside(tmp_path / "new.atlas.zarr"), pytest.raises(AtlasExists, match="Another process is making"):
        create_atlas(tmp_path / "new.atlas.zarr", small_collection())
    monkeypatch.setattr(locks, "PATIENCE", 0.1)
    with FileLock(Path(str(small_atlas.path)) / ".lock"), pytest.raises(AtlasError, match="Another process is writing"):
        anchors(open_atlas(small_atlas.path))
    anchors(open_atlas(small_atlas.path))


@pytest.mark.parametrize("name", [".lock", ".m.lock"])
def test_a_lock_of_a_stranger_is_not_opened_where_it_is_a_link(name: str, small_atlas: Atlas, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (Path(str(small_atlas.path)) / name).unlink(missing_ok=True)
    (Path(str(small_atlas.path)) / name).symlink_to(victim)
    with pytest.raises(AtlasError, match="is no plain file"):
        anchors(small_atlas) if name == ".lock" else only_writer(small_atlas, "m").__enter__()
    assert victim.read_text() == "mine"


def test_a_lock_stays_behind_so_that_no_two_hold_it(small_atlas: Atlas) -> None:
    """Who takes the file away and then lets go lets a third in beside the second, who waits at the old one."""
    file = Path(str(small_atlas.path)) / ".m.lock"
    with only_writer(small_atlas, "m"):
        held = file.stat().st_ino
    assert file.stat().st_ino == held


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def read_only(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def gone(*_: object, **__: object) -> None:
    raise FileNotFoundError(errno.ENOENT, "No such file or directory")


WRITERS: dict[str, Callable[[Atlas, Path], object]] = {
    "anchors": lambda atlas, _: anchors(atlas),
    "layout": lambda atlas, _: layout(atlas),
    "study": lambda atlas, _: study(atlas),
    "ingest": lambda _, to: create_atlas(to / "n.atlas.zarr", small_collection()),
    "pack": lambda atlas, to: pack(atlas, to / "n.atlas.zip"),
    "unpack": lambda atlas, to: unpack(atlas, to / "n.atlas.zarr"),
    "forget": lambda atlas, _: atlas.forget_anchors("old"),
}
REFUSALS = {full: "make room", read_only: "may not be written to", gone: "is no longer there"}


def replaced(atlas: Atlas) -> None:
    atlas.write_anchors("two", np.array([5]), {})


def new(atlas: Atlas) -> None:
    atlas.write_anchors("new", np.array([5]), {})


@pytest.mark.parametrize("change", [replaced, new, WRITERS["forget"]])
def test_a_disk_that_is_full_when_the_root_is_named_changes_nothing(
    change: Callable[..., None], small_atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors(small_atlas)
    small_atlas.write_anchors("old", np.array([1, 2]), {})
    before = contents(Path(str(small_atlas.path)))
    monkeypatch.setattr(seal, "name_in_root", full)
    with pytest.raises(AtlasError, match="could not be written"):
        change(*(small_atlas, Path())[: change.__code__.co_argcount])
    monkeypatch.undo()
    again = open_atlas(small_atlas.path)
    again.settle()
    assert contents(Path(str(small_atlas.path))) == before
    assert again.damaged() == []


@pytest.mark.parametrize("refuses", REFUSALS)
@pytest.mark.parametrize("what", WRITERS)
def test_what_a_disk_refuses_is_told_in_words_and_leaves_nothing_beside(
    what: str, refuses: Callable[..., None], small_atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_atlas.write_anchors("old", np.array([1, 2]), {})
    atlas, before = open_atlas(small_atlas.path), contents(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("zarr.storage._local._put", refuses)
        patch.setattr(Path, "write_bytes", refuses)
        patch.setattr(Path, "rename", refuses)
        patch.setattr(Path, "write_text", refuses)
        with pytest.raises(AtlasError) as caught:
            WRITERS[what](atlas, tmp_path)
    assert REFUSALS[refuses] in caught.value.next_step
    assert caught.value.expected
    assert contents(tmp_path) == before
    assert not [path for path in tmp_path.rglob("*") if "partial" in path.name or path.name == ".writing"]


@pytest.mark.parametrize("what", ["anchors", "layout", "study", "forget"])
def test_an_atlas_that_vanished_is_told_of_and_not_begun_anew(what: str, small_atlas: Atlas, tmp_path: Path) -> None:
    small_atlas.write_anchors("old", np.array([1, 2]), {})
    atlas = open_atlas(small_atlas.path)
    shutil.rmtree(small_atlas.path)
    with pytest.raises(AtlasError) as caught:
        WRITERS[what](atlas, tmp_path)
    assert caught.value.next_step
    assert not Path(str(small_atlas.path)).exists()


def test_force_moves_nothing_but_an_atlas(small_atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/paper.tex").write_text("years of work")
    (tmp_path / "input.xyz").write_text("1\n\nH 0 0 0\n")
    monkeypatch.chdir(small_atlas.path)  # its parent is no atlas, it is one itself
    for place in (tmp_path / "mine", tmp_path / "input.xyz", Path(".."), Path("."), Path("anchors/..")):
        with pytest.raises(AtlasExists, match=r"is no atlas|a name of its own|exists already"):
            create_atlas(place, small_collection(), force=True)
    assert (tmp_path / "mine/paper.tex").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".old")] == []


def test_what_changes_nothing_writes_nothing(small_atlas: Atlas, tmp_path: Path) -> None:
    packed = pack(small_atlas, tmp_path / "a.atlas.zip")
    before = packed.stat()
    time.sleep(1.1)  # gzip writes the second
    pack(open_atlas(small_atlas.path), packed, force=True)
    assert (packed.stat().st_mtime_ns, packed.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    anchors(small_atlas)
    pack(open_atlas(small_atlas.path), packed, force=True)
    assert open_atlas(packed).anchor_sets() == ["two"]
    assert len(list(tmp_path.glob("*.old"))) == 1


def test_what_a_killed_command_left_beside_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / ".n.atlas.zarr.partial"
    (left / "atlas/atoms").mkdir(parents=True)
    (left / "atlas/zarr.json").write_text("{}")
    create_atlas(tmp_path / "n.atlas.zarr", small_collection())
    assert [path.name for path in tmp_path.iterdir()] == ["n.atlas.zarr"]


def test_a_place_where_nothing_can_be_made_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PlatonicError, match="file is a file"):
        ingest("nothing is read", tmp_path / "file/x.atlas.zarr")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(AtlasError, match="may not be written to"):
        ingest("nothing is read", tmp_path / "new/x.atlas.zarr")


WRITE = """
import sys
import numpy as np
from platonic_atlas.engine.store import open_atlas
atlas = open_atlas(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for turn in range(8):
    atlas.write_anchors("same", np.array([1, 2, turn % 7]), {})
    atlas.write_anchors(f"own-{sys.argv[2]}-{turn}", np.array([turn % 7]), {})
"""


def test_several_processes_that_write_at_once_break_nothing(small_atlas: Atlas) -> None:
    command = [sys.executable, "-c", WRITE, str(small_atlas.path)]
    both = [
        subprocess.Popen(
            [*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for name in "ab"
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = [process.communicate("go\n", timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    atlas = open_atlas(small_atlas.path)
    assert atlas.anchor_sets() == sorted(["same", *(f"own-{name}-{turn}" for name in "ab" for turn in range(8))])
    assert (atlas.damaged(), atlas.half_made()) == ([], [])
