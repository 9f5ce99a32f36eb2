"""The command `label`."""

from __future__ import annotations

from typing import Annotated

import typer

from platonic_atlas.engine.cli.options import AtlasPath
from platonic_atlas.engine.progress import bar


def label(
    atlas: AtlasPath,
    coordination: Annotated[
        bool, typer.Option("--coordination", help="coordination numbers by CrystalNN too, which take minutes")
    ] = False,
) -> None:
    """Add the labels that an atlas made before lacks: what surrounds each of its sites.

    Example: platonic label my.atlas.zarr
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.structures.coordination import UNKNOWN
    from platonic_atlas.engine.verbs.label import label as add

    opened = open_atlas(atlas)
    with bar(lines=True) as progress:
        added = add(opened, coordination=coordination, progress=progress)
    for name in added:
        known = int((opened.label(name) != UNKNOWN).sum())
        typer.echo(f"{name}: known of {known:,} of {opened.n_sites:,} sites")
    typer.echo(f"see them with: platonic serve {atlas}" if added else "nothing is lacking")
