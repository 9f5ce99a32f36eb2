"""Writes a checkpoint of each true architecture with seeded random weights: python -P mace.py MODEL_NAME OUTPUT_PATH ….

Runs in the family's environment, with the engine on its path.
"""

from __future__ import annotations

import sys

import torch

from platonic_atlas.engine.adapters.mace_architecture import random_mace


def main() -> None:
    for name, output in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        torch.save(random_mace(name, seed=1), output)


if __name__ == "__main__":
    main()
