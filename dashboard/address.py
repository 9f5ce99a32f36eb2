"""Where the server listens, and under which names it is asked for."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Iterable

from platonic_atlas.engine.errors import PlatonicError, UsageError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")
ORIGIN = re.compile(r"\*|([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")
TRIES = 50


def named(address: str) -> str:
    """An address as it stands before a port."""
    return f"[{address}]" if ":" in address else address


def visited(address: str) -> str:
    """The address under which this machine itself reaches a server that listens there."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)


def names(address: str, port: int, origins: Iterable[str]) -> list[str]:
    """The hosts, each with its port where it has one, under which a server is asked for."""
    own = [address, socket.gethostname()] if address in EVERYWHERE else [address]
    return [*dict.fromkeys(f"{named(host)}:{port}" for host in (*own, *LOOPBACK)), *map(origin, origins)]


def origin(text: str) -> str:
    """HOST, HOST:PORT or *, as a user names who else may serve the dashboard; UsageError where it is none."""
    if ORIGIN.fullmatch(text):
        return text
    raise UsageError(
        f"{text!r} is no host.",
        "An origin is the name under which a proxy serves the dashboard, with its port where it has one.",
        "Name it so: platonic serve --allow-origin atlas.example.org",
    )


def free_port(address: str, wanted: int, *, tries: int = TRIES) -> int:
    """The wanted port, or the next one that nobody listens on; any free one where 0 is wanted."""
    if not 0 <= wanted < 65536:
        raise UsageError(f"{wanted} is no port.", "Ports are numbers from 1 to 65535.", "platonic serve --port 5006")
    family = _family(address)
    for port in range(wanted, min(wanted + tries, 65536)):
        with socket.socket(family) as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise _not_ours(address) from error
                continue
            return int(probe.getsockname()[1])
    raise PlatonicError(
        f"No port from {wanted} to {min(wanted + tries, 65536) - 1} is free on {address}.",
        "The dashboard needs one to listen on; those below 1024 are for administrators.",
        "Name another one: platonic serve --port PORT",
    )


def _family(address: str) -> socket.AddressFamily:
    try:
        return socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)[0][0]
    except (OSError, UnicodeError) as error:
        raise _not_ours(address) from error


def _not_ours(address: str) -> UsageError:
    return UsageError(
        f"{address!r} is no address of this machine.",
        "The dashboard listens on one of them, such as 127.0.0.1 (this machine alone) or 0.0.0.0 (every one).",
        "platonic serve --address 127.0.0.1",
    )


def notice(address: str, port: int) -> str:
    """What an address beyond this machine opens; empty for one that opens nothing."""
    if address in LOOPBACK:
        return ""
    where = "any network of this machine" if address in EVERYWHERE else address
    return (
        f"Beyond this machine: whoever reaches port {port} on {where} sees this atlas and can make the machine compute.\n"
        "There is no login and no encryption. What visitors keep stays in their session; nothing is written."
    )
