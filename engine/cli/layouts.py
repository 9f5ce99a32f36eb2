"""The command `layout`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from platonic_atlas.engine.choices import Balance, FrameName, LayoutMethod, Representation
from platonic_atlas.engine.cli.options import Anchors, AtlasPath, Seed
from platonic_atlas.engine.progress import bar


def layout(
    atlas: AtlasPath,
    anchors: Anchors = None,
    method: Annotated[LayoutMethod | None, typer.Option(help="default: umap; of raw features pca")] = None,
    frame: Annotated[
        FrameName | None,
        typer.Option(
            help="axes of agreement, of variance, or each model's own (default: agreement; of raw features own)"
        ),
    ] = None,
    within_elements: Annotated[
        bool, typer.Option("--within-elements", help="each site less its element's mean place (pca)")
    ] = False,
    representation: Annotated[
        Representation, typer.Option(help="cosines to the anchors, or the features themselves")
    ] = Representation.RELATIVE,
    layer: Annotated[str, typer.Option(help="where the networks are read")] = "readout",
    models: Annotated[list[str] | None, typer.Option(help="default: all of the atlas")] = None,
    balance: Annotated[Balance, typer.Option(help="what weighs the same in the axes")] = Balance.ELEMENTS,
    center: Annotated[bool, typer.Option("--center/--no-center")] = True,
    aligned: Annotated[bool, typer.Option("--aligned", help="AlignedUMAP: slower, one embedding for all")] = False,
    seed: Seed = 0,
) -> None:
    """Compute a layout of every model and store it.

    Example: platonic layout my.atlas.zarr --anchors element-89 --method umap
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.layout import layout as make

    opened, started = open_atlas(atlas), time.monotonic()
    with bar() as progress:
        name = make(opened, anchors=anchors, method=method, frame=frame, within_elements=within_elements,
                    representation=representation, models=models, layer=layer, balance=balance, centre=center, aligned=aligned, seed=seed, progress=progress)  # fmt: skip
    n_models = len(opened.layouts()[name])
    typer.echo(
        f"{name}: {n_models} model{'s' if n_models > 1 else ''}, {time.monotonic() - started:.1f} s; see it with: platonic serve {atlas}"
    )
