"""The server: `python -P -m platonic_atlas.dashboard ATLAS`."""

from __future__ import annotations

import argparse
import os
import socket
import sys

from platonic_atlas.dashboard.opening import begin
from platonic_atlas.engine.errors import PlatonicError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="platonic serve")
    parser.add_argument("atlas", nargs="?", default=None)
    parser.add_argument("--port", type=int, default=5006)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--allow-origin", action="append", default=[])
    parser.add_argument("--no-show", action="store_true")
    return parser.parse_args(words)


def free_port(address: str, wanted: int, *, tries: int = 50) -> int:
    """The wanted port, or the next one that nobody listens on."""
    for port in range(wanted, min(wanted + tries, 65536)):
        with socket.socket() as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise PlatonicError(
        f"No port from {wanted} to {wanted + tries - 1} is free on {address}.",
        "The dashboard needs one to listen on.",
        "Name another one: platonic serve --port PORT",
    )


def announce(address: str, port: int, wanted: int) -> None:
    """Say where the page is, and how to reach it over ssh."""
    if port != wanted:
        print(f"Port {wanted} is busy; using {port}.", flush=True)
    if os.environ.get("SSH_CONNECTION"):
        print(f"From your own machine: ssh -L {port}:127.0.0.1:{port} THIS-HOST", flush=True)
    print(f"Platonic Atlas is at http://{address}:{port}/ (stop it with Ctrl-C)", flush=True)


def main(words: list[str] | None = None) -> int:
    chosen = arguments(words)
    try:
        port = free_port(chosen.address, chosen.port)
        reading = begin(chosen.atlas, keeps=chosen.address in LOOPBACK)
        from platonic_atlas.dashboard.app import start  # while the atlas is read: it imports Panel and Bokeh

        start(reading, address=chosen.address, port=port, origins=chosen.allow_origin, show=not chosen.no_show,
              ready=lambda: announce(chosen.address, port, chosen.port))  # fmt: skip
    except PlatonicError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
