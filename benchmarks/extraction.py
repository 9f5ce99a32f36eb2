"""Atoms per second of our energy-only forward pass against the package's own calculator, in one run, on one thread.

    python benchmarks/extraction.py FRAMES.xyz [--frames 40] [--model NAME …] [--json]

Both run in the family's environment and are warmed up; CPU seconds are compared, because another program on the
machine would disturb wall time. The calculators compute forces and stress besides, and cannot be told not to: that is
what a user would run otherwise.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import ase.io
from ase import Atoms

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.extract.environments import find_interpreter  # noqa: E402
from engine.extract.process import link_engine, worker_environment  # noqa: E402
from engine.models.catalogue import catalogue, find_model  # noqa: E402

CALCULATORS = ROOT / "tests" / "families" / "calculator_energies.py"
OURS = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import ase.io
import torch
torch.set_num_threads(1)
from engine.adapters import load_adapter
from engine.models import find_model
adapter = load_adapter(find_model(sys.argv[1]))
frames = ase.io.read(sys.argv[2], ":", format="traj")
adapter.embed(frames[:2])
adapter.embed(frames[:2])
start = time.process_time()
adapter.embed(frames)
print("SECONDS " + json.dumps(time.process_time() - start))
"""


def main() -> None:
    """Print one row a model, or one JSON object."""
    options = _options()
    frames = [
        Atoms(a.numbers, a.positions, cell=a.cell, pbc=a.pbc) for a in ase.io.read(options.file, f":{options.frames}")
    ]
    names = options.model or [s.name for s in catalogue().values() if s.sha256 and not s.needs and not s.control]
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(name, frames, Path(folder)) for name in names]
    if options.json:
        print(json.dumps({"frames": len(frames), "atoms": sum(map(len, frames)), "models": rows}))
        return
    print(f"{len(frames)} frames, {sum(map(len, frames))} atoms, one thread, atoms per CPU second")
    for row in rows:
        print("{model:24} ours {ours:7.0f}   calculator {calculator:7.0f}   ratio {ratio:4.1f}".format(**row))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--model", action="append")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def measure(name: str, frames: list[Atoms], folder: Path) -> dict[str, Any]:
    """Atoms per CPU second of both ways, one after the other in the same environment."""
    spec, n_atoms = find_model(name), sum(map(len, frames))
    request, result = folder / "frames.traj", folder / "result.json"
    ase.io.write(request, frames, format="traj")
    interpreter = find_interpreter(spec.family)
    with tempfile.TemporaryDirectory() as link:
        link_engine(Path(link))
        settings = worker_environment(Path(link), own_interpreter=False)
        said = _run([interpreter, "-P", "-c", OURS, name, request], settings)
        _run(
            [interpreter, "-P", CALCULATORS, spec.family, spec.checkpoint, spec.modal or "", request, result], settings
        )
    ours = n_atoms / json.loads(said.split("SECONDS ")[1])
    theirs = n_atoms / json.loads(result.read_text())["cpu_seconds"]
    return {"model": name, "ours": ours, "calculator": theirs, "ratio": ours / theirs}


def _run(command: list[Any], settings: dict[str, str]) -> str:
    done = subprocess.run([str(word) for word in command], env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout


if __name__ == "__main__":
    main()
