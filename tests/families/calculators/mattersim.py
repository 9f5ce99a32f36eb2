"""The calculator as the documentation of mattersim makes it."""

from mattersim.forcefield import MatterSimCalculator


def calculator(spec):
    return MatterSimCalculator(load_path=spec["file"], device="cpu")
