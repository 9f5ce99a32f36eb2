"""Is anything lost when a command is killed? Random kills over all commands that write, each run again to its end.

    python benchmarks/kills.py [--kills 100] [--seed 0] [--only build] [--json]

Every command runs once undisturbed. Then it is killed (SIGKILL, the command or its worker) at a random moment, `status`
reads what is there, and the same command runs again; what it then leaves, and nothing beside it, is compared bit for bit
with what the undisturbed run left. Models are the control `onehot`, whose worker needs no torch.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ase.build import bulk
from ase.io import write

CRYSTALS = [("NaCl", "rocksalt", 5.6), ("MgO", "rocksalt", 4.2), ("LiF", "rocksalt", 4.0), ("Si", "diamond", 5.4),
            ("Cu", "fcc", 3.6), ("Fe", "bcc", 2.9), ("GaAs", "zincblende", 5.6), ("CsCl", "cesiumchloride", 4.1)]  # fmt: skip
RECIPE = """
name = "built"
[atlas]
inputs = ["crystals.xyz"]
models = ["onehot"]
anchors = [{ name = "few", strategy = "random", n = 3, reference = "onehot" }]
layouts = [{ method = "pca", anchors = "few", frame = "own" }]
"""
CHUNK_ROWS = 2
LONGEST = 120.0  # seconds that a command may take
ATLAS = "a.atlas.zarr"
EMBED = ["embed", ATLAS, "--model", "onehot"]
ANCHORS = ["anchors", ATLAS, "--name", "few", "--strategy", "random", "-n", "4", "--reference", "onehot", "--force"]
LAYOUT = ["layout", ATLAS, "--anchors", "few", "--method", "pca", "--frame", "own"]


@dataclass(frozen=True)
class Case:
    """A command that is killed: the case that must have run before it, and whether it or its worker dies."""

    words: list[str]
    after: str = ""
    worker: bool = False


BASE = "atlas"  # what embeddings begin with; made, not killed
CASES = {
    BASE: Case([BASE]),
    "ingest": Case(["ingest", "crystals.xyz", "--to", "new.atlas.zarr", "--no-coordination"]),
    "label": Case(["label", ATLAS], BASE),
    "embed": Case(EMBED, BASE),
    "embed (worker)": Case(EMBED, BASE, worker=True),
    "anchors": Case(ANCHORS, "embed"),
    "layout": Case(LAYOUT, "anchors"),
    "pack": Case(["pack"], "layout"),
    "build": Case(["build", "recipe.toml", "--to", "built.atlas.zip"]),
}
KILLED = [name for name in CASES if name != BASE]


def run(folder: str, words: list[str], begun: Any = None) -> None:
    """In a process of its own: a command of `platonic`, or one of the two that it has not."""
    os.chdir(folder)
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    silent = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silent, descriptor)
    from platonic_atlas.engine.cli.app import app
    from platonic_atlas.engine.store import create_atlas, open_atlas
    from platonic_atlas.engine.store.pack import pack
    from platonic_atlas.engine.structures import collect

    if begun is not None:
        begun.set()
    if words == [BASE]:
        unlabelled = replace(collect("crystals.xyz", coordination=False), labels={})
        create_atlas(ATLAS, unlabelled, chunk_rows=CHUNK_ROWS)
    elif words == ["pack"]:
        pack(open_atlas(ATLAS), "packed.atlas.zip", force=True)
    else:
        app(words)


class Kills:
    """The undisturbed runs, and kills beside them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.drawn = folder, random.Random(seed)
        self.processes: Any = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
        if os.name == "posix":
            self.processes.set_forkserver_preload(["platonic_atlas.engine.cli.app", "platonic_atlas.engine.store.pack",
                                                   "platonic_atlas.engine.structures"])  # fmt: skip
        self.seconds: dict[str, float] = {}

    def undisturbed(self, name: str) -> None:
        """What is there before a command, and after it; how long it takes. Once each."""
        if name in self.seconds:
            return
        before, after = self._place(name, "before"), CASES[name].after
        if after:
            self.undisturbed(after)
            shutil.copytree(self._place(after, "whole"), before)
        else:
            before.mkdir(parents=True)
            write(before / "crystals.xyz", [bulk(what, form, a=a) for what, form, a in CRYSTALS])
            (before / "recipe.toml").write_text(RECIPE)
        shutil.copytree(before, self._place(name, "whole"))
        process, begun = self._start(self._place(name, "whole"), CASES[name].words)
        begun.wait(LONGEST)
        start = time.monotonic()
        self._ended(process, name)
        self.seconds[name] = time.monotonic() - start

    def kill(self, name: str) -> dict[str, Any]:
        """Kill a command at a random moment; whether that came before its end, and whether nothing was lost."""
        case, hit = CASES[name], self._place(name, "hit")
        shutil.copytree(self._place(name, "before"), hit)
        process, begun = self._start(hit, case.words)
        begun.wait(LONGEST)
        time.sleep(self.drawn.uniform(0, self.seconds[name]))
        victims = children(process.pid) if case.worker else [process.pid]
        in_time = process.is_alive() and bool(victims)
        for victim in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, getattr(signal, "SIGKILL", signal.SIGTERM))
        process.join(LONGEST)
        read = not any(self._finish(hit, ["status", atlas.name]) for atlas in hit.glob("*.atlas.zarr"))
        whole = contents(self._place(name, "whole"))
        # one that was done all but its end is refused when it runs again, if it makes what may not be there yet
        differs, code = differing(contents(hit), whole), None
        if differs:
            code = self._finish(hit, case.words)
            differs = differing(contents(hit), whole)
        shutil.rmtree(hit)
        if differs or not read:
            lost = f"after exit code {code}: {', '.join(differs[:5])}" if differs else "no command reads what was left"
            print(f"  {name} {lost}", file=sys.stderr)
        return {"in_time": in_time, "read": read, "equal": not differs}

    def _place(self, name: str, what: str) -> Path:
        return self.folder / name.replace(" ", "-") / what

    def _start(self, folder: Path, words: list[str]) -> tuple[Any, Any]:
        begun = self.processes.Event()
        process = self.processes.Process(target=run, args=(str(folder), words, begun))
        process.start()
        return process, begun

    def _finish(self, folder: Path, words: list[str]) -> int | None:
        """Run a command that may fail to its end; its exit code."""
        process, _ = self._start(folder, words)
        process.join(LONGEST)
        code: int | None = process.exitcode
        return code

    @staticmethod
    def _ended(process: Any, what: str) -> None:
        process.join(LONGEST)
        if process.exitcode != 0:
            raise SystemExit(f"{what} ended with exit code {process.exitcode}, undisturbed")


