"""Stitches: what is asked, checked; which study answers it; and the one that is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.choices import Method, chosen
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.progress import Progress
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


def stitch_asked(
    atlas: Atlas, *, source: str, target: str, method: str, anchors: str | None, energies: bool, far: bool
) -> Asked:
    """What is asked for, checked, the default anchors filled in.

    Raises
    ------
    InputError
        Source equals target, or the method needs anchors and there are none.
    UsageError
        There is no such method.
    """
    by = chosen(Method, method, "stitching method")
    if source == target:
        raise InputError(
            f"Source and target are both {source!r}.",
            "A stitch leads from one model to another.",
            f"Choose another target: {', '.join(name for name in atlas.models() if name != source) or 'none is embedded yet'}",
        )
    for name in (source, target):
        atlas.present(name)
    if anchors is not None:
        atlas.anchors(anchors)
    used = "" if by in DIRECT else anchors or default_anchors(atlas, THROUGH)
    return Asked(source, target, by, used, energies, far)


def stitch_study(atlas: Atlas, asked: Asked, env_root: Path | None, progress: Progress, *, keep: bool) -> Stitch:
    """A readout of the relative representation, or a translation of features; keep : what it computes on the way."""
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


def stitch_picture(
    atlas: Atlas, *, source: str, target: str, method: str = "ridge", anchors: str | None = None, far: bool = False
) -> tuple[Picture, IntArray]:
    """Where a stitch puts the sites, by the first of the ten splits; and the sites it uses.

    The readouts of the relative representation translate no features: drawn is what they read, the cosines to the
    anchors of both models.

    Raises
    ------
    InputError
        As `stitch_asked`, or no element is common.
    """
    from platonic_atlas.engine.studies.translation import stitched_picture

    asked = stitch_asked(atlas, source=source, target=target, method=method, anchors=anchors, energies=False, far=far)
    return stitched_picture(atlas, asked)
