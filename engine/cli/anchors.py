"""The command `anchors`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platonic_atlas.engine.choices import Strategy
from platonic_atlas.engine.cli.options import AtlasPath, Seed


def anchors(
    atlas: AtlasPath,
    name: Annotated[str, typer.Option(help="what to call the set")],
    strategy: Annotated[Strategy, typer.Option(help="how they are chosen")],
    n: Annotated[int | None, typer.Option("-n", min=1, help="how many; not for element and file")] = None,
    file: Annotated[Path | None, typer.Option(help="atoms by position in the input")] = None,
    reference: Annotated[str | None, typer.Option(help="the model in whose space they are chosen")] = None,
    seed: Seed = 0,
    force: Annotated[bool, typer.Option("--force", help="replace a set of that name")] = False,
) -> None:
    """Choose anchors and keep them in the atlas.

    Example: platonic anchors my.atlas.zarr --name direct-100 --strategy direct -n 100
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.choose_anchors import choose_anchors

    opened = open_atlas(atlas)
    sites = choose_anchors(
        opened,
        name=name,
        strategy=strategy,
        n=n,
        file=file,
        reference=reference,
        seed=seed,
        force=force,
    )
    space = opened.anchor_attrs(name).get("reference")
    typer.echo(f"{name}: {len(sites)} anchors, chosen by {strategy.value} in the space of {space}")
