"""The bar of choices: what it offers in this view, and what each choice does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.search import find, matching
from platonic_atlas.dashboard.components.choice_bar import Choice, ChoiceBar, ModelChoice, Option, Suggestion, bar_data
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.umap_request import UmapRequest
from platonic_atlas.dashboard.state.view import BY_HAND

NO_UMAP = "UMAP is drawn of relative representations only."
MADE_NOW = "Not there yet for these anchors: computed on request"


class Choices:
    """Keeps the bar and the view in step."""

    def __init__(self, session: Session, umap: UmapRequest, stitching: Callable[[], list[Choice]]) -> None:
        self.session, self.view, self.umap, self._stitching = session, session.view, umap, stitching
        self.bar = ChoiceBar()
        self.found: list[Suggestion] = []
        self.text = self.message = ""
        self.bar.param.watch(lambda event: self._heard(event.new), "intent")
        self.refresh()

    def refresh(self) -> None:
        self.bar.data = bar_data(
            self._choices(), self._models(), self.view.models, suggestions=self.found, search=self.text,
            message=self.message,
        )  # fmt: skip

    def _choices(self) -> list[Choice]:
        view, raw = self.view, self.view.representation == "raw"
        known = self.session.colourings().values()
        first, more = (
            [Option(each.name, each.title) for each in known if each.first is wanted] for wanted in (True, False)
        )
        colour = Choice("colour", "Colour", view.colour, options=first, more=more)
        if view.page == "stitching":
            return [*self._stitching(), colour]
        relative_only = "Raw features have no anchors and no common axes."
        return [
            colour,
            Choice("representation", "Show", view.representation,
                   options=[Option("raw", "Raw features"), Option("relative", "Relative to anchors")]),
            Choice("frame", "Frame", "own" if raw else view.frame,
                   options=[Option("shared", "Shared", disabled=raw, reason=relative_only), Option("own", "Own")]),
            Choice("layout", "Layout", view.layout,
                   options=[Option("pca", "PCA"), self._umap_option()]),
            Choice("anchors", "Anchors", view.anchors, kind="menu", options=self._anchor_sets()),
            Choice("options", "Options", kind="panel", choices=self._options()),
        ]  # fmt: skip

    def _umap_option(self) -> Option:
        raw = self.view.representation == "raw"
        return Option(
            "umap", "UMAP", disabled=raw, reason=NO_UMAP, title="" if raw or not self.umap.missing() else MADE_NOW
        )

    def _anchor_sets(self) -> list[Option]:
        sets = [Option(name, name, title=f"{len(sites)} anchors") for name, sites in self.session.anchor_sets.items()]
        if self.view.anchors not in self.session.anchor_sets:
            sets.append(Option(self.view.anchors, f"{self.session.anchors_title()}"))
        return sets

    def _options(self) -> list[Choice]:
        view, data = self.view, self.session.data
        layers = sorted({layer for model in view.models for layer in data.layers(model)})
        return [
            Choice("balance", "Weights", view.balance, options=[Option("elements", "By element"), Option("atoms", "By site")]),
            Choice("centre", "Centred", view.centre, kind="toggle"),
            *([Choice("layer", "Layer", view.layer, options=[Option(n, n) for n in layers])] if len(layers) > 1 else []),
            *self._pair(),
            Choice("consensus", "Consensus", view.consensus,
                   options=[Option("disagreement", "By disagreement"), Option("colour", "As the others")]),
            Choice("pixel", "Where dots overlap", view.pixel, options=[Option("mean", "Mean colour"), Option("majority", "Majority")]),
            Choice("marks", "Anchor marks", view.marks, kind="toggle"),
            Choice("labels", "Element symbols", view.labels, kind="toggle"),
        ]  # fmt: skip

    def _pair(self) -> list[Choice]:
        """The two models whose neighbours are compared, while the colour shows it."""
        pair, infos = self.session.pair(), self.session.data.models
        if not self.session.scheme.of_pair or pair is None:
            return []
        words = (("overlap_first", "First model"), ("overlap_second", "Second model"))
        return [
            Choice(name, label, mine, kind="menu",
                   options=[Option(n, i.title, disabled=n == other, reason="the other of the two") for n, i in infos.items()])
            for (name, label), mine, other in zip(words, pair, reversed(pair), strict=True)
        ]  # fmt: skip

    def _models(self) -> list[ModelChoice]:
        infos = self.session.data.models.values() if self.view.page != "stitching" else ()
        return [ModelChoice(m.name, m.title, m.trained_on, m.licence, m.traits, m.control) for m in infos]

    def _heard(self, intent: dict[str, Any]) -> None:
        act = {"choose": self._choose, "models": self._show_models, "search": self._search}.get(intent.get("kind", ""))
        if act:
            act(intent)

    def _choose(self, intent: dict[str, Any]) -> None:
        name, value = intent["id"], intent["value"]
        if name == "anchors":
            if value != BY_HAND:
                self.session.choose_set(value)
        elif name == "representation" and value == "raw":
            self.view.param.update(representation="raw", layout="pca")
        elif name == "layout" and value == "umap":
            self.umap.ask()
        elif name in ("overlap_first", "overlap_second"):
            both = dict(zip(("overlap_first", "overlap_second"), self.session.pair() or (), strict=False))
            self.view.param.update(**(both | {name: value}))
        elif name in (
            "colour",
            "frame",
            "layout",
            "balance",
            "layer",
            "consensus",
            "pixel",
            "representation",
        ) or name.startswith("stitch_"):
            self.view.param.update(**{name: value})
        elif name in ("centre", "marks", "labels"):
            self.view.param.update(**{name: bool(value)})
        if self.view.layout == "umap" and self.umap.missing():
            self.view.layout = "pca"

    def _show_models(self, intent: dict[str, Any]) -> None:
        known = [name for name in dict.fromkeys(intent["value"]) if name in self.session.data.models]
        if known:
            self.view.models = known[:7]

    def _search(self, intent: dict[str, Any]) -> None:
        self.text, data = str(intent.get("text", ""))[:80], self.session.data
        self.found = [Suggestion(v, label, note) for v, label, note in matching(data, self.text)]
        self.message = ""
        if intent.get("commit"):
            sites = find(data, self.text)
            chosen = np.zeros(data.n_sites, dtype=bool)
            chosen[sites] = True
            self.message = f"{len(sites):,} atoms" if len(sites) else f"Nothing here is called {self.text!r}"
            if len(sites):
                self.view.select(chosen, intent.get("mode", "replace"))
            self.found = []
        self.refresh()