def children(process: int) -> list[int]:
    """The processes that a process started, where the system tells."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == process:
                found.append(int(stat.parent.name))
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that is there, hidden ones too; of locks there is nothing to compare."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lock")
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def differing(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    """The files that one has and the other has not, or of which the bytes differ."""
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))


def measure(
    kills: int, seed: int, tell: Callable[[str], None] = print, only: Sequence[str] = tuple(KILLED)
) -> list[dict[str, Any]]:
    """A row a command: how often it was killed, before its end, read in between, and equal in the end."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="platonic-kills-") as folder:
        trial = Kills(Path(folder), seed)
        for place, name in enumerate(only):
            share = kills // len(only) + (place < kills % len(only))
            if not share:
                continue
            trial.undisturbed(name)
            found = [trial.kill(name) for _ in range(share)]
            totals = {key: sum(each[key] for each in found) for key in ("in_time", "read", "equal")}
            rows.append({"command": name, "kills": share, **totals, "seconds": round(trial.seconds[name], 2)})
            tell("{command:15} {kills:6} {in_time:8} {read:6} {equal:6} {seconds:8}".format(**rows[-1]))
    return rows


def main() -> None:
    """Print one row a command, or one JSON object; exit code 1 where anything was lost."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", nargs="+", choices=KILLED, default=KILLED)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    if not asked.json:
        print(f"{'command':15} {'kills':>6} {'in time':>8} {'read':>6} {'equal':>6} {'seconds':>8}")
    rows = measure(asked.kills, asked.seed, (lambda _: None) if asked.json else print, asked.only)
    if asked.json:
        print(json.dumps({"kills": rows}))
    raise SystemExit(any(row["read"] + row["equal"] < 2 * row["kills"] for row in rows))


if __name__ == "__main__":
    main()
