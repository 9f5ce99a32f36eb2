"""The page Stitching: one model translated into another, and what that is worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.dashboard.colourings.palettes import by_element_value
from platonic_atlas.dashboard.components.choice_bar import Choice as BarChoice
from platonic_atlas.dashboard.components.score_panel import Offer, ScorePanel, WorstStructure, score_data
from platonic_atlas.dashboard.components.stitch_view import (
    StitchView,
)
from platonic_atlas.dashboard.pages.base import Desk, Page, TableColours
from platonic_atlas.dashboard.pages.stitching.all_pairs import PairsShown
from platonic_atlas.dashboard.pages.stitching.analogies import Arithmetic
from platonic_atlas.dashboard.pages.stitching.choices import CHOICES, METHODS, PAGE, UNFITTED, groups, stitched
from platonic_atlas.dashboard.pages.stitching.pair import StitchMaps
from platonic_atlas.dashboard.pages.stitching.scores import charts, energies_shown, energy_note, facts
from platonic_atlas.dashboard.selection.summary import crystal_words
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.state.choices import Part, parts_of
from platonic_atlas.dashboard.work.door import BUSY
from platonic_atlas.dashboard.work.followed import Followed
from platonic_atlas.dashboard.work.process import Task
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.dashboard.work.together import together
from platonic_atlas.engine.errors import PlatonicError
from platonic_atlas.engine.stitching.methods import DIRECT, RELATIVE
from platonic_atlas.engine.studies.record import Stitch
from platonic_atlas.engine.studies.stitches import kept_stitch
from platonic_atlas.engine.studies.written import written

LINES = 40
SHOWN = {
    False: "The map shows one fit. The scores take ten, each on other structures",
    True: "The method fits nothing. The scores look at ten draws of structures",
}


class Stitching(Page):
    """Keeps the two maps, the scores and the bar's choices in step with the view."""

    name, title = PAGE, "Stitching"
    choices = CHOICES

    def __init__(self, session: Session, desk: Desk) -> None:
        super().__init__(session, desk)
        self.maps, self.scores = StitchView(), ScorePanel()
        self.work = Followed(self.poll)
        self.progress: Progress | None = None
        self.problem = ""
        self.pairs = PairsShown(session, lambda: self._show_scores())
        self.arithmetic = Arithmetic(session, lambda: self._show_scores())
        self._studies: dict[tuple[str, str, str, str], Stitch] = {}
        self.pair = StitchMaps(session, self.maps)
        self.begin()
        self.maps.param.watch(lambda event: self._map_heard(event.new), "intent")
        self.scores.param.watch(lambda event: self._score_heard(event.new), "intent")
        self.view.param.watch(lambda *_: self._other_stitch(), [row.name for row in CHOICES])

    @property
    def main(self) -> StitchView:
        return self.maps

    @property
    def dock(self) -> ScorePanel:
        return self.scores

    @property
    def task(self) -> Task | None:
        return self.work.task

    def begin(self) -> None:
        """The first two models that are shown, where the address names none."""
        view, names = self.view, [*self.view.models, *self.session.data.models]
        source = view.stitch_source or next(iter(names), "")
        target = view.stitch_target or next((name for name in names if name != source), "")
        anchors = view.stitch_anchors or self.session.default_set()
        view.param.update(stitch_source=source, stitch_target=target, stitch_anchors=anchors)

    def bar(self) -> list[BarChoice]:
        return groups(self.session)

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
        own = {row.name for row in CHOICES}
        if not changed or changed & {"page", *own}:
            self._refresh_all()
        elif changed & {"atom"} or parts_of(changed) & {Part.MAPS, Part.SELECTION}:
            self._draw()

    def _refresh_all(self) -> None:
        if self._draw():
            self._show_scores()

    def _draw(self) -> bool:
        """The two maps; False where there is nothing to draw and nothing to score."""
        if self.view.stitch_source == self.view.stitch_target:
            self._show_nothing(
                f"Source and target are both {self.pair.title('source')}. Choose another model to translate into."
            )
            return False
        try:
            self.pair.draw()
        except PlatonicError as error:
            self._show_nothing(error.happened + " " + error.next_step)
            return False
        return True

    def _show_nothing(self, reason: str) -> None:
        self.pair.draw_nothing(reason)
        self.scores.data = score_data(title="Scores", reason=reason)

    # scores

    @property
    def _key(self) -> tuple[str, str, str, str]:
        anchors = "" if self.view.stitch_method in DIRECT else self.view.stitch_anchors
        return (self.view.stitch_source, self.view.stitch_target, self.view.stitch_method, anchors)

    def _show_scores(self) -> None:
        study = self._studies.get(self._key) or self._stored()
        title = f"{self.pair.title('source')} → {self.pair.title('target')}"
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
                title=title, charts=charts(study, self.pair.title("source"), self._model_title), facts=facts(study),
                worst=self._worst(study), note=self._note(study), curve=written(study.curve), offer=self._offer(),
                energies=energies_shown(
                    study, formulas, self.pair.title("source"), self.pair.title("target"),
                    ", ".join(self.session.data.atlas.energy_keys()),
                ), **always,
            )  # fmt: skip

    def _offer(self) -> Offer | None:
        """Where the target has no readout on atoms: the readout of the cosines, learned on the source."""
        if self.view.stitch_method in RELATIVE or self.session.data.site_energy(self.view.stitch_target) is not None:
            return None
        if self.session.data.site_energy(self.view.stitch_source) is None:
            return None
        label, title = METHODS["relative-ridge"]
        reason = f"{self.pair.title('target')} has no energies of single atoms; a relative readout may give some, which the scores judge."
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
            self.pair.hover(None if intent.get("site") is None else int(intent["site"]))
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
            "platonic_atlas.engine.verbs.stitch:stitch", atlas=data.atlas.path, source=source, target=target, method=method,
            anchors=anchors or None, keep=data.keeps,
        )  # fmt: skip
        self.problem, self.progress = ("", Progress("Starting", 0.0)) if started else (BUSY, None)
        self._show_scores()

    def poll(self) -> None:
        """Take up what the task reports."""
        if (report := self.work.report()) is None:
            return
        with together():
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
