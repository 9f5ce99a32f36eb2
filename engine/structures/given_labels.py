"""Labels that structures bring along: what stands beside them in their files, and the frame of a trajectory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from platonic_atlas.engine.structures.coordination import UNKNOWN
from platonic_atlas.engine.structures.formats.frame import Frame, number
from platonic_atlas.engine.structures.neighbourhood import DIGITS
from platonic_atlas.engine.types import IntArray

#: Names under which files say what a molecule or slab is, in the order in which they are looked for.
KIND_NAMES = ("name", "config_type", "molecule", "system", "label", "title")
FRAME = "frame"
#: Labels that every atlas has, made here.
OWN = ("prototype", "spacegroup", "wyckoff", "orbit", "coordination", "formula", *DIGITS)
#: So many labels are offered; of more, those that most structures have.
MOST_LABELS = 24
#: A label of words with more values than this, and another for most structures, is an identifier.
MOST_NAMES = 24


def given_labels(
    frames: Sequence[Frame], chosen: Sequence[IntArray], primitive_atom: Sequence[IntArray]
) -> dict[str, list[str]]:
    """name -> (n_sites,) labels, "unknown" where a structure has none.

    chosen : for each structure the atoms of its cell that stand for its sites
    primitive_atom : for each structure (n atoms of the input,) the atom of its cell
    """
    numbers = _frame_numbers(frames)
    counts = Counter(name for frame in frames for name in {*frame.labels, *frame.atom_labels} if name not in OWN)
    names = [name for name, _ in counts.most_common(MOST_LABELS) if _says_something(name, frames)]
    if any(numbers):
        names = [FRAME, *(name for name in names if name != FRAME)]
    labels: dict[str, list[str]] = {name: [] for name in sorted(names)}
    for k, (frame, atoms) in enumerate(zip(frames, chosen, strict=True)):
        first = {int(atom): place for place, atom in reversed(list(enumerate(primitive_atom[k])))}
        for name, values in labels.items():
            own = numbers[k] if name == FRAME and numbers[k] else frame.labels.get(name, "")
            column = frame.atom_labels.get(name)
            values += [str(column[first[int(atom)]] or UNKNOWN) if column else str(own or UNKNOWN) for atom in atoms]
    return labels


def _says_something(name: str, frames: Sequence[Frame]) -> bool:
    """Whether a label groups sites or goes along a scale: one value for everything does not, nor a name for each."""
    seen: set[Any] = set()
    for frame in frames:
        seen.update(frame.atom_labels.get(name, [frame.labels.get(name, "")]))
    names = (
        len(seen) > MOST_NAMES and 2 * len(seen) > len(frames) and any(number(value) is None for value in seen if value)
    )
    return len(seen) > 1 and not names


def _frame_numbers(frames: Sequence[Frame]) -> list[str]:
    """The number of each frame in its trajectory, "" where its file is none: several frames of the same atoms."""
    of_source: dict[str, list[int]] = {}
    for k, frame in enumerate(frames):
        of_source.setdefault(frame.source, []).append(k)
    numbers = [""] * len(frames)
    for source, places in of_source.items():
        if source == "memory" or len(places) < 2 or not _same_atoms([frames[k] for k in places]):
            continue
        for count, k in enumerate(places):
            numbers[k] = str(count)
    return numbers


def _same_atoms(frames: Sequence[Frame]) -> bool:
    first = frames[0].atoms
    return first is not None and all(
        frame.atoms is not None and len(frame.atoms) == len(first) and (frame.atoms.numbers == first.numbers).all()
        for frame in frames
    )
