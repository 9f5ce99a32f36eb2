"""The view in the address bar: every choice written, every value checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

import numpy as np
import param

from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.state.view import BY_HAND, View
from platonic_atlas.engine import elements
from platonic_atlas.engine.stitching.methods import METHODS
from platonic_atlas.engine.types import IntArray

VERSION = "1"
MOST = 2048  # characters for a selection or for anchors chosen by hand
CHOICES = ("page", "colour", "representation", "frame", "layout", "balance", "layer", "pixel", "consensus")
OVERLAP = ("overlap_first", "overlap_second")
STITCH = ("stitch_source", "stitch_target", "stitch_method", "stitch_anchors")
SWITCHES = ("centre", "marks", "labels", "stage")


def encode(session: Session) -> tuple[str, list[str]]:
    """The query string of a view, and what had to be left out of it because it is too long."""
    view, left_out = session.view, []
    values = {"v": VERSION, "atlas": session.data.atlas.checksum}
    values |= {name: str(getattr(view, name)) for name in CHOICES}
    values |= {name: str(int(getattr(view, name))) for name in SWITCHES}
    if view.page == "stitching":
        values |= {name: getattr(view, name) for name in STITCH}
    if session.scheme.of_pair and (pair := session.pair()):
        values |= dict(zip(OVERLAP, pair, strict=True))
    values["models"] = ",".join(view.models)
    values["anchors"] = view.anchors
    if view.elements:
        values["elements"] = ",".join(str(elements.table().symbol[z]) for z in view.elements)
    if view.atom is not None:
        values["atom"] = str(view.atom)
    if view.dark is not None and view.dark_chosen:
        values["dark"] = str(int(view.dark))
    lists = {"selected": np.flatnonzero(view.selected) if view.n_selected else None,
             "sites": view.anchor_sites if view.anchors not in session.shipped else None}  # fmt: skip
    for name, sites in lists.items():
        if sites is None or not len(sites):
            continue
        text = (_whole_elements(session) if name == "selected" else "") or _short(sites)
        if text:
            values[name] = text
        else:
            left_out.append({"selected": "the selection", "sites": "the anchors"}[name])
    return "?" + urlencode(values, safe=",.-"), left_out


WHOLE = "all."


def _whole_elements(session: Session) -> str:
    """The selection by its elements, where it holds all or none of the sites of each; else empty."""
    numbers, chosen = session.data.numbers, session.view.selected
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


def decode(query: str, session: Session) -> list[str]:
    """Put a view into a session; returns in words what was refused."""
    given = {name: values[-1] for name, values in parse_qs(query.lstrip("?")).items()}
    refused: list[str] = []
    if not given:
        return refused
    if given.get("atlas") not in (None, session.data.atlas.checksum):
        return ["The link was made for another atlas; the view starts afresh."]
    changes: dict[str, object] = {}
    for name in CHOICES:
        if name in given:
            _take(changes, refused, name, given[name], _allowed(session, name))
    for name in (*SWITCHES, "dark"):
        if name in given:
            _take(changes, refused, name, given[name] == "1" if given[name] in "01" else given[name], (True, False))
    changes["dark_chosen"] = "dark" in changes
    if given.get("colour") == "overlap" and not set(OVERLAP) & set(given):  # links of before had one pair for both
        given |= {new: given[old] for new, old in zip(OVERLAP, STITCH[:2], strict=True) if old in given}
    for name in (*OVERLAP, *STITCH):
        if name in given:
            _take(changes, refused, name, given[name], _allowed(session, name))
    _models(changes, refused, given, session)
    _elements(changes, refused, given)
    session.view.param.update(**changes)
    _anchors(refused, given, session)
    _sites(refused, given, session)
    return refused


def _allowed(session: Session, name: str) -> tuple[object, ...]:
    if name == "colour":
        return tuple(session.colourings())
    if name in (*OVERLAP, *STITCH):
        models = tuple(session.data.models)
        return {"stitch_method": METHODS, "stitch_anchors": tuple(session.anchor_sets)}.get(name, models)
    if name == "layer":
        return tuple({layer for model in session.data.models for layer in session.data.layers(model)})
    selector = View.param[name]
    return tuple(selector.objects) if isinstance(selector, param.Selector) else ()


def _take(
    changes: dict[str, object], refused: list[str], name: str, value: object, allowed: tuple[object, ...]
) -> None:
    if value in allowed:
        changes[name] = value
    else:
        refused.append(f"{name} cannot be {value!r}")


def _models(changes: dict[str, object], refused: list[str], given: Mapping[str, str], session: Session) -> None:
    wanted = [name for name in given.get("models", "").split(",") if name]
    known = [name for name in dict.fromkeys(wanted) if name in session.data.models][:7]
    refused += [f"the atlas holds no model {name!r}" for name in wanted if name not in session.data.models]
    if known:
        changes["models"] = known


def _elements(changes: dict[str, object], refused: list[str], given: Mapping[str, str]) -> None:
    symbols = [word for word in given.get("elements", "").split(",") if word]
    by_symbol = elements.numbers_by_symbol()
    refused += [f"there is no element {symbol!r}" for symbol in symbols if symbol not in by_symbol]
    changes["elements"] = [by_symbol[symbol] for symbol in symbols if symbol in by_symbol][:8]


def _anchors(refused: list[str], given: Mapping[str, str], session: Session) -> None:
    name = given.get("anchors", session.view.anchors)
    if "sites" in given:
        sites = _unpacked(given["sites"], session, refused, "anchors")
        if sites is not None and len(sites):
            session.view.use_anchors(name or BY_HAND, sites)
    elif name in session.anchor_sets:
        session.choose_set(name)
    elif name:
        refused.append(f"the link leaves out the anchors of {name!r}")


def _sites(refused: list[str], given: Mapping[str, str], session: Session) -> None:
    if given.get("selected", "").startswith(WHOLE):
        by_symbol = elements.numbers_by_symbol()
        symbols = given["selected"].removeprefix(WHOLE).split(",")
        refused += [f"there is no element {symbol!r}" for symbol in symbols if symbol not in by_symbol]
        session.view.select(np.isin(session.data.numbers, [by_symbol[s] for s in symbols if s in by_symbol]))
    elif "selected" in given:
        sites = _unpacked(given["selected"], session, refused, "selection")
        if sites is not None:
            chosen = np.zeros(session.data.n_sites, dtype=bool)
            chosen[sites] = True
            session.view.select(chosen)
    if "atom" in given:
        atom = given["atom"]
        if atom.isdecimal() and int(atom) < session.data.n_sites:
            session.view.atom = int(atom)
        else:
            refused.append(f"there is no site {atom!r}")


def _unpacked(text: str, session: Session, refused: list[str], what: str) -> IntArray | None:
    try:
        sites = unpack(text)
    except ValueError:
        refused.append(f"the {what} of the link cannot be read")
        return None
    if len(sites) and (sites.min() < 0 or sites.max() >= session.data.n_sites):
        refused.append(f"the {what} of the link names sites that the atlas does not have")
        return None
    return sites


def pack(sites: IntArray) -> str:
    """Site numbers as text, order kept: gaps to the one before, in base 36, runs of successors as `.n`."""
    words: list[str] = []
    before, run = -1, 0
    for site in [int(value) for value in sites]:
        if site == before + 1 and words:
            run += 1
        else:
            if run:
                words.append(f".{run}")
            words.append(_base36(site))
            run = 0
        before = site
    if run:
        words.append(f".{run}")
    return "-".join(words)


def unpack(text: str) -> IntArray:
    """The inverse of `pack`; ValueError where the text is not one."""
    sites: list[int] = []
    for word in text.split("-") if text else []:
        if word.startswith("."):
            run = int(word[1:])
            if not sites or run > 10_000_000:
                raise ValueError(text)
            sites.extend(range(sites[-1] + 1, sites[-1] + 1 + run))
        else:
            sites.append(int(word, 36))
    return np.array(sites, dtype=np.int32)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if not number:
            return digits
