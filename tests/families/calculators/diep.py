"""The calculator as the documentation of diep makes it."""

from pathlib import Path

from diep.pretrained import make_calculator


def calculator(spec):
    return make_calculator(Path(spec["file"]).parent)
