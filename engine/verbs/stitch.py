"""The verb `stitch`: one model translated into another, scored beside its controls, and kept with the atlas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from platonic_atlas.engine.choices import Method
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.readouts import can_run_now
from platonic_atlas.engine.studies.record import Stitch
from platonic_atlas.engine.studies.stitches import stitch_asked, stitch_study

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas


def stitch(
    atlas: Atlas,
    *,
    source: str,
    target: str,
    method: Method | str = Method.RIDGE,
    anchors: str | None = None,
    energies: bool = True,
    far: bool = False,
    keep: bool = True,
    trust_weights: bool = False,
    env_root: Path | None = None,
    progress: Progress = silent,
) -> Stitch:
    """Translate `source` into the space of `target` and score it over ten splits by structure.

    trust_weights : run a readout whose file the catalogue does not know
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
    ModelError
        A readout that is here fails: its worker died or hung, or its weights are damaged or not trusted.
    """
    asked = stitch_asked(
        atlas, source=source, target=target, method=method, anchors=anchors, energies=energies, far=far
    )
    asked = replace(asked, trust_weights=trust_weights)
    held = kept.find(atlas, Stitch, asked.parameters())
    if held.study is not None and not can_run_now(held.study.no_energies, target, env_root):
        return held.study
    kept.say_again(held, f"The stitch {asked.what} ({method})")
    found = stitch_study(atlas, asked, env_root, progress, keep=keep)
    if keep:
        kept.keep(atlas, found)
    return found
