"""The verb `label`: labels that ingest makes from structures now, for an atlas that was made before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platonic_atlas.engine.choices import within
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.studies.labels import COORDINATION, labels_of

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def label(
    atlas: Atlas, *, coordination: bool = False, workers: int | None = None, progress: Progress = silent
) -> list[str]:
    """Add the labels that ingest makes from structures and the atlas lacks; returns their names.

    These are the electronegativity of the neighbours, the volume per atom and the shortest relative bond, as
    `platonic_atlas.engine.structures.neighbourhood` defines them. What is there stays as it is, but an added label that
    is damaged is made again. Stopped at any moment, the same call goes on.

    coordination : CrystalNN's coordination numbers too (the slow part)
    workers : processes for these, all cores where None

    Raises
    ------
    ReadOnlyAtlas
        It is a shipped one.
    UsageError
        A number of workers below 1.
    """
    from platonic_atlas.engine.store import schema
    from platonic_atlas.engine.structures.neighbourhood import DIGITS

    if workers is not None:
        within(workers, "workers", 1)
    atlas.require_writable(added="Labels")
    atlas.settle()
    held, damaged = atlas.label_names(), atlas.damaged_labels()
    wanted = (*DIGITS, *([COORDINATION] if coordination else []))
    lacking = [name for name in wanted if name not in held or schema.added_label_path(name) in damaged]
    for name, values in labels_of(atlas, lacking, workers=workers, progress=progress):
        atlas.write_label(name, values)
    return lacking
