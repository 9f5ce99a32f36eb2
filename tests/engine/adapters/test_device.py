"""A device that torch does not have is an error in words; other faults of a loading model stay what they are."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from platonic_atlas.engine.adapters import loading
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.types import ModelSpec

SPEC = ModelSpec("brittle", "brittle", "Brittle", "nothing", "MIT")


class Brittle:
    """Loads on no device; its checkpoint may be at fault, or the device."""

    pickled = False

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: None, device: str) -> None:
        raise RuntimeError("deep inside a package")


def empty(size: int, device: str) -> None:
    """As torch says it."""
    if device == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    if device != "cpu":
        raise RuntimeError(f"Expected one of cpu, cuda, mps device type at start of device string: {device}\nBacktrace")


@pytest.fixture(autouse=True)
def brittle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "family_adapter", lambda family: Brittle)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(empty=empty))


@pytest.mark.parametrize(("device", "why"), [("gpu", "device string: gpu"), ("cuda", "not compiled with CUDA")])
def test_a_device_that_is_not_there_is_said_in_three_parts(device: str, why: str) -> None:
    with pytest.raises(ModelError, match=why) as caught:
        loading.load_adapter(SPEC, device=device)
    assert f"'{device}'" in caught.value.happened
    assert "Backtrace" not in str(caught.value)
    assert "cuda:1" in caught.value.expected
    assert "--device cpu" in caught.value.next_step


def test_a_fault_that_is_not_the_devices_is_not_put_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="deep inside"):
        loading.load_adapter(SPEC, device="cpu")
    monkeypatch.delitem(sys.modules, "torch")
    with pytest.raises(RuntimeError, match="deep inside"):
        loading.load_adapter(SPEC, device="gpu")
