"""What benchmarks of models on a file of frames have in common: their options, and which models can run here."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from platonic_atlas.engine.adapters.weights import VARIABLE
from platonic_atlas.engine.extract.environments import find_weights
from platonic_atlas.engine.models.catalogue import catalogue


def parser(text: str | None, frames: int) -> argparse.ArgumentParser:
    """Options of a command on the first `frames` frames of a file, that is described by its docstring."""
    options = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", type=Path)
    options.add_argument("--frames", type=int, default=frames)
    options.add_argument("--model", action="append")
    options.add_argument("--weights", type=Path, help="a folder of checkpoints")
    options.add_argument("--json", action="store_true")
    return options


def models(options: argparse.Namespace) -> list[str]:
    """The models that were named, else all trained ones whose weights are here or in the folder of --weights."""
    if options.weights:
        os.environ[VARIABLE] = str(options.weights.absolute())
    runnable = (spec for spec in catalogue().values() if spec.sha256 and not spec.control)
    return options.model or [spec.name for spec in runnable if find_weights(spec)]
