"""The verb `stitch`: one model translated into another, scored beside its controls, and kept with the atlas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import Method, chosen
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.stitching.methods import DIRECT, RELATIVE
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.pairing import Asked
from platonic_atlas.engine.studies.readouts import can_run_now
from platonic_atlas.engine.studies.record import Stitch
from platonic_atlas.engine.types import IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.picture import Picture
    from platonic_atlas.engine.store import Atlas

THROUGH = "This method leads through anchors that both models share."


def stitch(
    atlas: Atlas,
    *,
    source: str,
    target: str,
    method: str = "ridge",
    anchors: str | None = None,
    energies: bool = True,
    far: bool = False,
    keep: bool = True,
    env_root: Path | None = None,
    progress: Progress = silent,
) -> Stitch:
    """Translate `source` into the space of `target` and score it over ten splits by structure.

    anchors : the default set where None (`platonic_atlas.engine.anchors.default`), for methods that lead through them.
    Sites that one of the two throws far off are left out of fit and scores unless `far` (see
    `platonic_atlas.engine.stitching.outliers`). The result is kept with all that it was made from and not computed
    again while that holds (keep = False: not kept).

    Raises
    ------
    InputError
        Source equals target, no element is common, or the method needs anchors and there are none.
    UsageError
        There is no such method.
    """
    asked = _asked(atlas, source, target, method, anchors, energies, far)
    held = kept.find(atlas, Stitch, asked.parameters())
    if held.study is not None and not can_run_now(held.study.no_energies, target, env_root):
        return held.study
    kept.say_again(held, f"The stitch {asked.what} ({method})")
    found = _compute(atlas, asked, env_root, progress, keep)
    if keep:
        kept.keep(atlas, found)
    return found


def _compute(atlas: Atlas, asked: Asked, env_root: Path | None, progress: Progress, keep: bool) -> Stitch:
    if asked.method in RELATIVE:
        from platonic_atlas.engine.studies.relative import relative_study

        return relative_study(atlas, asked, env_root, progress, keep=keep)
    from platonic_atlas.engine.studies.translation import translation_study

    return translation_study(atlas, asked, env_root, progress)


def kept_stitch(atlas: Atlas, source: str, target: str, method: str, anchors: str) -> Stitch | None:
    """The stitch with energies that is kept and holds, and that an environment of this machine would not add to."""
    asked = Asked(source, target, Method(method), anchors)
    found = kept.find(atlas, Stitch, asked.parameters()).study
    return None if found is None or can_run_now(found.no_energies, target, None) else found


def stitch_at(path: Path, **wanted: Any) -> Stitch:
    """`stitch` of the atlas at a path: what a process beside the dashboard runs."""
    from platonic_atlas.engine.store import open_atlas

    return stitch(open_atlas(path), **wanted)


def stitch_picture(
    atlas: Atlas, *, source: str, target: str, method: str = "ridge", anchors: str | None = None, far: bool = False
) -> tuple[Picture, IntArray]:
    """Where a stitch puts the sites, by the first of the ten splits; and the sites it uses (see `stitch`).

    The readouts of the relative representation translate no features: drawn is what they read, the cosines to the
    anchors of both models.

    Raises
    ------
    InputError
        As `stitch`.
    """
    from platonic_atlas.engine.studies.translation import stitched_picture

    return stitched_picture(atlas, _asked(atlas, source, target, method, anchors, False, far))


def _asked(
    atlas: Atlas, source: str, target: str, method: str, anchors: str | None, energies: bool, far: bool
) -> Asked:
    """What is asked for, checked, the default anchors filled in."""
    by = chosen(Method, method, "stitching method")
    if source == target:
        raise InputError(
            f"Source and target are both {source!r}.",
            "A stitch leads from one model to another.",
            f"Choose another target: {', '.join(name for name in atlas.models() if name != source) or 'none is embedded yet'}",
        )
    for name in (source, target):
        atlas.present(name)
    used = "" if by in DIRECT else anchors or default_anchors(atlas, THROUGH)
    return Asked(source, target, by, used, energies, far)
