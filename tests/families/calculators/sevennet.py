"""The calculator as the documentation of sevenn makes it."""

from sevenn.calculator import SevenNetCalculator


def calculator(spec):
    return SevenNetCalculator(spec["file"], device="cpu", modal=spec["modal"])
