"""What the runner and a worker say to each other: one JSON object a line, jobs down and reports up.

Jobs: load, chunk, refusals, energies, features, changes, readout, relax. Reports: alive (CPU seconds used so far), working
(on which structures), progress (atoms done), done (with the result) and error (three parts). Every job ends with one
`done` or one `error`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine import errors
from platonic_atlas.engine.progress import Progress
from platonic_atlas.engine.types import ModelSpec

if TYPE_CHECKING:
    from ase import Atoms

Message = dict[str, Any]
Tell = Callable[[int], None]  # hears how many more atoms are done


def told_to_nobody(atoms: int) -> None:
    """Where nobody counts the atoms."""


def counter(progress: Progress, what: str, total: int, done: float = 0.0) -> Tell:
    """Atoms that workers report -> how much of `total` is done, `done` of them before."""

    def tell(atoms: int) -> None:
        nonlocal done
        done = min(done + atoms, total)
        progress(what, done, total)

    return tell


def line_of(message: Mapping[str, Any]) -> str:
    """A message as it is written; raises TypeError for one that is no JSON."""
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")) + "\n"


def send(stream: IO[str], message: Mapping[str, Any]) -> None:
    """Write one message and flush it."""
    stream.write(line_of(message))
    stream.flush()


def receive(stream: IO[str]) -> Iterator[Message]:
    """Messages until the other side closes; a line that is no JSON object was not written by it."""
    for line in stream:
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict):
            yield message


def spec_message(spec: ModelSpec) -> Message:
    """A model as a message."""
    return asdict(spec)


def spec_of(message: Message) -> ModelSpec:
    return ModelSpec(**message)


def structure_message(atoms: Atoms) -> Message:
    """A structure as a message: Python writes floats so that they come back bit for bit."""
    return {
        "numbers": atoms.numbers.tolist(),
        "positions": atoms.positions.tolist(),
        "cell": np.asarray(atoms.cell[:]).tolist(),
        "pbc": [bool(periodic) for periodic in atoms.pbc],
    }


def structure_of(message: Message) -> Atoms:
    from ase import Atoms

    return Atoms(**message)


def error_message(error: errors.PlatonicError) -> Message:
    """An error of ours, to be raised again on the other side."""
    parts = {"happened": error.happened, "expected": error.expected, "next_step": error.next_step}
    died = (
        {"structures": list(error.structures), "how": error.how, "hung": error.hung}
        if isinstance(error, errors.WorkerError)
        else {}
    )
    return {"event": "error", "kind": type(error).__name__, **parts, **died}


def error_of(message: Message) -> errors.PlatonicError:
    """The error that a worker reported, as the same class."""
    kind = getattr(errors, str(message.get("kind")), errors.WorkerError)
    parts = [str(message.get(part, "")) for part in ("happened", "expected", "next_step")]
    known = isinstance(kind, type) and issubclass(kind, errors.PlatonicError)
    raised: errors.PlatonicError = kind(*parts) if known else errors.WorkerError(*parts)
    if isinstance(raised, errors.WorkerError):
        raised.structures, raised.how = tuple(message.get("structures", ())), str(message.get("how", ""))
        raised.hung = bool(message.get("hung"))
    return raised
