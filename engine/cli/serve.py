"""The command `serve`: the dashboard."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from platonic_atlas.engine.cli.options import MaybeAtlas


def serve(
    atlas: MaybeAtlas = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="the next free one is taken where it is busy")] = 5006,
    address: Annotated[str, typer.Option(help="where to listen; beyond loopback others can see it")] = "127.0.0.1",
    allow_origin: Annotated[list[str] | None, typer.Option(help="HOST:PORT that a proxy serves it under")] = None,
    show: Annotated[bool, typer.Option("--show/--no-show", help="open a browser")] = True,
) -> None:
    """Open the dashboard.

    Example: platonic serve my.atlas.zarr --port 5010
    """
    import os
    import subprocess

    from platonic_atlas.engine.store.files import resolve

    found = resolve(atlas)
    command = [sys.executable, "-P", "-m", "platonic_atlas.dashboard", "--port", str(port), "--address", address]
    command += [f"--allow-origin={origin}" for origin in allow_origin or []]
    command += [] if show else ["--no-show"]
    command += ["--", str(found)]  # its name may begin with a dash
    # Python keeps a block of 1 MiB for as long as anything in it lives; the C library gives back page by page what
    # visitors that have left took (docs/measured.md).
    settings = {"PYTHONMALLOC": "malloc", **os.environ}
    if os.name == "posix":  # the server takes this process's place: who ends it ends the server
        os.execve(sys.executable, command, settings)
    raise typer.Exit(subprocess.call(command, env=settings))
