"""The anchor picker: strategy, number, seed, reference, by hand, named sets, and how well a set covers the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from platonic_atlas.dashboard.components.choice_bar import Option
from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.engine.types import FloatArray

FEWEST, MOST = 5, 1000
BINS = 40
STRATEGIES = (
    Option("direct", "DIRECT", title="clusters of the reference's features, one site from each"),
    Option("farthest", "Farthest points", title="each next anchor is the farthest from those before"),
    Option("kmeans", "k-means", title="the sites nearest to the centres of clusters"),
    Option("element", "Element medoids", title="the most central site of each element"),
    Option("random", "Random", title="drawn with the seed"),
    Option("hand", "By hand", title="tap atoms on the maps, or take the selection"),
)


class AnchorPanel(Component):
    """Intents: strategy {value}, number {value, live}, seed {value}, reference {value}, use_selection, paste {text},
    keep {name}, forget {name}, choose_set {name}, cancel; of the laboratory measure {value}, examine {what}, stop,
    point {site}, beside {value}, map_of {value}."""

    _esm = bundle("anchor_panel.js")
    _stylesheets = styles("anchor_panel")

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", **params})


@dataclass(frozen=True)
class AnchorSet:
    """A set that one can go back to; `kept` ones were named by a visitor, the others came with the atlas."""

    name: str
    number: int
    note: str = ""
    kept: bool = False


def anchor_data(
    *,
    strategy: str,
    number: int,
    seed: int,
    reference: str,
    references: Sequence[Option],
    sets: Sequence[AnchorSet],
    current: str,
    n_selected: int = 0,
    largest: int = MOST,
    coverage: dict[str, Any] | None = None,
    progress: Progress | None = None,
    message: str = "",
    strategies: Sequence[Option] = STRATEGIES,
    laboratory: dict[str, Any] | None = None,
    measuring: bool = False,
) -> dict[str, Any]:
    """What the picker shows; `coverage` comes from `coverage_data`, `message` says what was wrong with an input.

    laboratory : what the anchors do (`pages.anchors.laboratory`), None where there is nothing to measure ; measuring :
    whether somebody looks at it
    """
    return {
        "strategy": strategy,
        "strategies": [asdict(option) for option in strategies],
        "number": number,
        "fewest": FEWEST,
        "most": min(MOST, max(FEWEST, largest)),
        "seed": seed,
        "reference": reference,
        "references": [asdict(option) for option in references],
        "sets": [asdict(each) for each in sets],
        "current": current,
        "n_selected": n_selected,
        "coverage": coverage,
        "progress": None if progress is None else asdict(progress),
        "message": message,
        "laboratory": laboratory,
        "measuring": measuring,
    }


def coverage_data(distance: FloatArray, *, reference: str, bins: int = BINS) -> dict[str, Any]:
    """Histogram, mean and largest distance to the nearest anchor.

    distance : (n_sites,) in the units of the representation, NaN where the reference has no embedding
    """
    known = distance[np.isfinite(distance)]
    if not len(known):
        return {"counts": [], "low": 0.0, "high": 0.0, "mean": None, "max": None, "n": 0, "reference": reference}
    high = float(known.max())
    counts, _ = np.histogram(known, bins=bins, range=(0.0, high if high > 0 else 1.0))
    return {
        "counts": counts.tolist(),
        "low": 0.0,
        "high": high,
        "mean": float(known.mean(dtype=np.float64)),
        "max": high,
        "n": len(known),
        "reference": reference,
    }
