"""What anchors do, for print: agreement beside the controls, what all share beside chance, and what else was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from platonic_atlas.dashboard.plots.figure import PAPER, write_caption, written
from platonic_atlas.engine.anchors.curve import Curve
from platonic_atlas.engine.types import FloatArray

OWN, CONTROL, HARM = "#0b6e99", "#7c838d", "#c0392b"
MOST_NAMED = 24  # anchors of largest influence, either way, that a picture names
STROKES = {"all_sites": ("--", "rows shuffled over all sites"), "within_elements": (":", "within elements")}


@dataclass(frozen=True)
class Measured:
    """What a picture shows.

    agreement : title -> (2,), the trained models first ; controls : which of them are controls
    shared : (n,) λ ; chance : how rows were shuffled -> (n,)
    influence : anchor in words -> change of the mean agreement, empty where it was not measured
    curve, mean : random sets, and the mean agreement (trained models) of the set in use, of `number` anchors
    """

    agreement: Mapping[str, FloatArray]
    controls: Sequence[str]
    shared: FloatArray
    chance: Mapping[str, FloatArray]
    influence: Mapping[str, float]
    curve: Curve | None
    mean: float
    number: int


def laboratory_figure(measured: Measured, *, caption: str, dark: bool = False, format: str = "png") -> bytes:
    """Side by side, as far as they were measured: agreement, λ, random sets, the anchors of largest influence."""
    from matplotlib.figure import Figure

    paper, ink = PAPER[dark]
    parts = [_agreement, _shared]
    parts += [_curve] if measured.curve is not None else []
    parts += [_influence] if measured.influence else []
    drawn = Figure(figsize=(3.6 * len(parts), 3.9), dpi=200, facecolor=paper)
    for position, part in enumerate(parts):
        left = (position + (0.34 if part in (_agreement, _influence) else 0.14)) / len(parts)
        axes = drawn.add_axes((left, 0.27, (position + 0.95) / len(parts) - left, 0.62))
        axes.set_facecolor(paper)
        part(axes, measured, ink)
        axes.tick_params(colors=ink, labelsize=6)
        for spine in axes.spines.values():
            spine.set(color=ink, alpha=0.3, linewidth=0.6)
    write_caption(drawn, caption, ink)
    return written(drawn, format, paper)


def _title(axes: Any, text: str, ink: str) -> None:
    axes.set_title(text, fontsize=7.5, color=ink, loc="left", fontweight="bold")


def _agreement(axes: Any, measured: Measured, ink: str) -> None:
    names = list(measured.agreement)
    for axis, (shift, alpha) in enumerate(((-0.2, 1.0), (0.2, 0.6))):
        values = [np.nan_to_num(measured.agreement[name][axis]) for name in names]
        colours = [CONTROL if name in measured.controls else OWN for name in names]
        axes.barh(np.arange(len(names)) + shift, values, 0.36, color=colours, alpha=alpha)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.axvline(0, color=ink, linewidth=0.6)
    axes.set_xlim(min(0.0, *(float(np.nanmin([0, *values])) for values in measured.agreement.values())), 1)
    _title(axes, "Agreement (both axes)", ink)


def _shared(axes: Any, measured: Measured, ink: str) -> None:
    at = np.arange(1, len(measured.shared) + 1)
    axes.bar(at, measured.shared, 0.7, color=OWN)
    for name, values in measured.chance.items():
        style, words = STROKES[name]
        axes.step(np.r_[at[: len(values)], len(values) + 1] - 0.5, np.r_[values, values[-1]], where="post", color=ink,
                  linewidth=1, linestyle=style, label=words)  # fmt: skip
    if measured.chance:
        axes.legend(fontsize=5.5, frameon=False, labelcolor=ink)
    axes.set_xticks(at)
    axes.set_ylim(0, 1)
    _title(axes, "What all share (λ)", ink)


def _curve(axes: Any, measured: Measured, ink: str) -> None:
    assert measured.curve is not None
    for middle, band, colour in zip(measured.curve.median(), measured.curve.band(), (OWN, CONTROL), strict=True):
        axes.plot(measured.curve.counts, middle, color=colour, linewidth=1.2)
        axes.fill_between(measured.curve.counts, band[0], band[1], color=colour, alpha=0.2, linewidth=0)
    axes.plot([measured.number], [measured.mean], "o", mfc="none", mec=ink, ms=5)
    axes.set_xscale("log")
    apart = [n for n in measured.curve.counts[:-1] if n < 0.7 * measured.curve.counts[-1]]
    ticks = [*apart, measured.curve.counts[-1]]
    axes.set_xticks(ticks, [str(n) for n in ticks])
    axes.minorticks_off()
    axes.set_ylim(0, 1)
    _title(axes, "Random sets of so many anchors", ink)


def _influence(axes: Any, measured: Measured, ink: str) -> None:
    from matplotlib.ticker import MaxNLocator

    largest = sorted(measured.influence.items(), key=lambda each: -abs(each[1]))[:MOST_NAMED]
    named = sorted(largest, key=lambda each: -each[1])
    values = [value for _, value in named]
    axes.barh(range(len(named)), values, 0.7, color=[HARM if value < 0 else OWN for value in values])
    axes.set_yticks(range(len(named)), [name for name, _ in named])
    axes.invert_yaxis()
    axes.axvline(0, color=ink, linewidth=0.6)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    _title(axes, "Influence on agreement", ink)
