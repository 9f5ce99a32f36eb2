"""The page Stitching: one model translated into another, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from panel.io import hold

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.palettes import by_element_value
from platonic_atlas.dashboard.components.choice_bar import Choice as BarChoice
from platonic_atlas.dashboard.components.choice_bar import Option
from platonic_atlas.dashboard.components.score_panel import Offer, ScorePanel, WorstStructure, score_data
from platonic_atlas.dashboard.components.stitch_view import (
    Line,
    StitchView,
    chosen_bytes,
    colour_bytes,
    place_bytes,
    site_bytes,
    view_data,
)
from platonic_atlas.dashboard.pages.base import Desk, Page, TableColours
from platonic_atlas.dashboard.pages.stitching.all_pairs import PairsShown
from platonic_atlas.dashboard.pages.stitching.analogies import Arithmetic
from platonic_atlas.dashboard.pages.stitching.scores import charts, energies_shown, energy_note, facts
from platonic_atlas.dashboard.selection.summary import crystal_words, site_words
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.bar import colour_choice
from platonic_atlas.dashboard.state.choices import Allowed, Choice, Known, Part, one_of
from platonic_atlas.dashboard.work.door import BUSY
from platonic_atlas.dashboard.work.followed import Followed
from platonic_atlas.dashboard.work.process import Task
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.engine.errors import PlatonicError
from platonic_atlas.engine.stitching.methods import DIRECT, RELATIVE
from platonic_atlas.engine.stitching.picture import Picture
from platonic_atlas.engine.studies.record import Stitch
from platonic_atlas.engine.studies.written import written
from platonic_atlas.engine.types import IntArray
from platonic_atlas.engine.verbs.stitch import kept_stitch, stitch_picture

LINES = 40
METHODS = {
    "ridge": ("Ridge", "a linear map with a small penalty"),
    "procrustes": ("Procrustes", "a rotation and one scale"),
    "affine": ("Affine", "the linear map of least squares"),
    "anchors": ("Through anchors", "no fit: by the cosines to shared anchors, and back"),
    "merge": ("Shared space", "no fit: the cosines of one read as those of the other"),
    "relative-ridge": ("Relative readout, linear", "an energy readout of the cosines, learned on the source"),
    "relative-mlp": ("Relative readout, network", "the same with a small neural network"),
}
UNFITTED = ("anchors", "merge")
SHOWN = {
    False: "The map shows one fit. The scores take ten, each on other structures",
    True: "The method fits nothing. The scores look at ten draws of structures",
}
LONGEST = {
    False: "Atoms of structures that the fit never saw, farthest from their true place; in units of the target’s spread.",
    True: "Atoms of a fifth of the structures, farthest from their true place; in units of the target’s spread.",
}


@dataclass(frozen=True)
class Stitched(Request[tuple[Picture, IntArray]]):
    """The two maps of a stitch and the sites in them; `digest` of the anchors, for a name may come to mean others."""

    source: str
    target: str
    method: str
    anchors: str | None
    digest: str

    doing = "Translating"

    def make(self, data: AtlasData) -> tuple[Picture, IntArray]:
        return stitch_picture(
            data.atlas, source=self.source, target=self.target, method=self.method, anchors=self.anchors
        )


def _models(known: Known) -> Iterable[object]:
    return known.model_names


def _row(name: str, default: str, allowed: Allowed, doc: str = "") -> Choice:
    """A choice of this page: in its link, and drawn by it alone."""
    return Choice(name, default, allowed, linked=lambda view: view.page == Stitching.name,
                  redraws=frozenset({Part.WORDS}), doc=doc)  # fmt: skip


class Stitching(Page):
    """Keeps the two maps, the scores and the bar's choices in step with the view."""

    name, title = "stitching", "Stitching"
    choices = (
        _row("stitch_source", "", _models, "the model that is translated"),
        _row("stitch_target", "", _models, "the model into whose space"),
        _row("stitch_method", "ridge", one_of(*METHODS)),
        _row("stitch_anchors", "", lambda known: known.anchor_sets),
    )

    def __init__(self, session: Session, desk: Desk) -> None:
        super().__init__(session, desk)
        self.maps, self.scores = StitchView(), ScorePanel()
        self.work = Followed(self.poll)
        self.progress: Progress | None = None
        self.problem = ""
        self.pairs = PairsShown(session, lambda: self._show_scores())
        self.arithmetic = Arithmetic(session, lambda: self._show_scores())
        self._studies: dict[tuple[str, str, str, str], Stitch] = {}
        self._drawn: object = None
        self._drawn_pair: tuple[str, str] | None = None
        self._hovered: dict[str, Any] | None = None
        self._choose_first()
        self.maps.param.watch(lambda event: self._map_heard(event.new), "intent")
        self.scores.param.watch(lambda event: self._score_heard(event.new), "intent")
        self.view.param.watch(lambda *_: self._other_stitch(), [row.name for row in self.choices])

    @property
    def main(self) -> StitchView:
        return self.maps

    @property
    def dock(self) -> ScorePanel:
        return self.scores

    @property
    def task(self) -> Task | None:
        return self.work.task

    def _choose_first(self) -> None:
        """The first two models that are shown."""
        view, names = self.view, [*self.view.models, *self.session.data.models]
        source = view.stitch_source or next(iter(names), "")
        target = view.stitch_target or next((name for name in names if name != source), "")
        sets = self.session.anchor_sets
        anchors = view.stitch_anchors or max(sets, key=lambda name: len(sets[name]), default="")
        view.param.update(stitch_source=source, stitch_target=target, stitch_anchors=anchors)

    # the bar

    def bar(self) -> list[BarChoice]:
        """Source, target, method and, where the method leads through them, anchors."""
        view, infos = self.view, self.session.data.models
        models = [
            Option(name, f"{info.title} (control)" if info.control else info.title) for name, info in infos.items()
        ]
        methods = [Option(name, label, title=title) for name, (label, title) in METHODS.items()]
        kept = [name for name in self.session.anchor_sets if name in self.session.data.atlas.anchor_sets()]
        anchors = [Option(name, name, title=f"{len(self.session.anchor_sets[name])} anchors") for name in kept]
        found = [
            BarChoice("stitch_source", "Translate", view.stitch_source, kind="menu", options=models),
            BarChoice("stitch_target", "into", view.stitch_target, kind="menu", options=models),
            BarChoice("stitch_method", "by", view.stitch_method, kind="menu", options=methods),
        ]
        if view.stitch_method not in DIRECT:
            found.append(BarChoice("stitch_anchors", "Anchors", view.stitch_anchors, kind="menu", options=anchors))
        return [*found, colour_choice(self.session)]

    # what is seen

    def sentence(self) -> tuple[str, str]:
        return "One model read as another.", stitched(self.view.stitch_method)

    def table(self) -> TableColours | None:
        errors = self.errors_by_element()
        if not errors:
            return None
        colouring = by_element_value(
            self.session.data.numbers, errors, "Error of the translation", dark=bool(self.view.dark)
        )
        return TableColours(colouring, {z: f"error of the translation: {error:.2f}" for z, error in errors.items()})

    def refresh(self, changed: frozenset[str] = frozenset()) -> None:
        if self.view.stitch_source == self.view.stitch_target:
            self._show_nothing(
                f"Source and target are both {self._title('source')}. Choose another model to translate into."
            )
            return
        try:
            drawn = self._picture()
        except PlatonicError as error:
            self._show_nothing(error.happened + " " + error.next_step)
            return
        if drawn is None:
            self._draw_nothing(
                "Translating …", keep=self._drawn_pair == (self.view.stitch_source, self.view.stitch_target)
            )
        else:
            self._show(*drawn)
        self._show_scores()

    def _title(self, which: str) -> str:
        name = getattr(self.view, f"stitch_{which}")
        return self.session.data.models[name].title if name in self.session.data.models else name

    def _picture(self) -> tuple[Picture, IntArray] | None:
        view, data = self.view, self.session.data
        anchors = None if view.stitch_method in DIRECT else view.stitch_anchors
        digest = data.atlas.anchors_digest(anchors) if anchors else ""
        wanted = Stitched(view.stitch_source, view.stitch_target, view.stitch_method, anchors, digest)
        if error := self.session.later.error(wanted):
            raise error
        return self.session.later.value(data, wanted)

    def _show(self, drawn: Picture, sites: IntArray) -> None:
        view, maps = self.view, self.maps
        if self._drawn is not drawn:
            self._drawn, self._drawn_pair = drawn, (view.stitch_source, view.stitch_target)
            maps.param.update(places=place_bytes(drawn.source, drawn.translated, drawn.target), sites=site_bytes(sites))
        maps.param.update(
            colours=colour_bytes(self.session.colouring().rgb[sites]), chosen=chosen_bytes(view.selected[sites])
        )
        longest = np.argsort(np.where(drawn.test, -drawn.length, np.inf))[: min(LINES, int(drawn.test.sum()))]
        lines = [
            Line(int(sites[i]), site_words(self.session.data, int(sites[i])), float(drawn.length[i])) for i in longest
        ]
        maps.data = view_data(
            source=self._title("source"), target=self._title("target"), lines=lines, atom=view.atom, words=self._words(),
            note=LONGEST[view.stitch_method in UNFITTED], hovered=self._hovered,
        )  # fmt: skip

    def _hover(self, site: int | None) -> None:
        """Name the atom that the pointer rests on."""
        known = site is not None and 0 <= site < self.session.data.n_sites
        self._hovered = {"site": site, "words": site_words(self.session.data, site)} if known else None  # type: ignore[arg-type]
        self.maps.data = self.maps.data | {"hovered": self._hovered}

    def _words(self) -> str:
        source, target = self._title("source"), self._title("target")
        if self.view.stitch_method in (*DIRECT, "anchors"):
            return f"{source} translated, on the axes of {target}"
        return f"{source} beside {target} in the space of their cosines to the anchors"

    def _draw_nothing(self, reason: str, *, keep: bool = False) -> None:
        """`keep` the dots that are drawn, beneath the reason: they are of the same two models."""
        if not keep:
            self._drawn = self._drawn_pair = None
            self.maps.param.update(places=b"", colours=b"", chosen=b"", sites=b"")
        self.maps.data = view_data(source=self._title("source"), target=self._title("target"), reason=reason)

    def _show_nothing(self, reason: str) -> None:
        self._draw_nothing(reason)
        self.scores.data = score_data(title="Scores", reason=reason)

    # scores

    @property
    def _key(self) -> tuple[str, str, str, str]:
        anchors = "" if self.view.stitch_method in DIRECT else self.view.stitch_anchors
        return (self.view.stitch_source, self.view.stitch_target, self.view.stitch_method, anchors)

    def _show_scores(self) -> None:
        study = self._studies.get(self._key) or self._stored()
        title = f"{self._title('source')} → {self._title('target')}"
        always: dict[str, Any] = {
            "progress": self.progress,
            "pairs": self.pairs.data(),
            "bench": self.arithmetic.data(),
        }
        if study is None:
            note = self.problem or f"{SHOWN[self.view.stitch_method in UNFITTED]}, and every control beside them."
            self.scores.data = score_data(title=title, note=note, offer=self._offer(), **always)
        else:
            formulas = self.session.data.formulas
            self.scores.data = score_data(
                title=title, charts=charts(study, self._title("source"), self._model_title), facts=facts(study),
                worst=self._worst(study), note=self._note(study), curve=written(study.curve), offer=self._offer(),
                energies=energies_shown(study, formulas, self._title("source"), self._title("target")), **always,
            )  # fmt: skip

    def _offer(self) -> Offer | None:
        """Where the target has no readout on atoms: the readout of the cosines, learned on the source."""
        if self.view.stitch_method in RELATIVE or self.session.data.site_energy(self.view.stitch_target) is not None:
            return None
        if self.session.data.site_energy(self.view.stitch_source) is None:
            return None
        label, title = METHODS["relative-ridge"]
        reason = f"{self._title('target')} has no energies of single atoms; a relative readout may give some, which the scores judge."
        return Offer("relative-ridge", label, title, reason)

    def _model_title(self, name: str) -> str:
        return self.session.data.models[name].title if name in self.session.data.models else name.capitalize()

    def _stored(self) -> Stitch | None:
        found = kept_stitch(self.session.data.atlas, *self._key) if self.session.data.keeps else None
        if found is not None:
            self._studies[self._key] = found
        return found

    def _note(self, study: Stitch) -> str:
        """Why there are no energies, and which structures are left out."""
        crystals = sorted({self._crystal(i) for i in study.left_out})
        out = f"Left out, because a model throws an atom of theirs far off: {', '.join(crystals)}." if crystals else ""
        return " ".join(filter(None, [energy_note(study), out]))

    def _worst(self, study: Stitch) -> list[WorstStructure]:
        return [WorstStructure(w.structure, self._crystal(w.structure), w.error) for w in (study.worst or ())[:8]]

    def _crystal(self, structure: int) -> str:
        return crystal_words(self.session.data, structure)

    def errors_by_element(self) -> dict[int, float]:
        """Atomic number -> error of the translation, once it is scored; for the periodic table."""
        study = self._studies.get(self._key)
        return {} if study is None else dict(study.elements or {})

    # what is asked

    def _other_stitch(self) -> None:
        """Another pair or method: what was asked for before is not wanted any more."""
        self.cancel()
        self.problem = ""

    def _map_heard(self, intent: dict[str, Any]) -> None:
        if intent.get("kind") == "hover":
            self._hover(None if intent.get("site") is None else int(intent["site"]))
        elif intent.get("kind") == "site" and 0 <= int(intent["site"]) < self.session.data.n_sites:
            self.view.atom = int(intent["site"])

    def _score_heard(self, intent: dict[str, Any]) -> None:
        kind = intent.get("kind")
        if kind == "score":
            self.score()
        elif kind == "cancel":
            self.cancel()
            self.refresh()
        elif kind == "pairs":
            self.pairs.ask()
        elif kind == "pairs_cancel":
            self.pairs.cancel()
        elif kind == "method" and intent.get("method") in METHODS:
            self.view.stitch_method = str(intent["method"])
        elif kind == "site":
            self._map_heard(intent)
        elif str(kind).startswith("bench"):
            self.arithmetic.heard(intent)
        elif kind == "pair" and {intent.get("source"), intent.get("target")} <= set(self.session.data.models):
            self.view.param.update(
                stitch_source=intent["source"], stitch_target=intent["target"], stitch_method="ridge"
            )
        elif kind == "structure":
            self._open(int(intent["structure"]))

    def _open(self, structure: int) -> None:
        """Select the atoms of a crystal and draw it, the first of them marked."""
        atoms = self.session.data.structure == structure
        if atoms.any():
            self.view.select(atoms)
            self.view.atom = int(np.flatnonzero(atoms)[0])

    def score(self) -> None:
        """Score in a process beside the server."""
        if self.task is not None:
            return
        source, target, method, anchors = self._key
        data = self.session.data
        started = self.work.start(
            "platonic_atlas.engine.verbs.stitch:stitch_at", path=data.atlas.path, source=source, target=target, method=method,
            anchors=anchors or None, keep=data.keeps,
        )  # fmt: skip
        self.problem, self.progress = ("", Progress("Starting", 0.0)) if started else (BUSY, None)
        self._show_scores()

    def poll(self) -> None:
        """Take up what the task reports."""
        if (report := self.work.report()) is None:
            return
        with hold():
            if report.done:
                key, self.progress = self._key, None
                if report.error is not None:
                    self.problem = f"{report.error.happened} {report.error.next_step}"
                elif report.result is not None:
                    self._studies[key] = report.result
                self.session.later.arrived()
            else:
                words = "Scoring the controls" if "controls" in report.what else "Scoring"
                self.progress = Progress(words, report.fraction)
                self._show_scores()

    def cancel(self) -> None:
        """Stop what is under way, if anything is."""
        if self.work.cancel():
            self.progress = None


def stitched(method: str) -> str:
    """What the maps of a stitch show, by its method."""
    if method in DIRECT:
        return "A map is fitted on four fifths of the crystals; every atom is shown, the longest lines are of the other fifth."
    if method in RELATIVE:
        return (
            "An energy readout of the cosines to the anchors is learned on the source and used on the target as it is; "
            "the right map shows these cosines."
        )
    return "Nothing is fitted: the anchors, the same atoms in both models, lead from one to the other. Every atom is shown."
