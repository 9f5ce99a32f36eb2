"""A structure that a model fails on costs itself and no other: it is tried alone, and refused with what was said.

Three ways in which a model may fail: it refuses in words (the adapter does so before it runs), it raises an error
(caught here, in the worker), or it takes its process with it (`platonic_atlas.engine.extract.survivors`). An error of the
accelerator is of the third kind: after it the device answers nothing else, whatever it is asked.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.errors import PlatonicError
from platonic_atlas.engine.extract.protocol import Tell, told_to_nobody
from platonic_atlas.engine.periodic import near_the_cell
from platonic_atlas.engine.types import BoolArray, Embedded, FloatArray

if TYPE_CHECKING:
    from ase import Atoms

    from platonic_atlas.engine.adapters.base import Adapter

# Structures are handed to the adapter in slices of about this many atoms: progress and bounded memory.
SLICE_ATOMS = 512
SHOWN = 5  # structures that a message names
# How the libraries of accelerators begin when a device has failed for good; one that is out of memory has not
LOST_DEVICE = re.compile(
    r"\b(CUDA|HIP|XPU|MPS|cuDNN|MIOpen) error\b|\bCUDA_ERROR_|\b(CUBLAS|CUDNN|CUSOLVER|CUFFT|HIPBLAS)_STATUS_"
    r"|device-side assert|illegal (memory access|instruction)|misaligned address", re.IGNORECASE
)  # fmt: skip
NOT_FINITE = "the model returns values that are not finite"

Say = Callable[[Sequence[int]], None]  # hears which structures are next, by their positions in the job


def said_to_nobody(positions: Sequence[int]) -> None:
    """Where nobody needs to know what is next."""


def embedded_apart(
    adapter: Adapter, structures: Sequence[Atoms], layers: Sequence[str], fatal: Mapping[int, str]
) -> Iterator[tuple[int, int, Embedded]]:
    """Yield (start, stop, what was embedded) of consecutive structures: all at once, or each alone where one is fatal or
    the model raises an error.

    fatal : position -> why, of those that the model is not shown again
    """
    if not fatal:
        try:
            yield 0, len(structures), adapter.embed(structures, layers)
        except PlatonicError:
            raise
        except Exception as error:  # packages raise what they like at a structure that they did not expect
            if device_is_lost(error):
                raise  # and with it ends the worker: another process gets the device anew
            if len(structures) == 1:
                traceback.print_exc()
                yield 0, 1, nothing(adapter, structures[0], layers, _failed(error))
                return
        else:
            return
    for i, atoms in enumerate(structures):
        if i in fatal:
            yield i, i + 1, nothing(adapter, atoms, layers, fatal[i])
        else:
            for *_, part in embedded_apart(adapter, [atoms], layers, {}):
                yield i, i + 1, part


def device_is_lost(error: BaseException) -> bool:
    """Whether an error says that the accelerator of this process answers no more."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "OutOfMemoryError" in kinds or "out of memory" in str(error).lower():
        return False
    return "AcceleratorError" in kinds or LOST_DEVICE.search(str(error)) is not None


def nothing(adapter: Adapter, atoms: Atoms, layers: Sequence[str], why: str) -> Embedded:
    """What is embedded of a structure that is refused: rows of NaN."""
    rows = {layer: np.full((len(atoms), adapter.layers[layer].n_features), np.nan, np.float32) for layer in layers}
    return Embedded(
        rows, None, {0: why}, None, {name: np.full(len(atoms), np.nan) for name in adapter.extras if layers}
    )


def _failed(error: Exception) -> str:
    said = next(iter(str(error).strip().splitlines()), "")[:200]
    return f"the model fails on it ({type(error).__name__}{': ' if said else ''}{said})"


def named(names: Sequence[str], n: int) -> str:
    """The first few of n, in words."""
    shown = names[:SHOWN]
    return ", ".join(shown) + (f" and {n - len(shown)} more" if n > len(shown) else "")


def embed_slices(
    adapter: Adapter, structures: Sequence[Atoms], layers: Sequence[str], tell: Tell,
    say: Say = said_to_nobody, fatal: Mapping[int, str] | None = None,
) -> Embedded:  # fmt: skip
    """Embed slice by slice; the slices depend on the structures alone.

    fatal : position -> why, of structures that the model is not shown
    """
    parts: list[Embedded] = []
    refused: dict[int, str] = {}
    bounds: list[tuple[int, int]] = []
    for start, stop in slices([len(atoms) for atoms in structures]):
        here = {i - start: why for i, why in (fatal or {}).items() if start <= i < stop}
        say([i for i in range(start, stop) if i - start not in here])
        moved = [near_the_cell(atoms) for atoms in structures[start:stop]]
        for first, last, part in embedded_apart(adapter, moved, layers, here):
            refused.update({start + first + i: why for i, why in part.refused.items()})
            parts.append(part)
            bounds.append((start + first, start + last))
        tell(sum(len(atoms) for atoms in structures[start:stop]))
    features = {layer: np.concatenate([part.features[layer] for part in parts]) for layer in layers}
    n_atoms = [sum(len(atoms) for atoms in structures[start:stop]) for start, stop in bounds]
    n_structures = [stop - start for start, stop in bounds]
    # One number that is not finite spoils its site: the row is masked, in features and energies alike.
    bad: BoolArray = np.zeros(sum(n_atoms), dtype=bool)
    for values in features.values():
        bad |= ~np.isfinite(values).all(axis=1)
    for values in features.values():
        values[bad] = np.nan
    return Embedded(
        features,
        _joined([part.site_energies for part in parts], n_atoms),
        refused,
        _joined([part.structure_energies for part in parts], n_structures),
        {name: np.concatenate([part.extras[name] for part in parts]) for name in adapter.extras if layers},
    )


def why_masked(adapter: Adapter, atoms: Atoms) -> str:
    """Why a structure has rows without features."""
    if (why := adapter.refusal(atoms)) is not None:
        return why
    alone = embed_slices(adapter, [atoms], tuple(adapter.layers)[:1], told_to_nobody)
    return alone.refused.get(0, NOT_FINITE)


def _joined(parts: Sequence[FloatArray | None], lengths: Sequence[int]) -> FloatArray | None:
    """Parts one after the other, NaN for those that are all refused; None where there is nothing at all."""
    if all(part is None for part in parts):
        return None
    filled = [np.full(n, np.nan) if part is None else part for part, n in zip(parts, lengths, strict=True)]
    return np.concatenate(filled)


def slices(n_atoms: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Consecutive structures (start, stop) of about SLICE_ATOMS atoms together."""
    start, filled = 0, 0
    for i, n in enumerate(n_atoms):
        filled += n
        if filled >= SLICE_ATOMS:
            yield start, i + 1
            start, filled = i + 1, 0
    if start < len(n_atoms) or not n_atoms:
        yield start, len(n_atoms)
