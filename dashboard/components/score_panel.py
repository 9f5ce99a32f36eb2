"""What a stitch is worth, beside what the same protocol gives where there is nothing to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dashboard.components.anchor_panel import Progress
from dashboard.components.component import Component, script, styles


class ScorePanel(Component):
    """Intents: score (compute the scores), cancel, structure {structure}; pairs (compute all), pairs_cancel, pair
    {source, target}."""

    _esm = script("score_panel")
    _stylesheets = styles("score_panel")

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", **params})


@dataclass(frozen=True)
class ScoreBar:
    """One value of a score with its range over the splits; None where nothing was left to explain."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    control: bool = False


@dataclass(frozen=True)
class ScoreChart:
    """A score of the stitch and of its controls, and in words what it says."""

    title: str
    words: str
    bars: Sequence[ScoreBar]
    unit: str = ""


@dataclass(frozen=True)
class WorstStructure:
    """A structure that the fit never saw, by the mean error of its sites."""

    structure: int
    formula: str
    error: float


def score_data(
    *,
    title: str,
    charts: Sequence[ScoreChart] = (),
    facts: Sequence[tuple[str, str]] = (),
    worst: Sequence[WorstStructure] = (),
    note: str = "",
    reason: str = "",
    progress: Progress | None = None,
    pairs: Mapping[str, Any] | None = None,
    curve: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What the panel shows; `pairs` is what is known of all models against all, `curve` the score over what the fit is given, `reason` says why there are no scores, `facts` are words and values."""
    return {
        "title": title,
        "charts": [asdict(chart) for chart in charts],
        "facts": [list(fact) for fact in facts],
        "worst": [asdict(each) for each in worst],
        "note": note,
        "reason": reason,
        "progress": None if progress is None else asdict(progress),
        "pairs": dict(pairs or {}),
        "curve": dict(curve or {}),
    }
