"""Runs in a family's environment: energies by the package's own ASE calculator.

python calculator_energies.py FAMILY CHECKPOINT MODAL FRAMES.traj RESULT.json [--time]
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import warnings
from pathlib import Path


def package_file(checkpoint: str) -> Path:
    package, *rest = checkpoint.split("/")
    spec = importlib.util.find_spec(package)
    return Path(spec.submodule_search_locations[0], *rest)


def calculator(family: str, checkpoint: str, modal: str):
    """The calculator as the package's documentation makes it, on the CPU."""
    file = package_file(checkpoint)
    if family == "sevennet":
        from sevenn.calculator import SevenNetCalculator

        return SevenNetCalculator(str(file), device="cpu", modal=modal or None)
    if family == "chgnet":
        from chgnet.model import CHGNet
        from chgnet.model.dynamics import CHGNetCalculator

        return CHGNetCalculator(CHGNet.load(model_name=file.parent.name, verbose=False), use_device="cpu")
    if family == "diep":
        from diep.pretrained import make_calculator

        return make_calculator(file.parent)
    raise SystemExit(f"no calculator for {family}")


def main() -> None:
    import ase.io
    import torch

    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    family, checkpoint, modal, request, result = sys.argv[1:6]
    frames = ase.io.read(request, ":", format="traj")
    made = calculator(family, checkpoint, modal)
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
