"""One visitor: the view, the atlas behind it, and the picture that follows from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Layout, layout, umap_name
from platonic_atlas.dashboard.atlas.values import Disagreement, NearestAnchor, NearestSites, Overlap
from platonic_atlas.dashboard.colourings import palettes as colours
from platonic_atlas.dashboard.colourings import rotation_spread as turning
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.state.view import BY_HAND, View
from platonic_atlas.dashboard.work.thread import Later
from platonic_atlas.engine import elements
from platonic_atlas.engine.stitching.methods import DIRECT, RELATIVE
from platonic_atlas.engine.store import sites_digest
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey

DEFAULT_ANCHORS = "element-89"
COLOURINGS = {
    "group": "Group",
    "period": "Period",
    "element": "Element",
    "block": "Block",
    "electronegativity": "Electronegativity",
    "coordination": "Coordination number",
    "prototype": "Prototype",
    "nearest_anchor": "Distance to nearest anchor",
    "disagreement": "Disagreement",
    "overlap": "Neighbour overlap",
    turning.NAME: turning.TITLE,
}


class Session:
    """What every component of a page asks: which layout, which colours, which anchors."""

    def __init__(self, data: AtlasData, **choices: Any) -> None:
        self.data, self.later = data, Later()
        self._last: dict[tuple[str, bool], tuple[FloatArray, Colouring]] = {}
        self.anchor_sets: dict[str, IntArray] = {name: data.atlas.anchors(name) for name in data.atlas.anchor_sets()}
        self.shipped = frozenset(self.anchor_sets) - frozenset(data.atlas.own_anchor_sets() if data.keeps else ())
        choices.setdefault("models", data.default_models())
        self.view = View(data.n_sites, **choices)
        if not self.view.anchors:
            self.choose_set(self.default_set())

    def default_set(self) -> str:
        return DEFAULT_ANCHORS if DEFAULT_ANCHORS in self.anchor_sets else next(iter(self.anchor_sets), "")

    def choose_set(self, name: str) -> None:
        """Go back to a stored or kept set of anchors."""
        if name in self.anchor_sets:
            self.view.use_anchors(name, self.anchor_sets[name])

    def keep_set(self, name: str, **origin: Any) -> None:
        """Keep the anchors in use under a name: on disk where the server is the visitor's own, else for this session.

        origin : what they came from, such as strategy, seed and reference
        """
        sites = self.view.anchor_sites.copy()
        if self.data.keeps:
            self.data.atlas.write_anchors(name, sites, {"strategy": "chosen in the page", **origin})
        self.anchor_sets[name] = sites
        self.view.use_anchors(name, sites)

    def forget_set(self, name: str) -> None:
        """Take a kept set away; the anchors in use stay."""
        if self.data.keeps and name in self.data.atlas.own_anchor_sets():
            self.data.atlas.forget_anchors(name)
        self.anchor_sets.pop(name, None)
        if self.view.anchors == name:
            self.view.use_anchors(BY_HAND, self.view.anchor_sites)

    def store_umap(self, key: LayoutKey, sites: IntArray, places: Mapping[str, FloatArray]) -> None:
        """Write UMAP layouts that were made in the page, where their anchors are a set on disk."""
        atlas = self.data.atlas
        if not self.data.keeps or key.anchors not in atlas.own_anchor_sets():
            return
        if atlas.anchors_digest(key.anchors) != sites_digest(sites):
            return
        settings = {
            "method": "umap",
            "frame": "shared",
            "balance": key.balance,
            "centre": key.centre,
            "layer": key.layer,
        }
        attrs = {**settings, "anchors": key.anchors, "anchors_digest": sites_digest(sites), "seed": 0, "aligned": False,
                 "shaping": self.data.trained(key.models)}  # fmt: skip
        for model, coordinates in places.items():
            atlas.write_layout(umap_name(key), model, coordinates, attrs)

    @property
    def key(self) -> LayoutKey:
        view = self.view
        return LayoutKey(
            method=view.layout,
            representation=view.representation,
            frame=view.frame if view.representation == "relative" else "own",
            anchors=view.anchors,
            models=tuple(view.models),
            layer=view.layer,
            balance=view.balance,
            centre=view.centre,
        )

    def layout(self) -> Layout:
        return layout(self.data, self.key, self.view.anchor_sites)

    def colourings(self) -> dict[str, str]:
        """The colourings that this atlas can show, and their words; labels of the atlas come besides."""
        return {name: text for name, text in COLOURINGS.items() if name != turning.NAME or turning.offered(self.data)}

    def colouring(self) -> Colouring:
        return self._colouring(self.view.colour)

    def middle_colouring(self) -> Colouring:
        """Colours of the consensus: where the models disagree, or as the other maps."""
        wanted = self.view.consensus == "disagreement" and self.can_disagree()
        return self._colouring("disagreement") if wanted else self.colouring()

    def picture(self) -> tuple[Layout, Colouring, Colouring]:
        return self.layout(), self.colouring(), self.middle_colouring()

    def can_disagree(self) -> bool:
        """Whether there is a shared space and there are two trained models to disagree in it."""
        relative = self.view.representation == "relative" and len(self.view.anchor_sites) > 0
        return relative and len(self.data.trained(self.view.models)) >= 2

    def disagreement(self) -> FloatArray | None:
        """(n_sites,) or None where there is no shared space to disagree in, or while it is being computed."""
        if not self.can_disagree():
            return None
        return self.later.value(self.data, Disagreement.of(self.key, self.view.anchor_sites))

    def pair(self) -> tuple[str, str] | None:
        """The two models whose neighbours are compared: those chosen, else the first two trained ones shown."""
        view, trained = self.view, self.data.trained(self.view.models)
        chosen = (view.overlap_first, view.overlap_second)
        if all(name in self.data.models for name in chosen) and chosen[0] != chosen[1]:
            return chosen
        return (trained[0], trained[1]) if len(trained) > 1 else None

    def overlap(self) -> FloatArray | None:
        """(n_sites,) share of nearest sites that the pair of models both name; None where there is no pair, or while
        it is being counted."""
        pair, layer = self.pair(), self.view.layer
        if pair is None:
            return None
        return self.later.value(self.data, Overlap(*pair, layer))

    def nearest(self, site: int) -> dict[str, IntArray] | None:
        """Model shown -> the sites most like `site` in it; None while they are being looked for."""
        return self.later.value(self.data, NearestSites(tuple(self.view.models), self.view.layer, site))

    def _colouring(self, name: str) -> Colouring:
        data, dark = self.data, bool(self.view.dark)
        numbers = data.numbers
        if name == "element":
            return colours.by_element(numbers, self.view.elements, dark=dark)
        if name in ("group", "period", "block"):
            by = {"group": colours.by_group, "period": colours.by_period, "block": colours.by_block}[name]
            return data.keep(("colours", name, dark), lambda: by(numbers, dark=dark))
        if name == "electronegativity":
            values = elements.table().electronegativity[numbers]
            return colours.by_value(numbers, values, "Electronegativity", dark=dark, unit="Pauling")
        if name == "disagreement":
            return self._by_disagreement(dark)
        if name == "nearest_anchor":
            return self._by_later_value(name, self.nearest_anchor(), COLOURINGS[name], dark)
        if name == "overlap":
            return self._by_later_value(name, self.overlap(), COLOURINGS[name], dark)
        if name == turning.NAME:
            return turning.colouring(data, self.view.models, self.view.layer, dark=dark)
        labels = self.data.label(name)
        return data.keep(
            ("colours", name, dark), lambda: colours.by_label(numbers, labels, COLOURINGS.get(name, name), dark=dark)
        )

    def _by_disagreement(self, dark: bool) -> Colouring:
        return self._by_later_value("disagreement", self.disagreement(), "Disagreement", dark, scale="inferno")

    def _by_later_value(
        self, name: str, values: FloatArray | None, title: str, dark: bool, *, scale: str = "viridis"
    ) -> Colouring:
        """Colours of a value; while it is computed for other anchors the colours of before stay."""
        of, last = self._last.get((name, dark), (None, None))
        if last is not None and (values is of or (values is None and self.later.waiting)):
            return last
        known = values if values is not None else np.full(self.data.n_sites, np.nan)
        made = colours.by_value(self.data.numbers, known, title, dark=dark, scale=scale)
        if values is not None:
            self._last[name, dark] = (values, made)
        return made

    def coverage_model(self) -> str:
        """The model in which distances to anchors are measured: the first trained one shown."""
        return (self.data.trained(self.view.models) or self.view.models)[0]

    def nearest_anchor(self) -> FloatArray | None:
        """(n_sites,) distance to the nearest anchor in `coverage_model`; None where there is nothing to measure, or
        while it is being measured."""
        if not len(self.view.anchor_sites) or not self.view.models:
            return None
        return self.later.value(self.data, self.measured_from_anchors())

    def measured_from_anchors(self) -> NearestAnchor:
        return NearestAnchor.of(self.coverage_model(), self.key, self.view.anchor_sites)

    def coverage_colouring(self) -> Colouring:
        return self._colouring("nearest_anchor")

    # words

    def sentence(self) -> tuple[str, str]:
        """Lead and text of the line under the maps: what is seen, and what it does not prove."""
        view, shown = self.view, len(self.view.models)
        if not shown:
            return (
                "This atlas holds structures, and no model has embedded them yet.",
                f"Run: platonic embed {self.data.atlas.path.name} --model sevennet-0, then platonic anchors, and reload.",
            )
        if view.representation == "relative" and not len(view.anchor_sites):
            return (
                "There are no anchors to place atoms by.",
                f"Choose some on the page Anchors, or run: platonic anchors {self.data.atlas.path.name} --name element-89 --strategy element",
            )
        if view.page == "stitching":
            return "One model read as another.", _stitched(view.stitch_method)
        if view.colour == turning.NAME:
            return f"{turning.TITLE}.", turning.words(
                self.data, view.models, view.layer, consensus=view.consensus == "colour"
            )
        if view.colour == "overlap" and (pair := self.pair()):
            first, second = (self.data.models[name].title for name in pair)
            return (
                f"Where {first} and {second} name the same neighbours.",
                "The colour is the share of an atom's ten nearest atoms that both models name; choose the pair under Options.",
            )
        controls = [name for name in view.models if self.data.models[name].control]
        if view.representation == "raw":
            return (
                "Each model in its own numbers.",
                f"{_count(shown)} sets of features that share no axes; models of one family differ mostly by a rotation.",
            )
        if view.layout == "umap":
            return (
                "Neighbourhoods, not distances.",
                "UMAP keeps near atoms near and distorts the gaps between groups.",
            )
        if view.frame == "own":
            return ("Each model on its own best axes.", "Directions mean different things from map to map.")
        text = f"Each dot is an atom, placed by how alike it is to {len(view.anchor_sites)} shared anchor atoms."
        if controls:
            return (
                f"{'Controls' if len(controls) > 1 else 'A control'} learned nothing.",
                f"{text} What order a control shows comes without learning, from composition and, for SOAP, geometry. "
                "The page Stitching compares them with trained models.",
            )
        return (
            f"One space for {_count(shown).lower()} models.",
            f"{text} The same directions mean the same in every map.",
        )

    def anchors_title(self) -> str:
        view = self.view
        return f"{len(view.anchor_sites)} chosen by hand" if view.anchors == BY_HAND else view.anchors


def _count(n: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven")
    return words[n] if n < len(words) else str(n)


def _stitched(method: str) -> str:
    """What the maps of a stitch show, by its method."""
    if method in DIRECT:
        return "A map is fitted on four fifths of the crystals; every atom is shown, the longest lines are of the other fifth."
    if method in RELATIVE:
        return (
            "An energy readout of the cosines to the anchors is learned on the source and used on the target as it is; "
            "the right map shows these cosines."
        )
    return "Nothing is fitted: the anchors, the same atoms in both models, lead from one to the other. Every atom is shown."
