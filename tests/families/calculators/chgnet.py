"""The calculator as the documentation of chgnet makes it."""

from pathlib import Path

from chgnet.model import CHGNet
from chgnet.model.dynamics import CHGNetCalculator


def calculator(spec):
    name = Path(spec["file"]).parent.name
    return CHGNetCalculator(CHGNet.load(model_name=name, verbose=False), use_device="cpu")
