"""Runs in a family's environment: energies by the package's own ASE calculator, which `calculators/FAMILY.py` makes.

A line on stdin is a job: {"spec": {name, family, file, modal}, "frames": FRAMES.traj, "result": RESULT.json}; once the
result is written, a line on stdout says so. The packages are imported once for all jobs.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
import warnings
from functools import cache
from pathlib import Path


@cache
def module_of(family):
    file = Path(__file__).with_name("calculators") / f"{family}.py"
    found = importlib.util.spec_from_file_location(f"calculator_of_{family}", file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what packages print is no answer
    warnings.filterwarnings("ignore")
    import torch

    torch.set_num_threads(1)
    for line in sys.stdin:
        job = json.loads(line)
        Path(job["result"]).write_text(json.dumps(energies(job)))
        print(job["result"], file=answers, flush=True)


def energies(job) -> dict:
    import ase.io

    frames = ase.io.read(job["frames"], ":", format="traj")
    made = module_of(job["spec"]["family"]).calculator(job["spec"])
    for atoms in frames[:2]:  # warm up, so that what is timed is the model
        energy_of(made, atoms)
    start = time.process_time()
    found = [energy_of(made, atoms) for atoms in frames]
    return {"energies": found, "cpu_seconds": time.process_time() - start}


def energy_of(made, atoms) -> float:
    copy = atoms.copy()
    copy.calc = made
    made.reset()
    return float(copy.get_potential_energy())


if __name__ == "__main__":
    main()
