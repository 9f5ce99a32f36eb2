"""What a stitch is worth, beside what the same protocol gives where there is nothing to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle
from platonic_atlas.dashboard.work.progress import Progress


class ScorePanel(Component):
    """Intents: score (compute the scores), cancel, structure {structure}, method {method}; pairs (compute all),
    pairs_cancel, pair {source, target}; of the bench for arithmetic: bench, bench_close, bench_example, bench_site
    {slot, site}, bench_current {slot}, bench_text {slot, text}, bench_model {which, name}, bench_table, bench_cancel,
    site {site}."""

    _esm = bundle("score_panel.js")
    _stylesheets = styles("score_panel")

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", **params})


@dataclass(frozen=True)
class ScoreBar:
    """One value of a score, None where nothing was left to explain.

    range : over the splits ; interval : 95 %, by the choice of structures
    """

    label: str
    value: float | None
    range: Sequence[float | None] | None = None
    interval: Sequence[float | None] | None = None
    control: bool = False


@dataclass(frozen=True)
class ScoreChart:
    """A score of the stitch and of its controls, and in words what it says."""

    name: str
    title: str
    words: str
    bars: Sequence[ScoreBar]
    unit: str = ""


@dataclass(frozen=True)
class Offer:
    """Another method that gives what this one cannot, and why it does not."""

    method: str
    label: str
    title: str
    reason: str


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
    energies: Mapping[str, Any] | None = None,
    bench: Mapping[str, Any] | None = None,
    offer: Offer | None = None,
) -> dict[str, Any]:
    """What the panel shows.

    reason : why there are no scores ; facts : words and values ; pairs : what is known of all models against all ;
    curve : the score over what the fit is given ; energies : crystal by crystal ; bench : for arithmetic
    """
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
        "energies": dict(energies or {}),
        "bench": dict(bench or {}),
        "offer": None if offer is None else asdict(offer),
    }
