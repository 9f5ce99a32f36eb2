"""One visitor: the view, the atlas behind it, and the picture that follows from both."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from platonic_atlas.dashboard.atlas.agreement import Agreements, needed
from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Layout, is_laid_out, layout, umap_name
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.atlas.spaces import anchor_bytes
from platonic_atlas.dashboard.atlas.values import NearestSites
from platonic_atlas.dashboard.colourings import disagreement, nearest_anchor, registry
from platonic_atlas.dashboard.colourings.palettes import Colouring
from platonic_atlas.dashboard.colourings.scheme import Scheme, Seen
from platonic_atlas.dashboard.state.choices import TABLE, linked
from platonic_atlas.dashboard.state.view import BY_HAND, View, layout_key
from platonic_atlas.dashboard.work.failure import Failures
from platonic_atlas.dashboard.work.thread import Later
from platonic_atlas.engine.anchors.default import preferred
from platonic_atlas.engine.choices import FrameName
from platonic_atlas.engine.space.axes import is_shared
from platonic_atlas.engine.store import sites_digest
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey


class Session:
    """What every component of a page asks: which layout, which colours, which anchors."""

    def __init__(self, data: AtlasData, **choices: Any) -> None:
        self.data, self.failures = data, Failures()
        self.later = Later(self.failures)
        self._last: dict[tuple[str, bool], tuple[Request[Colouring], Colouring]] = {}
        self.anchor_sets: dict[str, IntArray] = {name: data.atlas.anchors(name) for name in data.atlas.anchor_sets()}
        self.shipped = frozenset(self.anchor_sets) - frozenset(data.atlas.own_anchor_sets() if data.keeps else ())
        choices.setdefault("models", data.default_models())
        self.view = View(data.n_sites, **choices)
        if not self.view.anchors:
            self.choose_set(self.default_set())

    # what the table of choices and the link ask (`state.choices.Known`, `state.urls.Visitor`)

    @property
    def checksum(self) -> str:
        return self.data.atlas.checksum

    @property
    def numbers(self) -> IntArray:
        return self.data.numbers

    @property
    def colours(self) -> tuple[str, ...]:
        return tuple(self.colourings())

    @property
    def model_names(self) -> tuple[str, ...]:
        return tuple(self.data.models)

    @property
    def layer_names(self) -> frozenset[str]:
        return frozenset(layer for model in self.data.models for layer in self.data.layers(model))

    def opening(self) -> dict[str, object]:
        """What a link holds, the selection apart, as a page opens."""
        rows: dict[str, object] = {name: deepcopy(TABLE[name].default) for name in linked() if name != "selected"}
        anchors = self.default_set()
        sites = self.anchor_sets.get(anchors, TABLE["anchor_sites"].default)
        return rows | {
            "models": self.data.default_models(),
            "anchors": anchors,
            "anchor_sites": sites,
            "dark_chosen": False,
        }

    # anchors

    def default_set(self) -> str:
        return preferred({name: len(sites) for name, sites in self.anchor_sets.items()})

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
            "frame": FrameName.AGREEMENT,
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
        return layout_key(self.view)

    def layout(self) -> Layout:
        """Of the view; on axes of variance while those of agreement are computed, which of many sites takes a while."""
        key = replace(self.key, frame=FrameName.VARIANCE) if self.agreeing() else self.key
        return layout(self.data, key, self.view.anchor_sites)

    def agreeing(self) -> bool:
        """Whether the axes of agreement of this view are being computed (or could not be)."""
        wanted = needed(self.data, self.key, self.view.anchor_sites)
        if wanted is None or is_laid_out(self.data, self.key, self.view.anchor_sites):
            return False
        return self.later.value(self.data, wanted) is None

    def agreements(self) -> Mapping[str, FloatArray]:
        """Model shown -> (2,) how far it agrees with the trained ones, where the maps are on axes of agreement;
        nothing while that is computed."""
        if needed(self.data, self.key, self.view.anchor_sites) is None or self.agreeing():
            return {}
        return self.later.value(self.data, Agreements.of(self.key, self.view.anchor_sites)) or {}

    def colourings(self) -> dict[str, Scheme]:
        """The colourings that this atlas can show, by name."""
        return registry.schemes(self.data)

    @property
    def scheme(self) -> Scheme:
        """The colouring that is chosen."""
        return registry.scheme(self.view.colour)

    def seen(self) -> Seen:
        """What colours and their words may follow from."""
        view = self.view
        anchors = anchor_bytes(view.anchor_sites)
        return Seen(self.key, anchors, tuple(view.elements), self.pair(), view.consensus, bool(view.dark))

    def colouring(self) -> Colouring:
        return self._colouring(self.scheme)

    def middle_colouring(self) -> Colouring:
        """Colours of the consensus: where the models disagree, or as the other maps."""
        wanted = self.view.consensus == "disagreement" and self.can_disagree()
        return self._colouring(disagreement.SCHEME) if wanted else self.colouring()

    def _colouring(self, scheme: Scheme) -> Colouring:
        """Colours of a scheme; while its values are computed for other choices the colours of before stay."""
        seen = self.seen()
        wanted, place = scheme.colours(self.data, seen), (scheme.name, seen.dark)
        if scheme.unknown and self.values(scheme) is None:
            if place in self._last and self.later.waiting:
                return self._last[place][1]
            return self.data.made(scheme.unknown(seen))
        before = self._last.get(place)
        made = before[1] if before and before[0] == wanted else self.data.made(wanted)
        self._last[place] = (wanted, made)
        return made

    def values(self, scheme: Scheme) -> FloatArray | None:
        """(n_sites,) that a scheme colours by; None where there are none in this view, or while they are computed."""
        wanted = scheme.values(self.data, self.seen()) if scheme.values else None
        return None if wanted is None else self.later.value(self.data, wanted)

    def picture(self) -> tuple[Layout, Colouring, Colouring]:
        return self.layout(), self.colouring(), self.middle_colouring()

    def can_disagree(self) -> bool:
        """Whether there is a shared space and there are two trained models to disagree in it."""
        return disagreement.values(self.data, self.seen()) is not None

    def lends(self) -> bool:
        """Whether the maps share a frame that trained models shaped: it lends its order to a control."""
        return is_shared(self.key) and bool(self.data.trained(self.view.models))

    def disagreement(self) -> FloatArray | None:
        """(n_sites,) or None where there is no shared space to disagree in, or while it is being computed."""
        return self.values(disagreement.SCHEME)

    def pair(self) -> tuple[str, str] | None:
        """The two models whose neighbours are compared: those chosen, else the first two trained ones shown."""
        view, trained = self.view, self.data.trained(self.view.models)
        chosen = (view.overlap_first, view.overlap_second)
        if all(name in self.data.models for name in chosen) and chosen[0] != chosen[1]:
            return chosen
        return (trained[0], trained[1]) if len(trained) > 1 else None

    def nearest(self, site: int) -> dict[str, IntArray] | None:
        """Model shown -> the sites most like `site` in it; None while they are being looked for, nothing where that failed."""
        wanted = NearestSites(tuple(self.view.models), self.view.layer, site)
        return {} if self.later.error(wanted) else self.later.value(self.data, wanted)

    def coverage_model(self) -> str:
        """The model in which distances to anchors are measured: the first trained one shown."""
        return (self.data.trained(self.view.models) or self.view.models)[0]

    def nearest_anchor(self) -> FloatArray | None:
        """(n_sites,) distance to the nearest anchor in `coverage_model`; None where there is nothing to measure, or
        while it is being measured."""
        return self.values(nearest_anchor.SCHEME)

    def coverage_colouring(self) -> Colouring:
        return self._colouring(nearest_anchor.SCHEME)

    # words

    def colouring_sentence(self) -> tuple[str, str] | None:
        """Lead and text where the colouring itself needs words, else None."""
        return self.scheme.sentence(self.data, self.seen())

    def anchors_title(self) -> str:
        view = self.view
        return f"{len(view.anchor_sites)} chosen by hand" if view.anchors == BY_HAND else view.anchors
