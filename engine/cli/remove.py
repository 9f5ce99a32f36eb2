"""The command `remove`."""

from __future__ import annotations

from typing import Annotated

import typer

from platonic_atlas.engine.cli.options import AtlasPath


def remove(
    atlas: AtlasPath,
    model: Annotated[list[str] | None, typer.Option(help="a model (repeat for several)")] = None,
    anchors: Annotated[list[str] | None, typer.Option(help="an anchor set")] = None,
    layout: Annotated[list[str] | None, typer.Option(help="a layout")] = None,
) -> None:
    """Take models, anchor sets or layouts out of an atlas, with what was made from them alone.

    Example: platonic remove my.atlas.zarr --model chgnet-0.3.0
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.remove import remove as run

    named = {"models": model or (), "anchors": anchors or (), "layouts": layout or ()}
    for path in run(open_atlas(atlas), **named, missed=lambda absent: typer.echo(f"{absent} is not there", err=True)):
        typer.echo(f"removed {path}")
