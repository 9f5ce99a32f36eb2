"""The view in the address bar: every choice of the table written, every value checked when it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode

import numpy as np

from platonic_atlas.dashboard.state.choices import MAPS, TABLE, Choice, Kind, Known, never
from platonic_atlas.dashboard.state.packing import pack, unpack
from platonic_atlas.dashboard.state.view import BY_HAND, View
from platonic_atlas.engine import elements
from platonic_atlas.engine.choices import FrameName
from platonic_atlas.engine.types import IntArray

VERSION = "1"
MOST = 2048  # characters for a selection or for anchors chosen by hand
LONGEST = 16_384  # characters of an address that is read at all
MOST_PARTS = 100
MOST_REFUSED = 5  # things that are said of one address
MOST_COLOURED = 8  # elements that have a hue of their own
WHOLE = "all."


class Visitor(Known, Protocol):
    """What a link is written of and read into; a session is one."""

    view: View
    shipped: frozenset[str]

    @property
    def checksum(self) -> str: ...
    @property
    def numbers(self) -> IntArray: ...
    def choose_set(self, name: str) -> None: ...
    def opening(self) -> dict[str, object]: ...


# writing


def encode(session: Visitor) -> tuple[str, list[str]]:
    """The query string of a view, and what had to be left out of it because it is too long."""
    values, left_out = {"v": VERSION, "atlas": session.checksum}, list[str]()
    for row in TABLE.values():
        if row.linked(session.view):
            values |= _WRITTEN[row.kind](session, row, left_out)
    return "?" + urlencode(values, safe=",.-"), left_out


def _word(session: Visitor, row: Choice, left_out: list[str]) -> dict[str, str]:
    value = getattr(session.view, row.name)
    return {row.name: ",".join(value) if isinstance(value, list) else str(value)} if value is not None else {}


def _switch(session: Visitor, row: Choice, left_out: list[str]) -> dict[str, str]:
    return {row.name: str(int(getattr(session.view, row.name)))}


def _symbols(session: Visitor, row: Choice, left_out: list[str]) -> dict[str, str]:
    numbers = getattr(session.view, row.name)
    return {row.name: ",".join(str(elements.table().symbol[z]) for z in numbers)} if numbers else {}


def _anchors(session: Visitor, row: Choice, left_out: list[str]) -> dict[str, str]:
    view = session.view
    name = {row.name: view.anchors}
    if view.anchors in session.shipped or not len(view.anchor_sites):
        return name
    if text := _short(view.anchor_sites):
        return name | {"sites": text}
    left_out.append("the anchors")
    return name


def _selection(session: Visitor, row: Choice, left_out: list[str]) -> dict[str, str]:
    if not session.view.n_selected:
        return {}
    if text := _whole_elements(session) or _short(np.flatnonzero(session.view.selected)):
        return {row.name: text}
    left_out.append("the selection")
    return {}


def _whole_elements(session: Visitor) -> str:
    """The selection by its elements, where it holds all or none of the sites of each; else empty."""
    numbers, chosen = session.numbers, session.view.selected
    found = np.flatnonzero(np.bincount(numbers[chosen]))
    if np.count_nonzero(np.isin(numbers, found)) != np.count_nonzero(chosen):
        return ""
    return WHOLE + ",".join(str(elements.table().symbol[z]) for z in found)


def _short(sites: IntArray) -> str:
    """Sites as text, empty where that is too long for a link."""
    runs = 1 + int(np.count_nonzero(np.diff(sites) != 1))
    if 2 * runs - 1 > MOST:  # each run of successors takes a character and a comma at least
        return ""
    text = pack(sites)
    return text if len(text) <= MOST else ""


_WRITTEN: dict[Kind, Callable[[Visitor, Choice, list[str]], dict[str, str]]] = {
    Kind.WORD: _word,
    Kind.SWITCH: _switch,
    Kind.MODELS: _word,
    Kind.ELEMENTS: _symbols,
    Kind.SITE: _word,
    Kind.SITES: _anchors,
    Kind.SELECTION: _selection,
}


# reading


def restore(query: str, session: Visitor) -> list[str]:
    """Put the view of an address into a session that shows another: what the address does not name is as a page opens;
    the selection that was there can be had again with undo. Returns in words what was refused."""
    session.view.param.update(**session.opening())
    refused = decode(query, session)
    if "selected" not in parse_qs(query[:LONGEST].lstrip("?")):
        session.view.clear()
    return refused


def decode(query: str, session: Visitor) -> list[str]:
    """Put a view into a session; returns in words what was refused."""
    if len(query) > LONGEST:
        return [f"it has {len(query):,} characters, and no link of ours has more than {LONGEST:,}"]
    try:
        given = {name: values[-1] for name, values in parse_qs(query.lstrip("?"), max_num_fields=MOST_PARTS).items()}
    except ValueError:
        return [f"it has more than {MOST_PARTS} parts"]
    if not given:
        return []
    if given.get("atlas") not in (None, session.checksum):
        return ["The link was made for another atlas; the view starts afresh."]
    refused = [f"{name} is too long" for name, text in given.items() if len(text) > MOST]
    given = _as_of_today({name: text for name, text in given.items() if len(text) <= MOST})
    changes = dict[str, object]()
    rows = [row for row in TABLE.values() if row.linked is not never and row.name in given]
    for row in rows:
        if row.kind in _READ:
            changes |= _READ[row.kind](given[row.name], row, session, refused)
    changes["dark_chosen"] = "dark" in changes
    session.view.param.update(**changes)
    for row in rows:  # these are told of the sites by the session, once the rest stands
        if row.kind in _TAKEN:
            _TAKEN[row.kind](given, session, refused)
    more = len(refused) - MOST_REFUSED
    return refused if more <= 0 else [*refused[:MOST_REFUSED], f"and {more:,} more parts"]


def _as_of_today(given: dict[str, str]) -> dict[str, str]:
    """Links of before knew one frame of all models, that of variance; and they named the pair whose neighbours are
    compared as a source and a target."""
    if given.get("frame") == "shared":
        given = given | {"frame": FrameName.VARIANCE}
    if given.get("colour") != "overlap" or given.get("page") == "stitching" or "overlap_first" in given:
        return given
    before = {"stitch_source": "overlap_first", "stitch_target": "overlap_second"}
    return {before.get(name, name): text for name, text in given.items()}


def _read_word(text: str, row: Choice, session: Visitor, refused: list[str]) -> dict[str, object]:
    return _if_allowed(text, row, session, refused)


def _read_switch(text: str, row: Choice, session: Visitor, refused: list[str]) -> dict[str, object]:
    return _if_allowed({"0": False, "1": True}.get(text, text), row, session, refused)


def _if_allowed(value: object, row: Choice, session: Visitor, refused: list[str]) -> dict[str, object]:
    if row.admits(value, session):
        return {row.name: value}
    refused.append(f"{row.name} cannot be {_cut(value)!r}")
    return {}


def _read_models(text: str, row: Choice, session: Visitor, refused: list[str]) -> dict[str, object]:
    wanted, held = [name for name in text.split(",") if name], session.model_names
    refused += [f"the atlas holds no model {_cut(name)!r}" for name in wanted if name not in held]
    known = [name for name in dict.fromkeys(wanted) if name in held][:MAPS]
    return {row.name: known} if known else {}


def _read_elements(text: str, row: Choice, session: Visitor, refused: list[str]) -> dict[str, object]:
    return {row.name: _numbers(text, refused)[:MOST_COLOURED]}


def _numbers(text: str, refused: list[str]) -> list[int]:
    """Atomic numbers of symbols parted by commas; what is none is refused."""
    symbols, by_symbol = [word for word in text.split(",") if word], elements.numbers_by_symbol()
    refused += [f"there is no element {_cut(symbol)!r}" for symbol in symbols if symbol not in by_symbol]
    return [by_symbol[symbol] for symbol in symbols if symbol in by_symbol]


def _read_site(text: str, row: Choice, session: Visitor, refused: list[str]) -> dict[str, object]:
    if text.isdecimal() and len(text) < 12 and int(text) < len(session.numbers):
        return {row.name: int(text)}
    refused.append(f"there is no site {_cut(text)!r}")
    return {}


_READ: dict[Kind, Callable[[str, Choice, Visitor, list[str]], dict[str, object]]] = {
    Kind.WORD: _read_word,
    Kind.SWITCH: _read_switch,
    Kind.MODELS: _read_models,
    Kind.ELEMENTS: _read_elements,
    Kind.SITE: _read_site,
}


def _take_anchors(given: Mapping[str, str], session: Visitor, refused: list[str]) -> None:
    name = given["anchors"]
    if "sites" in given:
        sites = _unpacked(given["sites"], session, refused, "anchors")
        if sites is not None and len(sites):
            session.view.use_anchors(name or BY_HAND, sites)
    elif name in session.anchor_sets:
        session.choose_set(name)
    elif name:
        refused.append(f"the link leaves out the anchors of {_cut(name)!r}")


def _take_selection(given: Mapping[str, str], session: Visitor, refused: list[str]) -> None:
    text, numbers = given["selected"], session.numbers
    if text.startswith(WHOLE):
        session.view.select(np.isin(numbers, _numbers(text.removeprefix(WHOLE), refused)))
        return
    sites = _unpacked(text, session, refused, "selection")
    if sites is not None:
        chosen = np.zeros(len(numbers), dtype=bool)
        chosen[sites] = True
        session.view.select(chosen)


_TAKEN: dict[Kind, Callable[[Mapping[str, str], Any, list[str]], None]] = {
    Kind.SITES: _take_anchors,
    Kind.SELECTION: _take_selection,
}


def _unpacked(text: str, session: Visitor, refused: list[str], what: str) -> IntArray | None:
    try:
        sites = unpack(text, len(session.numbers))
    except ValueError:
        refused.append(f"the {what} of the link cannot be read, or names sites that the atlas does not have")
        return None
    return sites


def _cut(value: object) -> object:
    """What is said of a value that was refused: no more than fits a line."""
    return f"{value[:40]}…" if isinstance(value, str) and len(value) > 40 else value
