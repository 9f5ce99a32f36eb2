"""The header: brand, pages, the atlas, link, picture, stage, dark, help."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle


class Header(Component):
    """Intents: page {value}, save {format: png|svg|csv, what}, stage {value}, dark {value, chosen}, help,
    opened (once, when the browser holds the page), went {value: the address that back or forward led to, dark: what the
    browser prefers}."""

    _esm = bundle("header.js")
    _stylesheets = styles("header")


def header_data(
    *,
    page: str,
    atlas: str,
    main: str = "",
    dark: bool | None = None,
    stage: bool = False,
    cite: str = "",
    n_selected: int = 0,
    download: Mapping[str, Any] | None = None,
    link: str = "",
    link_note: str = "",
    pictures: Sequence[tuple[str, str]] = (("all", "All maps"),),
    tables: Sequence[str] = (),
    pages: Mapping[str, str] = MappingProxyType({}),
    reloads: int = 0,
) -> dict[str, Any]:
    """What the header shows; `dark` None follows the browser, `download` (see `file_to_save`) saves a file there.

    main : the page whose own part stands in the place of the maps, empty where they are seen
    link : the query of the address of the view ; link_note : what the address of the view leaves out, in words
    pictures : what can be saved as a picture, value and words ; tables : whose numbers can be saved ; reloads : a larger one opens the page again
    """
    return {
        "brand": "Platonic Atlas",
        "page": page,
        "main": main,
        "pages": [{"value": value, "label": label} for value, label in pages.items()],
        "atlas": atlas,
        "dark": dark,
        "stage": stage,
        "cite": cite,
        "link": link,
        "link_note": link_note,
        "pictures": [{"value": value, "label": label} for value, label in pictures],
        "tables": list(tables),
        "csv_reason": "" if n_selected else "Select atoms first: draw on a map or press elements in the table.",
        "download": dict(download) if download else None,
        "reloads": reloads,
    }


def atlas_text(name: str, n_sites: int) -> str:
    return f"{name} · {n_sites:,} {'site' if n_sites == 1 else 'sites'}"


def file_to_save(name: str, mime: str, content: bytes, n: int) -> dict[str, Any]:
    """A file for the browser to save; a new `n` saves it again."""
    return {"name": name, "mime": mime, "base64": b64encode(content).decode("ascii"), "n": n}
