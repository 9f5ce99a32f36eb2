"""Write `tests/golden/families/FAMILY.json` from the models as they are: python -m tests.families.write_golden CASES…

CASES are stems of `tests/families/cases/*.toml`; checkpoints are looked for in $PLATONIC_WEIGHTS. Run it when an
adapter is new, never to make a failing test pass.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from platonic_atlas.engine.extract.session import model_session
from tests.families.cases import cases
from tests.families.test_extraction import GOLDEN, golden_crystal


def main() -> None:
    for case in cases(sys.argv[1:]):
        file = GOLDEN / f"{case.spec.family}.json"
        held = json.loads(file.read_text()) if file.exists() else {}
        held[case.name] = numbers_of(case.name)
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(held, indent=1) + "\n")


def numbers_of(name: str) -> dict[str, Any]:
    """Norms and the first four features of each layer, and site energies [eV], of the golden crystal."""
    with model_session(name) as model:
        found = model.embed([golden_crystal()])
    layers = {
        layer: {
            "norms": np.linalg.norm(rows, axis=1).round(6).tolist(),
            "first_features": rows[:, :4].astype(float).round(6).tolist(),
        }
        for layer, rows in found.features.items()
    }
    energies = None if found.site_energies is None else found.site_energies.round(6).tolist()
    return {"layers": layers, "site_energies": energies}


if __name__ == "__main__":
    main()
