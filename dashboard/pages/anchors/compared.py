"""Two sets side by side: the map of one model in the agreement frame of the anchors in use, and in that of another set."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import replace

import panel as pn

from platonic_atlas.dashboard.atlas.agreement import agreed, needed
from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.laboratory import measures_of
from platonic_atlas.dashboard.atlas.layouts import Layout, is_laid_out, layout
from platonic_atlas.dashboard.components.set_maps import SetMap, SetMaps, SetPair
from platonic_atlas.dashboard.plots.anchor_marks import meaning
from platonic_atlas.dashboard.plots.figure import Panel, figure
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.shell.titles import title_html
from platonic_atlas.dashboard.snapshot import Snapshot
from platonic_atlas.engine.choices import FrameName, LayoutMethod
from platonic_atlas.engine.elements import table
from platonic_atlas.engine.sheet import sheet
from platonic_atlas.engine.types import FloatArray, IntArray, LayoutKey

ALL = "all"  # in place of a model: the maps of all of them, of the set in use


class Compared:
    """Of one session.

    weights : what is known of the anchors of a set ; beside : the other set, empty for none
    chosen : the model that is drawn, empty for the first of those shown, or ALL
    """

    def __init__(self, session: Session, weights: Callable[[IntArray], Mapping[int, float]]) -> None:
        self.session, self._weights, self.beside, self.chosen = session, weights, "", ""
        self.room = pn.Column(sizing_mode="stretch_both", margin=0)
        self._maps: SetMaps | None = None

    def begin(self) -> None:
        """Nothing is compared."""
        self.beside = self.chosen = ""

    @property
    def sites(self) -> IntArray | None:
        """The anchors of the other set, where one is chosen that there is and both can be measured."""
        session = self.session
        found = session.anchor_sets.get(self.beside)
        both = (session.view.anchor_sites, found)
        measured = [sites for sites in both if sites is not None and measures_of(session.data, session.key, sites)]
        return found if len(measured) == len(both) else None

    @property
    def model(self) -> str:
        """Whose maps they are, of those that are shown; ALL where no two maps are wanted."""
        shown = self.session.view.models
        return self.chosen if self.chosen in (*shown, ALL) else self.session.coverage_model()

    @property
    def seen(self) -> bool:
        """Whether the two maps stand in the place of the others."""
        return self.sites is not None and self.model != ALL

    def sentence(self) -> tuple[str, str]:
        """Lead and text of what the two maps show."""
        title = self.session.data.models[self.model].title
        less = ", less the mean place of its element" if self.session.key.within_elements else ""
        return (
            "One model, two sets of anchors.",
            f"Each dot is an atom in {title}{less}, where the trained models agree most: relative to "
            f"{self.session.anchors_title()} (left) and to {self.beside} (right).",
        )

    # the maps

    def show(self, seen: bool) -> SetMaps | None:
        """The maps, made when they are first wanted, and drawn anew."""
        if self._maps is not None:
            self._maps.shown = seen
        if not seen:
            return None
        if self._maps is None:
            self._maps = SetMaps(self.session.view, self.session.data, self._pair)
            self.room.objects = [self._maps.room]
        else:
            self._maps.update()
        return self._maps

    def _pair(self) -> SetPair:
        session = self.session
        anchors, other = session.view.anchor_sites, self.sites
        mine = self._map(session.key.anchors, session.anchors_title(), anchors, "in use")
        theirs = self._map(self.beside, self.beside, anchors[:0] if other is None else other, "beside")
        return SetPair(self.model, (mine, theirs), session.colouring())

    def _map(self, name: str, words: str, sites: IntArray, place: str) -> SetMap:
        title, found = self.session.data.models[self.model].title, self._layout(name, sites)
        why = "axes of agreement are being computed" if found is None else found.reasons.get(self.model, "")
        both = agreed(self._agreement(sites))
        note = "" if both is None else f"agrees {saving.decimal(both[0])} · {saving.decimal(both[1])}"
        said = why or f"{len(sites):,} anchors, {place}"
        told = title_html(title, note, html.escape(f"{words} · {said}"), test=f"pair-{place.replace(' ', '-')}")
        return SetMap(sites, found, told, self._weights(sites))

    def _layout(self, name: str, sites: IntArray) -> Layout | None:
        """None while the axes are computed, which of many sites takes a while."""
        data, key = self.session.data, frame_key(self.session.key, name)
        wanted = needed(data, key, sites)
        if wanted and not is_laid_out(data, key, sites) and self.session.later.value(data, wanted) is None:
            return None
        return layout(data, key, sites)

    def _agreement(self, sites: IntArray) -> FloatArray | None:
        wanted = measures_of(self.session.data, self.session.key, sites)
        measures = None if wanted is None else self.session.later.value(self.session.data, wanted)
        return None if measures is None else measures.agreement.get(self.model)

    # what is taken away

    def drawn(self, snapshot: Snapshot, format: str) -> bytes:
        """Both maps as png or svg, or where each site lies in both as csv, with the parameters."""
        data, model, other = snapshot.data, self.model, self.sites
        both = {
            snapshot.anchors: snapshot.anchor_sites,
            self.beside: snapshot.anchor_sites[:0] if other is None else other,
        }
        layouts = {name: layout(data, frame_key(snapshot.key, name), sites) for name, sites in both.items()}
        words = (
            f"{saving.caption(snapshot)} Two maps of {data.models[model].title} on axes of agreement: relative to "
            + " and to ".join(f"{name} ({len(sites)} anchors)" for name, sites in both.items())
            + "."
        )
        if said := meaning(self._weights(snapshot.anchor_sites)) if snapshot.marks else "":
            words = f"{words} {said}"
        if format == "csv":
            return _places(data, {name: each.coordinates.get(model) for name, each in layouts.items()}, words)
        rgb, classes = snapshot.colouring.of(model)
        own, shown = replace(snapshot.colouring, rgb=rgb, classes=classes), SetPair.around(list(layouts.values()))
        panels = [
            Panel(f"{data.models[model].title}", f"{name}, {len(sites)} anchors", "", layouts[name].coordinates.get(model), own,
                  sites if snapshot.marks else sites[:0], self._weights(sites))
            for name, sites in both.items()
        ]  # fmt: skip
        return figure(
            panels, shown, data.numbers, caption=words, anchors=snapshot.anchor_sites[:0], selected=snapshot.selected,
            labels=snapshot.labels, dark=snapshot.dark, format=format,
        )  # fmt: skip


def _places(data: AtlasData, places: Mapping[str, FloatArray | None], words: str) -> bytes:
    """Each site with its coordinates in both maps, and what they are at the end."""
    symbols = table().symbol[data.numbers]
    known = {name: each for name, each in places.items() if each is not None}
    head = ("site", "element", "formula", *(f"{axis}, {name}" for name in known for axis in ("x", "y")))
    lines = [
        (site, str(symbols[site]), str(data.formulas[data.structure[site]]),
         *(f"{value:.6g}" for each in known.values() for value in each[site]))
        for site in range(data.n_sites)
    ]  # fmt: skip
    return sheet(head, [*lines, (words,)]).encode()


def frame_key(key: LayoutKey, anchors: str) -> LayoutKey:
    """The key of the maps that are compared: of agreement, whatever frame the others are in."""
    return replace(key, frame=FrameName.AGREEMENT, method=LayoutMethod.PCA, anchors=anchors)
