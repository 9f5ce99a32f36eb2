"""Cells and coordinates of crystals brought to rest at fixed symmetry, by ASE. Runs in a worker."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.extract.apart import device_is_lost
from platonic_atlas.engine.extract.protocol import Message, Tell

if TYPE_CHECKING:
    from ase import Atoms

#: A crystal is at rest where no force [eV/Å], and no stress times the volume an atom [eV], is above this.
FORCE = 0.03
STEPS = 200
SYMPREC = 1e-3


def relax_crystals(calculator: Any, structures: Sequence[Atoms], tell: Tell) -> list[Message]:
    """Each crystal at rest: {"cell", "positions", "energy" [eV], "steps", "reason"}, the reason "" where it came to rest.

    The space group of the start is kept (ASE's FixSymmetry), so what moves is what symmetry leaves free. A crystal at
    which the model fails is told by its reason and costs no other.
    """
    found = []
    for atoms in structures:
        found.append(_relaxed(calculator, atoms))
        tell(len(atoms))
    return found


def _relaxed(calculator: Any, start: Atoms) -> Message:
    atoms = start.copy()
    try:
        steps = _to_rest(atoms, calculator)
        energy = float(atoms.get_potential_energy())
    except Exception as error:  # packages raise what they like at a crystal that they did not expect
        if device_is_lost(error):
            raise
        traceback.print_exc()
        return _message(start, float("nan"), 0, f"the model fails while it is relaxed ({type(error).__name__})")
    if steps is None:
        return _message(start, float("nan"), STEPS, f"not at rest after {STEPS} steps")
    if not (np.isfinite(energy) and np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        return _message(start, float("nan"), steps, "the model returns values that are not finite")
    return _message(atoms, energy, steps, "")


def _to_rest(atoms: Atoms, calculator: Any) -> int | None:
    """Move cell and atoms to rest; returns the number of steps, None where there were not enough."""
    from ase.constraints import FixSymmetry
    from ase.filters import FrechetCellFilter
    from ase.optimize import BFGS

    atoms.calc = calculator
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        atoms.set_constraint(FixSymmetry(atoms, symprec=SYMPREC))
        movable: Any = FrechetCellFilter(atoms)  # ASE's hints know no filters
        moving = BFGS(movable, logfile=None)
        rests = moving.run(fmax=FORCE, steps=STEPS)
    return int(moving.nsteps) if rests else None


def _message(atoms: Atoms, energy: float, steps: int, reason: str) -> Message:
    return {
        "cell": atoms.cell.array.tolist(),
        "positions": atoms.positions.tolist(),
        "energy": None if np.isnan(energy) else energy,
        "steps": steps,
        "reason": reason,
    }
