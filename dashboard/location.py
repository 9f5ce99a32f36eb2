"""The address that was asked for, in parts.

Panel takes it apart by counting colons and question marks, and answers with an error where a host is an IPv6 address or
a query holds a second question mark.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from panel.io import location


def parts(protocol: str | None, host: str | None, uri: str | None) -> dict[str, str]:
    """What a browser says in window.location, of the parts that the server knows."""
    scheme, host, uri = protocol or "http", host or "", uri or "/"
    whole = urlsplit(uri if uri.startswith(("http://", "https://")) else f"{scheme}://{host}{uri}")
    try:
        port = "" if whole.port is None else str(whole.port)
    except ValueError:  # none that there is
        port = ""
    return {
        "protocol": f"{scheme}:", "hostname": whole.hostname or "", "port": port, "pathname": whole.path or "/",
        "search": f"?{whole.query}" if whole.query else "", "hash": f"#{whole.fragment}" if whole.fragment else "",
        "href": whole.geturl(),
    }  # fmt: skip


def take_apart() -> None:
    """Let Panel ask `parts`."""
    assert callable(location._get_location_params)
    location._get_location_params = parts
