"""Runs in a family's environment: energies by the package's own ASE calculator, which `calculators/FAMILY.py` makes.

python calculator_energies.py SPEC.json FRAMES.traj RESULT.json
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import warnings
from pathlib import Path


def made_by(spec):
    file = Path(__file__).with_name("calculators") / f"{spec['family']}.py"
    found = importlib.util.spec_from_file_location(f"calculator_of_{spec['family']}", file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.calculator(spec)


def main() -> None:
    warnings.filterwarnings("ignore")
    import ase.io
    import torch

    torch.set_num_threads(1)
    spec, request, result = sys.argv[1:4]
    frames = ase.io.read(request, ":", format="traj")
    made = made_by(json.loads(Path(spec).read_text()))
    for atoms in frames[:2]:  # warm up, so that what is timed is the model
        energy_of(made, atoms)
    start = time.process_time()
    energies = [energy_of(made, atoms) for atoms in frames]
    seconds = time.process_time() - start
    Path(result).write_text(json.dumps({"energies": energies, "cpu_seconds": seconds}))


def energy_of(made, atoms) -> float:
    copy = atoms.copy()
    copy.calc = made
    made.reset()
    return float(copy.get_potential_energy())


if __name__ == "__main__":
    main()
