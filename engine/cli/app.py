"""The command `platonic`: each command a few lines over one verb of the engine, in the file of its group."""

from __future__ import annotations

import sys

import typer

from platonic_atlas.engine.cli.anchors import anchors
from platonic_atlas.engine.cli.atlas import ingest, status, unpack, verify
from platonic_atlas.engine.cli.build import build
from platonic_atlas.engine.cli.layouts import layout
from platonic_atlas.engine.cli.models import embed, env, models
from platonic_atlas.engine.cli.remove import remove
from platonic_atlas.engine.cli.serve import serve
from platonic_atlas.engine.cli.stitching import analogies, stitch, stitch_all, studies
from platonic_atlas.engine.errors import PlatonicError

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="What have foundation interatomic potentials learned? Explore it in one shared space.",
)  # fmt: skip
app.add_typer(env, name="env")

COMMANDS = (
    serve, ingest, embed, anchors, layout, stitch, stitch_all, analogies, studies, build, models, status, verify,
    remove, unpack,
)  # fmt: skip
for _command in COMMANDS:
    app.command(_command.__name__.replace("_", "-"))(_command)


def main() -> None:
    """Run the command line; a user's mistake is three lines, never a traceback."""
    try:
        app()
    except PlatonicError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Stopped. What is complete is kept; the same command goes on from there.", err=True)
        sys.exit(1)
