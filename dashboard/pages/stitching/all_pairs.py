"""All models against all: computed on request beside the server, shown as a ladder and a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from platonic_atlas.dashboard.selection.summary import crystal_words
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.work.whole import Once, Whole
from platonic_atlas.engine.stitching.matrix import Reversal
from platonic_atlas.engine.studies.all_pairs import kept_pairs
from platonic_atlas.engine.studies.record import AllPairs
from platonic_atlas.engine.studies.written import written

PAIRS = Whole("All pairs", "platonic_atlas.engine.verbs.stitch_all:stitch_all", kept_pairs)
RUNGS = {
    "itself": "Itself",
    "same family": "Same family",
    "other family": "Across families",
    "control": "From a control",
}


class PairsShown(Once[AllPairs]):
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
            "names": list(found.models),
            "titles": [infos[name].title for name in found.models],
            "controls": list(found.controls),
            "scores": written(found.scores),
            "reasons": [f"{infos[name].title}: {why.detail}" for name, why in (found.no_energies or {}).items()],
            "ladder": [{**vars(rung), "label": RUNGS[rung.name]} for rung in found.ladder],
            "reversals": [self._words(each) for each in found.reversals],
            "left_out": sorted({crystal_words(self.source, i) for i in found.left_out}),
            "sites": found.sites,
        }

    def _words(self, each: Reversal) -> str:
        infos = self.source.models
        trained = f"{infos[each.trained].title} {_over_splits(each.trained_mean, each.trained_range)}"
        control = f"{infos[each.control].title} {_over_splits(each.control_mean, each.control_range)}"
        return f"Into {infos[each.target].title}: {control} beats {trained}."


def _over_splits(mean: float, span: tuple[float, float]) -> str:
    return f"{mean:.2f} ({span[0]:.2f} to {span[1]:.2f})"
