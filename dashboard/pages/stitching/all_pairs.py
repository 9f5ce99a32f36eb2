"""All models against all: computed on request beside the server, shown as a ladder and a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from platonic_atlas.dashboard.selection.summary import crystal_words
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.work.whole import Once, Whole
from platonic_atlas.engine.verbs.stitch_all import kept_pairs

PAIRS = Whole("All pairs", "platonic_atlas.engine.verbs.stitch_all:stitch_all_at", kept_pairs)
RUNGS = {
    "itself": "Itself",
    "same family": "Same family",
    "other family": "Across families",
    "control": "From a control",
}


class AllPairs(Once):
    """What is known of all pairs of models."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session.data, PAIRS, changed)

    def data(self) -> dict[str, Any]:
        """For the panel: progress or a problem in words, else the ladder and the matrix."""
        found, infos = self.found(), self.source.models
        shown: dict[str, Any] = {
            "progress": None if self.progress is None else vars(self.progress),
            "problem": self.problem,
        }
        if found is None:
            return shown
        return shown | {
            "names": found["models"],
            "titles": [infos[name].title for name in found["models"]],
            "controls": found["controls"],
            "scores": found["scores"],
            "reasons": [f"{infos[name].title}: {reason}" for name, reason in found.get("reasons", {}).items()],
            "ladder": [{**rung, "label": RUNGS[rung["name"]]} for rung in found["ladder"]],
            "reversals": [self._words(each) for each in found["reversals"]],
            "left_out": sorted({crystal_words(self.source, i) for i in found["left_out"]}),
            "sites": found["sites"],
        }

    def _words(self, each: dict[str, Any]) -> str:
        infos = self.source.models
        trained, control = (f"{infos[each[kind]].title} {each[f'{kind}_mean']:.2f} ({each[f'{kind}_range'][0]:.2f} to {each[f'{kind}_range'][1]:.2f})"
                            for kind in ("trained", "control"))  # fmt: skip
        return f"Into {infos[each['target']].title}: {control} beats {trained}."
