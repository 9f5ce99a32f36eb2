"""Writes a checkpoint of the true architecture with seeded random weights: python -P mace.py MODEL_NAME OUTPUT_PATH.

Runs in the family's environment, with the engine on its path.
"""

from __future__ import annotations

import sys

import torch

from platonic_atlas.engine.adapters.mace_architecture import random_mace


def main() -> None:
    name, output = sys.argv[1:3]
    torch.save(random_mace(name, seed=1), output)


if __name__ == "__main__":
    main()
