"""The command `build`: an atlas from one recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platonic_atlas.engine.cli.models import outcome_line
from platonic_atlas.engine.cli.options import EnvRoot, Workers
from platonic_atlas.engine.progress import bar


def build(
    recipe: Annotated[Path, typer.Argument(help="a TOML recipe; see data/recipes")],
    to: Annotated[Path | None, typer.Option(help="the atlas to make (default: named by the recipe)")] = None,
    weights: Annotated[Path | None, typer.Option(help="a folder of checkpoints")] = None,
    trust_weights: Annotated[
        bool, typer.Option("--trust-weights", help="load pickles whose SHA-256 is not in the catalogue")
    ] = False,
    env_root: EnvRoot = None,
    workers: Workers = 1,
) -> None:
    """Everything from one recipe: structures, embeddings, anchors, layouts, the packed file. Resumable.

    Example: platonic build data/recipes/default.toml --to default.atlas.zip
    """
    from platonic_atlas.engine.verbs.build import build as run

    with bar() as progress:
        made = run(recipe, to=to, weights=weights, trust_weights=trust_weights, env_root=env_root, workers=workers,
                   progress=progress, told=lambda outcome: typer.echo(outcome_line(outcome)),
                   moved=lambda aside: typer.echo(f"the atlas that was there is now {aside}"))  # fmt: skip
    typer.echo(made)
