"""Every choice of a view, in one table: its default, what it may be, whether a link holds it, what it redraws.

`View`, the address bar, the bar of choices and the shell read this table and nothing else; a new choice is a new row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np

from platonic_atlas.engine.choices import FrameName
from platonic_atlas.engine.structures.neighbourhood import ELECTRONEGATIVITY
from platonic_atlas.engine.types import IntArray

MAPS = 7


class Part(StrEnum):
    """What is drawn anew when a choice changes; header and dock always are, and the page is told."""

    MAPS = "maps"  # places or colours of the atoms
    MARKS = "marks"  # anchors, symbols and the ring above the maps
    SELECTION = "selection"
    WORDS = "words"  # titles, sentence, bar
    PAGE = "page"  # which page is seen


class Kind(StrEnum):
    """How a choice is written in a link."""

    WORD = "word"
    SWITCH = "switch"
    MODELS = "models"
    ELEMENTS = "elements"
    SITE = "site"
    SITES = "sites"
    SELECTION = "selection"


class Known(Protocol):
    """What the table asks of a visitor's session to tell what a choice may be."""

    @property
    def colours(self) -> Collection[str]: ...
    @property
    def model_names(self) -> Sequence[str]: ...
    @property
    def layer_names(self) -> Collection[str]: ...
    @property
    def anchor_sets(self) -> Mapping[str, IntArray]: ...


Allowed = Callable[[Known], Iterable[object]]


@dataclass(frozen=True)
class Choice:
    """One row.

    allowed : what it may be, from the session where that depends on the atlas; None where any value of its kind will do
    linked : whether a link holds it, given the view
    redraws : what is drawn anew
    implies : value -> what else changes with it, as far as it may; and back with it, unless it was chosen otherwise
    """

    name: str
    default: Any = ""
    allowed: Allowed | None = None
    kind: Kind = Kind.WORD
    linked: Callable[[Any], bool] = field(default=lambda view: True)
    redraws: frozenset[Part] = frozenset({Part.MAPS, Part.WORDS})
    implies: Mapping[object, Mapping[str, object]] = field(default_factory=dict)
    doc: str = ""

    def admits(self, value: object, known: Known) -> bool:
        """Whether it may be this value."""
        return self.allowed is None or value in tuple(self.allowed(known))


def one_of(*values: object) -> Allowed:
    return lambda known: values


def never(view: Any) -> bool:
    return False


def _pair(view: Any) -> bool:
    return bool(view.overlap_first) and bool(view.overlap_second)


def _switch(name: str, default: bool, *redraws: Part, doc: str = "") -> Choice:
    return Choice(name, default, one_of(True, False), Kind.SWITCH, redraws=frozenset(redraws), doc=doc)


def _models(known: Known) -> Iterable[object]:
    return known.model_names


_MARKS, _NONE = frozenset({Part.MARKS}), frozenset[Part]()

ROWS = (
    Choice("page", "atlas", redraws=frozenset({Part.PAGE}), doc="whose names only the registry of pages knows"),
    Choice("colour", "group", lambda known: known.colours),
    Choice("representation", "relative", one_of("relative", "raw"), implies={"raw": {"layout": "pca"}}),
    Choice("frame", "agreement", one_of(*FrameName)),
    Choice("within", "all", one_of("all", "elements"),
           implies={"elements": {"colour": ELECTRONEGATIVITY, "representation": "relative", "layout": "pca"}},
           doc="'elements': each site less the mean place of its element"),
    Choice("layout", "pca", one_of("pca", "umap")),
    Choice("balance", "elements", one_of("elements", "atoms")),
    Choice("layer", "readout", lambda known: known.layer_names),
    Choice("pixel", "mean", one_of("mean", "majority")),
    Choice("consensus", "disagreement", one_of("disagreement", "colour")),
    Choice("overlap_first", "", _models, linked=_pair, doc="the two models whose neighbours are compared;"),
    Choice("overlap_second", "", _models, linked=_pair, doc="where empty, the first two trained ones shown"),
    _switch("centre", True, Part.MAPS, Part.WORDS),
    _switch("marks", True, Part.MARKS, Part.WORDS, doc="anchors drawn as marks"),
    _switch("labels", True, Part.MARKS, Part.WORDS, doc="element symbols at the medoids"),
    _switch("stage", False, Part.PAGE, Part.MARKS),
    Choice("models", [], _models, Kind.MODELS, doc="those shown, in the order of the maps"),
    Choice("elements", [], None, Kind.ELEMENTS, doc="atomic numbers chosen to be coloured by element, in order"),
    Choice("anchors", "", None, Kind.SITES, doc="the name of the anchors in use"),
    Choice("dark", None, one_of(True, False, None), Kind.SWITCH, lambda view: view.dark is not None and view.dark_chosen,
           frozenset({Part.MAPS, Part.MARKS, Part.WORDS})),
    Choice("selected", np.zeros(0, dtype=bool), None, Kind.SELECTION, redraws=frozenset({Part.SELECTION}), doc="(n_sites,) bool"),
    Choice("atom", None, None, Kind.SITE, redraws=_MARKS, doc="the site that was tapped"),
    Choice("drag", "lasso", one_of("lasso", "box", "pan"), linked=never, redraws=_NONE, doc="what dragging on a map does"),
    Choice("dark_chosen", False, one_of(True, False), Kind.SWITCH, never, _NONE,
           doc="by the visitor, not by the browser's setting"),
    Choice("anchor_sites", np.zeros(0, dtype=np.int32), None, Kind.SITES, never, doc="the sites of the anchors in use"),
)  # fmt: skip
TABLE: dict[str, Choice] = {row.name: row for row in ROWS}


def redrawing(*parts: Part) -> list[str]:
    """The choices that draw one of these anew."""
    return [name for name, row in TABLE.items() if row.redraws & set(parts)]


def linked() -> list[str]:
    """The choices whose change may change the link."""
    return [name for name, row in TABLE.items() if row.linked is not never]


def parts_of(names: Iterable[str]) -> frozenset[Part]:
    """What is drawn anew when these choices change."""
    return frozenset[Part]().union(*(TABLE[name].redraws for name in names))
