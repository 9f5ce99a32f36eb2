"""Writes a checkpoint of each true architecture with seeded random weights: python -P sevennet.py MODEL_NAME OUTPUT_PATH ….

SevenNet-omat has the network of SevenNet-MF-ompa without its fidelities; the package carries that one's settings as the
preset with which it is fine-tuned.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sevenn
import torch
import yaml
from sevenn.checkpoint import SevenNetCheckpoint
from sevenn.model_build import build_E3_equivariant_model

PACKAGE = Path(sevenn.__file__).parent
PRESETS = {"sevennet-omat": PACKAGE / "presets" / "mf_ompa_fine_tune.yaml"}
# Species, their references and what a training keeps besides: as in a checkpoint of the same package.
LIKE = PACKAGE / "pretrained_potentials" / "SevenNet_l3i5" / "checkpoint_l3i5.pth"


def main() -> None:
    for name, output in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        write(name, output)


def write(name: str, output: str) -> None:
    config = dict(SevenNetCheckpoint(LIKE).config)
    network = yaml.safe_load(PRESETS[name].read_text())["model"]
    config.update({key: value for key, value in network.items() if "modal" not in key and key != "chemical_species"})
    config["conv_denominator"] = [35.0] * network["num_convolution_layer"]
    torch.manual_seed(1)
    model = build_E3_equivariant_model(config)
    torch.save({"model_state_dict": model.state_dict(), "config": config}, output)


if __name__ == "__main__":
    main()
