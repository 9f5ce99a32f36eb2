"""Writes a checkpoint of each true architecture with seeded random weights: python -P orb.py MODEL_NAME OUTPUT_PATH …."""

from __future__ import annotations

import sys

import torch
from orb_models.forcefield import pretrained
from orb_models.forcefield.atomic_system import SystemConfig

ARCHITECTURES = {
    "orb-v3-con-omat": pretrained.orb_v3_conservative_architecture,
    "orb-v3-dir-omat": pretrained.orb_v3_direct_architecture,
}


def main() -> None:
    for name, output in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        write(name, output)


def write(name: str, output: str) -> None:
    torch.manual_seed(0)
    # "inf": every neighbour within the radius, of which there are never more than 120 (the package's own setting).
    model = ARCHITECTURES[name](device="cpu", system_config=SystemConfig(radius=6.0, max_num_neighbors=120))
    torch.save(model.state_dict(), output)


if __name__ == "__main__":
    main()
