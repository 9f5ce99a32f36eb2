"""The calculator as the documentation of mace-torch makes it."""

from mace.calculators import MACECalculator


def calculator(spec):
    return MACECalculator(model_paths=spec["file"], device="cpu", default_dtype="float32")
