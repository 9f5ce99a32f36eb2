"""The server: `python -P -m platonic_atlas.dashboard ATLAS`."""

from __future__ import annotations

import argparse
import os
import sys

from platonic_atlas.dashboard.address import LOOPBACK, free_port, named, names, notice
from platonic_atlas.dashboard.opening import begin
from platonic_atlas.engine.errors import PlatonicError


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="platonic serve")
    parser.add_argument("atlas", nargs="?", default=None)
    parser.add_argument("--port", type=int, default=5006)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--allow-origin", action="append", default=[])
    parser.add_argument("--no-show", action="store_true")
    return parser.parse_args(words)


def announce(address: str, port: int, wanted: int) -> None:
    """Say where the page is, and how to reach it over ssh."""
    if port != wanted:
        print(f"Port {wanted} is busy; using {port}.", flush=True)
    if os.environ.get("SSH_CONNECTION"):
        print(f"From your own machine: ssh -L {port}:127.0.0.1:{port} THIS-HOST", flush=True)
    if told := notice(address, port):
        print(told, flush=True)
    print(f"Platonic Atlas is at http://{named(address)}:{port}/ (stop it with Ctrl-C)", flush=True)


def main(words: list[str] | None = None) -> int:
    chosen = arguments(words)
    try:
        port = free_port(chosen.address, chosen.port)
        hosts = names(chosen.address, port, chosen.allow_origin)
        reading = begin(chosen.atlas, keeps=chosen.address in LOOPBACK)
        from platonic_atlas.dashboard.app import start  # while the atlas is read: it imports Panel and Bokeh

        start(reading, address=chosen.address, port=port, hosts=hosts, show=not chosen.no_show,
              ready=lambda: announce(chosen.address, port, chosen.port))  # fmt: skip
    except PlatonicError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
