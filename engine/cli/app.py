"""The command `platonic`: each command a few lines over one verb of the engine, in the file of its group."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Annotated

import typer

from platonic_atlas.engine.cli.agreement import agreement
from platonic_atlas.engine.cli.anchors import anchors
from platonic_atlas.engine.cli.atlas import ingest, status, unpack, verify
from platonic_atlas.engine.cli.build import build
from platonic_atlas.engine.cli.doctor import doctor
from platonic_atlas.engine.cli.label import label
from platonic_atlas.engine.cli.layouts import layout
from platonic_atlas.engine.cli.models import embed, env, models
from platonic_atlas.engine.cli.remove import remove
from platonic_atlas.engine.cli.serve import serve
from platonic_atlas.engine.cli.stitching import analogies, stitch, stitch_all, studies
from platonic_atlas.engine.errors import PlatonicError

STOPPED = 130  # as shells count a command that Ctrl-C ended
# What Ctrl-C leaves, where it is not that all which is complete is kept and the same command goes on from there.
KEPT = {
    "ingest": "Nothing was written; the same command begins anew.",
    "unpack": "Nothing was written; the same command begins anew.",
    "anchors": "Nothing was kept; the same command begins anew.",
    "layout": "Maps that were complete are kept; the same command makes the others.",
    "agreement": "Nothing was kept; the same command begins anew.",
    "stitch": "Nothing was kept; the same command begins anew.",
    "stitch-all": "Nothing was kept; the same command begins anew.",
    "analogies": "Nothing was kept; the same command begins anew.",
    "serve": "The dashboard is closed.",
}
app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="What have foundation interatomic potentials learned? Explore it in one shared space.",
)  # fmt: skip
app.add_typer(env, name="env")

COMMANDS = (
    serve, ingest, label, embed, anchors, layout, agreement, stitch, stitch_all, analogies, studies, build, models, status,
    verify, remove, unpack, doctor,
)  # fmt: skip
for _command in COMMANDS:
    # The first sentence is given as a whole: left to itself, the list of commands cuts it.
    _first = next(line.strip() for line in str(_command.__doc__).splitlines() if line.strip())
    app.command(_command.__name__.replace("_", "-"), short_help=_first)(_command)


def _say_version(asked: bool) -> None:
    if asked:
        from platonic_atlas.engine.store.derived import tool_version

        typer.echo(f"platonic {tool_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="say the version and exit", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """The options of the program itself."""


def _silence_libraries() -> None:
    """What libraries warn of, with paths of theirs, is no business of who runs a command; `python -W` shows it."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
        os.environ.setdefault("PYTHONWARNINGS", "ignore")  # in processes that joblib starts, too


def _refused(error: OSError | MemoryError) -> PlatonicError:
    if isinstance(error, OSError):
        from platonic_atlas.engine.store.disk import not_read

        return not_read(str(error.filename or "A file"), error)
    return PlatonicError(
        "This machine has not enough memory for it.",
        "What a command works on fits into the memory.",
        "Close other programs, or ask for less: fewer workers, structures or models at a time.",
    )


def main() -> None:
    """Run the command line; a user's mistake is three lines, never a traceback."""
    _silence_libraries()
    try:
        code = app(standalone_mode=False)
    except PlatonicError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        code = STOPPED
    except (OSError, MemoryError) as error:  # what the system refuses is no fault of the program
        typer.echo(str(_refused(error)), err=True)
        sys.exit(1)
    except typer.Abort:  # a question that was left without an answer
        code = STOPPED
    except Exception as error:
        if not hasattr(error, "show"):  # what the command line itself says of bad usage
            raise
        error.show()
        sys.exit(int(getattr(error, "exit_code", 2)))
    if code == STOPPED:
        command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
        kept = KEPT.get(command, "What is complete is kept; the same command goes on from there.")
        typer.echo(f"Stopped. {kept}", err=True)
    sys.exit(code if isinstance(code, int) else 0)
