"""Relaxed crystals kept in a file while a data set is being built, so that a build can resume."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.relax import Potential, relax
from platonic_atlas.engine.types import Relaxed


class RelaxationCache:
    """Relaxations by structure and model, one JSON line each, appended as they are found.

    A line that a killed build left half written is passed over; its structure is relaxed again.
    """

    def __init__(self, path: Path | None, model: str) -> None:
        self.path, self.model = path, model
        self.known: dict[str, Relaxed] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._read(line)

    def relax(self, structures: Sequence[Atoms], potential: Potential) -> list[Relaxed]:
        """Relaxed crystals; only structures that the file does not hold are computed."""
        keys = [self.key(atoms) for atoms in structures]
        lacking = {key: atoms for key, atoms in zip(keys, structures, strict=True) if key not in self.known}
        if lacking:
            found = relax(list(lacking.values()), potential)
            self._add(dict(zip(lacking, found, strict=True)))
        return [self.known[key] for key in keys]

    def key(self, atoms: Atoms) -> str:
        """Digest of model, elements, cell and positions (to 1e-6 Å)."""
        digest = hashlib.sha256(self.model.encode())
        digest.update(np.asarray(atoms.numbers, dtype="<i8").tobytes())
        for array in (atoms.cell.array, atoms.positions):
            digest.update((np.rint(array * 1e6).astype("<i8")).tobytes())
        return digest.hexdigest()[:24]

    def _add(self, found: dict[str, Relaxed]) -> None:
        self.known.update(found)
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            for key, relaxed in found.items():
                energy = None if math.isnan(relaxed.energy) else relaxed.energy
                places = {"cell": relaxed.cell.tolist(), "positions": relaxed.positions.tolist()}
                file.write(json.dumps({"key": key, "energy": energy, "reason": relaxed.reason, **places}) + "\n")

    def _read(self, line: str) -> None:
        try:
            values = json.loads(line)
            energy = float("nan") if values["energy"] is None else float(values["energy"])
            cell, positions = np.array(values["cell"], dtype=float), np.array(values["positions"], dtype=float)
            self.known[values["key"]] = Relaxed(cell, positions, energy, values["reason"])
        except (ValueError, KeyError, TypeError):
            return
