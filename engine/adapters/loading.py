"""Loading a model: its files are found, copied, checked against the catalogue, and handed to the family."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

from platonic_atlas.engine.adapters.base import Adapter, family_adapter
from platonic_atlas.engine.adapters.weights import Checkpoint, check_trust, private_copy, weights_path
from platonic_atlas.engine.errors import ModelError, PlatonicError
from platonic_atlas.engine.types import ModelSpec


class Loaded(NamedTuple):
    """A model, and the SHA-256 of the checkpoint that it was made from, empty where it has none."""

    adapter: Adapter
    checkpoint_sha256: str


def load_adapter(
    spec: ModelSpec, *, weights: Path | None = None, trust_weights: bool = False, device: str = "cpu"
) -> Adapter:
    """Load a model after checking its files against the catalogue; see `load_model`."""
    return load_model(spec, weights=weights, trust_weights=trust_weights, device=device).adapter


def load_model(
    spec: ModelSpec, *, weights: Path | None = None, trust_weights: bool = False, device: str = "cpu"
) -> Loaded:
    """Load a model from a private copy of its files, whose digests are those of the catalogue or which are trusted.

    Raises
    ------
    WeightsMissing
        The checkpoint is not there.
    UntrustedWeights
        It is not the file that the catalogue knows, or may run code, and `trust_weights` is False.
    ModelError
        There is no such device, or the file is no checkpoint of the family.
    """
    family = family_adapter(spec.family)
    file = weights_path(spec, weights, family)
    if file is None:
        return Loaded(_loaded(family, spec, None, device), "")
    with private_copy(file, getattr(family, "beside", ())) as checkpoint:
        check_trust(spec, checkpoint, trust_weights=trust_weights, pickled=family.pickled)
        return Loaded(_loaded(family, spec, checkpoint, device), checkpoint.sha256)


def _loaded(family: type[Adapter], spec: ModelSpec, checkpoint: Checkpoint | None, device: str) -> Adapter:
    try:
        return family.load(spec, weights=None if checkpoint is None else checkpoint.path, device=device)
    except PlatonicError as error:
        raise error if checkpoint is None else _of_the_original(error, checkpoint) from error
    except Exception as error:  # each package fails in its own way at a device that is not there, or at a broken file
        _require_device(device)
        if checkpoint is None:
            raise
        raise _unreadable(spec, checkpoint, error) from error


def _of_the_original(error: PlatonicError, checkpoint: Checkpoint) -> PlatonicError:
    """The same error, naming the file that the user knows in place of its copy."""
    parts = (error.happened, error.expected, error.next_step)
    copy, original = str(checkpoint.path.parent), str(checkpoint.original.parent)
    return type(error)(*(told.replace(copy, original) for told in parts))


def _unreadable(spec: ModelSpec, checkpoint: Checkpoint, error: Exception) -> PlatonicError:
    said = next(iter(str(error).strip().splitlines()), "")[:200]
    told = ModelError(
        f"{checkpoint.path} cannot be read as a checkpoint of the family {spec.family} ({type(error).__name__}{': ' if said else ''}{said}).",
        "A checkpoint is a file as the package of the family saves it.",
        "Name such a file, or fetch it again if it was cut off.",
    )
    return _of_the_original(told, checkpoint)


def _require_device(device: str) -> None:
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(
            f"torch finds no device {device!r} here ({str(error).splitlines()[0]}).",
            "Expected a device of torch that this machine has, such as cpu, cuda, cuda:1 or mps.",
            "Say --device cpu, or the name of one that is here.",
        ) from error
