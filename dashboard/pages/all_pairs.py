"""All models against all: computed on request beside the server, shown as a ladder and a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.components.anchor_panel import Progress
from dashboard.session import Session
from dashboard.tasks import BUSY, Followed
from engine.pairs import kept_pairs

SHOWN = "all pairs"  # where the server keeps them for every session
RUNGS = {"itself": "Itself", "same family": "Same family", "other family": "Across families", "control": "From a control"}


class AllPairs:
    """What is known of all pairs of models; `changed` is called when more is."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.session, self._changed = session, changed
        self.work = Followed(self.poll)
        self.progress: Progress | None = None
        self.problem = ""

    def found(self) -> dict[str, Any] | None:
        """Computed by any session of this server, kept with the atlas, or shipped beside it."""
        data = self.session.data
        held: dict[str, Any] | None = data.held(SHOWN)
        if held is None and (kept := kept_pairs(data.atlas)) is not None:
            held = data.keep(SHOWN, lambda: kept)
        return held

    def data(self) -> dict[str, Any]:
        """For the panel: progress or a problem in words, else the ladder and the matrix."""
        found, infos = self.found(), self.session.data.models
        shown: dict[str, Any] = {"progress": None if self.progress is None else vars(self.progress), "problem": self.problem}
        if found is None:
            return shown
        formulas = self.session.data.formulas
        return shown | {
            "names": found["models"],
            "titles": [infos[name].title for name in found["models"]],
            "controls": found["controls"],
            "scores": found["scores"],
            "reasons": [f"{infos[name].title}: {reason}" for name, reason in found.get("reasons", {}).items()],
            "ladder": [{**rung, "label": RUNGS[rung["name"]]} for rung in found["ladder"]],
            "reversals": [self._words(each) for each in found["reversals"]],
            "left_out": sorted({str(formulas[i]) for i in found["left_out"]}),
            "sites": found["sites"],
        }

    def _words(self, each: dict[str, Any]) -> str:
        infos = self.session.data.models
        trained, control = (f"{infos[each[kind]].title} {each[f'{kind}_mean']:.2f} ({each[f'{kind}_range'][0]:.2f} to {each[f'{kind}_range'][1]:.2f})"
                            for kind in ("trained", "control"))  # fmt: skip
        return f"Into {infos[each['target']].title}: {control} beats {trained}."

    def ask(self) -> None:
        if self.work.task is not None or self.found() is not None:
            return
        data = self.session.data
        started = self.work.start("engine.pairs:stitch_all_at", path=data.atlas.path, keep=data.keeps)
        self.problem, self.progress = ("", Progress("All pairs", 0.0)) if started else (BUSY, None)
        self._changed()

    def poll(self) -> None:
        if (report := self.work.report()) is None:
            return
        self.progress = None if report.done else Progress("All pairs", report.fraction)
        if report.done and report.error is not None:
            self.problem = f"{report.error.happened} {report.error.next_step}"
        elif report.done and report.result:
            result = dict(report.result)
            self.session.data.keep(SHOWN, lambda: result)
        self._changed()

    def cancel(self) -> None:
        if self.work.cancel():
            self.progress = None
            self._changed()
