"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platonic_atlas.engine.choices import LARGEST_SEED

# Text and not Path: an atlas may lie at a URL, and a Path would take a slash away.
AtlasPath = Annotated[
    str, typer.Argument(metavar="ATLAS", help="an atlas: *.atlas.zarr, *.atlas.zip, or a URL of fsspec")
]
MaybeAtlas = Annotated[str | None, typer.Argument(metavar="[ATLAS]", help="default: the shipped atlas")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output, and nothing else")]
Force = Annotated[bool, typer.Option("--force", help="move an atlas that is there aside")]
Seed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="of what is drawn at random")]
Workers = Annotated[int, typer.Option(min=1, help="processes")]
TrustReadouts = Annotated[
    bool, typer.Option("--trust-weights", help="run a readout whose SHA-256 is not in the catalogue")
]
EnvRoot = Annotated[Path | None, typer.Option(help="where environments live (default: the user's cache folder)")]
Anchors = Annotated[
    str | None, typer.Option(help="an anchor set of the atlas (default: element-89, else the largest set)")
]
