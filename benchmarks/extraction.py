"""Atoms per second of our energy-only forward pass against the package's own calculator, in one run.

    python benchmarks/extraction.py FRAMES.xyz [--frames 40] [--model NAME …] [--weights FOLDER] [--processes 2] [--json]

Both run in the family's environment, on one thread, and are warmed up; CPU seconds are compared, because another
program on the machine would disturb wall time. The calculators compute forces and stress besides, and cannot be told
not to: that is what a user would run otherwise. With --processes, the wall time of one worker and of several.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import ase.io
from ase import Atoms
from by_model import models, parser

from platonic_atlas.engine.adapters.base import family_adapter
from platonic_atlas.engine.extract.environments import find_interpreter, find_weights
from platonic_atlas.engine.extract.process import link_engine, worker_environment
from platonic_atlas.engine.extract.session import model_session
from platonic_atlas.engine.models.catalogue import find_model

CALCULATORS = Path(__file__).resolve().parents[1] / "tests" / "families" / "calculator_energies.py"
OURS = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import ase.io
import torch
torch.set_num_threads(1)
from dataclasses import replace
from platonic_atlas.engine.adapters import load_adapter
from platonic_atlas.engine.models import find_model
spec = find_model(sys.argv[1])
adapter = load_adapter(replace(spec, options={**spec.options, **json.loads(sys.argv[3])}))
frames = ase.io.read(sys.argv[2], ":", format="traj")
adapter.embed(frames[:2])
adapter.embed(frames[:2])
start = time.process_time()
adapter.embed(frames)
print("SECONDS " + json.dumps(time.process_time() - start))
"""


def main() -> None:
    """Print one row a model, or one JSON object."""
    described = parser(__doc__, 40)
    described.add_argument("--processes", type=int, default=1)
    options = described.parse_args()
    frames = [
        Atoms(a.numbers, a.positions, cell=a.cell, pbc=a.pbc) for a in ase.io.read(options.file, f":{options.frames}")
    ]
    rows = []
    for name in models(options):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(name, frames, Path(folder)))
        if options.processes > 1:
            rows[-1]["scaling"] = scaling(name, frames, options.processes)
        if not options.json:
            print(_row(rows[-1]), flush=True)
    if options.json:
        print(json.dumps({"frames": len(frames), "atoms": sum(map(len, frames)), "models": rows}))


def _row(row: dict[str, Any]) -> str:
    text = (
        "{model:24} ours {ours:7.0f}   calculator {calculator:7.0f} atoms per CPU second   ratio {ratio:4.1f}".format(
            **row
        )
    )
    return f"{text}   processes {row['scaling']:.2f} x" if "scaling" in row else text


def measure(name: str, frames: list[Atoms], folder: Path) -> dict[str, Any]:
    """Atoms per CPU second of both ways, one after the other in the same environment."""
    spec, n_atoms = find_model(name), sum(map(len, frames))
    request, result = folder / "frames.traj", folder / "result.json"
    ase.io.write(request, frames, format="traj")
    told = {"name": name, "family": spec.family, "file": str(find_weights(spec)), "modal": spec.modal}
    job = {"spec": told, "frames": str(request), "result": str(result)}
    # A calculator sees one orientation; an embedding of a model that is not invariant averages over several.
    options = {"rotations": 1} if "rotation_spread" in family_adapter(spec.family).extras else {}
    interpreter = find_interpreter(spec.family)
    with tempfile.TemporaryDirectory() as link:
        link_engine(Path(link))
        settings = worker_environment(Path(link), own_interpreter=False)
        said = _run([interpreter, "-P", "-c", OURS, name, request, json.dumps(options)], settings)
        _run([interpreter, "-P", CALCULATORS], settings, json.dumps(job))
    ours = n_atoms / json.loads(said.split("SECONDS ")[1])
    theirs = n_atoms / json.loads(result.read_text())["cpu_seconds"]
    return {"model": name, "ours": ours, "calculator": theirs, "ratio": ours / theirs}


def scaling(name: str, frames: list[Atoms], processes: int) -> float:
    """Wall time of one worker over that of several, both warm."""
    seconds = []
    for workers in (1, processes):
        with model_session(name, workers=workers) as model:
            model.energies(frames[: 4 * workers])
            start = time.perf_counter()
            model.energies(frames)
            seconds.append(time.perf_counter() - start)
    return seconds[0] / seconds[1]


def _run(command: list[Any], settings: dict[str, str], told: str = "") -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, env=settings, input=told, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout


if __name__ == "__main__":
    main()
