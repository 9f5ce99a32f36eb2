"""What anchors do, for print: agreement beside the controls, what all share beside chance, and what else was measured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from platonic_atlas.dashboard.plots.anchor_marks import HARMS, HELPS
from platonic_atlas.dashboard.plots.figure import PAPER, write_caption, written
from platonic_atlas.engine.anchors.curve import Curve
from platonic_atlas.engine.anchors.redundancy import Redundancy
from platonic_atlas.engine.studies.anchor_printed import AnchorPart
from platonic_atlas.engine.types import FloatArray

CONTROL = "#7c838d"
MOST_NAMED = 24  # anchors of largest influence, either way, that a picture names
STROKES = {"all_sites": ("--", "rows shuffled over all sites"), "within_elements": (":", "within elements")}
WIDE, ALONE, HEIGHT = 3.6, 6.4, 3.9  # inches: of a part among others, of one by itself, and how high they are


@dataclass(frozen=True)
class Measured:
    """What a picture shows.

    agreement : title -> (2,), the trained models first ; controls : which of them are controls
    shared : (n,) λ ; chance : how rows were shuffled -> (n,) ; redundancy : title -> of the anchors in that model
    influence : anchor in words -> change of the mean agreement, empty where it was not measured
    curve, mean : random sets, and the mean agreement (trained models) of the set in use, of `number` anchors
    name, beside : of the set, and the same of another set
    """

    agreement: Mapping[str, FloatArray]
    controls: Sequence[str]
    shared: FloatArray
    chance: Mapping[str, FloatArray]
    redundancy: Mapping[str, Redundancy]
    influence: Mapping[str, float]
    curve: Curve | None
    mean: float
    number: int
    name: str = ""
    beside: Measured | None = None

    def parts(self) -> tuple[AnchorPart, ...]:
        """Of what there is a picture."""
        there = {
            AnchorPart.AGREEMENT: True, AnchorPart.SHARED: True, AnchorPart.REDUNDANCY: bool(self.redundancy),
            AnchorPart.CURVE: self.curve is not None, AnchorPart.INFLUENCE: bool(self.influence),
        }  # fmt: skip
        return tuple(part for part, is_there in there.items() if is_there)


@dataclass(frozen=True)
class _Ink:
    """Colours of a picture on light or dark paper."""

    dark: bool

    @property
    def text(self) -> str:
        return PAPER[self.dark][1]

    @property
    def own(self) -> str:
        return HELPS[self.dark]

    @property
    def other(self) -> str:
        return HARMS[self.dark]


def laboratory_figure(
    measured: Measured, *, caption: str, parts: Collection[AnchorPart] | None = None, dark: bool = False,
    format: str = "png",
) -> bytes:  # fmt: skip
    """Side by side, as far as they were measured: agreement, λ, redundancy, random sets, the anchors of largest influence.

    parts : which of them, all where None
    """
    from matplotlib.figure import Figure

    ink = _Ink(dark)
    shown = [part for part in measured.parts() if parts is None or part in parts]
    width = ALONE if len(shown) == 1 else WIDE * len(shown)
    drawn = Figure(figsize=(width, HEIGHT), dpi=200, facecolor=PAPER[dark][0])
    for position, part in enumerate(shown):
        left = (position + (0.14 if part in (AnchorPart.SHARED, AnchorPart.CURVE) else 0.34)) / len(shown)
        axes = drawn.add_axes((left, 0.27, (position + 0.95) / len(shown) - left, 0.62))
        axes.set_facecolor(PAPER[dark][0])
        _DRAWN[part](axes, measured, ink)
        axes.tick_params(colors=ink.text, labelsize=6)
        for spine in axes.spines.values():
            spine.set(color=ink.text, alpha=0.3, linewidth=0.6)
    write_caption(drawn, caption, ink.text)
    return written(drawn, format, PAPER[dark][0])


def _title(axes: Any, text: str, ink: _Ink) -> None:
    axes.set_title(text, fontsize=7.5, color=ink.text, loc="left", fontweight="bold")


def _legend(axes: Any, ink: _Ink) -> None:
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=5.5, frameon=False, labelcolor=ink.text, loc="best")


def _colours(measured: Measured, names: Sequence[str], ink: _Ink) -> list[str]:
    return [CONTROL if name in measured.controls else ink.own for name in names]


def _agreement(axes: Any, measured: Measured, ink: _Ink) -> None:
    names, other = list(measured.agreement), measured.beside
    for axis, (shift, alpha) in enumerate(((-0.2, 1.0), (0.2, 0.6))):
        at, values = np.arange(len(names)) + shift, [np.nan_to_num(measured.agreement[name][axis]) for name in names]
        axes.barh(at, values, 0.36, color=_colours(measured, names, ink), alpha=alpha)
        if other is not None:
            theirs = [other.agreement[name][axis] if name in other.agreement else np.nan for name in names]
            axes.plot(theirs, at, "|", color=ink.other, ms=5, mew=1.4, label="" if axis else other.name)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.axvline(0, color=ink.text, linewidth=0.6)
    axes.set_xlim(min(0.0, *(float(np.nanmin([0, *values])) for values in measured.agreement.values())), 1)
    _legend(axes, ink)
    _title(axes, "Agreement (both axes)", ink)


def _shared(axes: Any, measured: Measured, ink: _Ink) -> None:
    at, other = np.arange(1, len(measured.shared) + 1), measured.beside
    axes.bar(at, measured.shared, 0.7, color=ink.own)
    for name, values in measured.chance.items():
        style, words = STROKES[name]
        axes.step(np.r_[at[: len(values)], len(values) + 1] - 0.5, np.r_[values, values[-1]], where="post",
                  color=ink.text, linewidth=1, linestyle=style, label=words)  # fmt: skip
    if other is not None:
        axes.hlines(other.shared, np.arange(len(other.shared)) + 0.6, np.arange(len(other.shared)) + 1.4,
                    color=ink.other, linewidth=1.4, label=other.name)  # fmt: skip
    _legend(axes, ink)
    axes.set_xticks(at)
    axes.set_ylim(0, 1)
    _title(axes, "What all share (λ), by axis", ink)


def _redundancy(axes: Any, measured: Measured, ink: _Ink) -> None:
    names, other = list(measured.redundancy), measured.beside
    at, said = np.arange(len(names)), [measured.redundancy[name] for name in names]
    axes.barh(at, [each.effective_rank for each in said], 0.6, color=_colours(measured, names, ink))
    axes.plot([each.n_features for each in said], at, ".", color=ink.text, ms=4, label="features of the model")
    if other is not None:
        theirs = [other.redundancy[name].effective_rank if name in other.redundancy else np.nan for name in names]
        axes.plot(theirs, at, "|", color=ink.other, ms=8, mew=1.4, label=f"{other.name} ({other.number})")
    axes.axvline(measured.number, color=ink.text, linewidth=0.8, linestyle="--", label=f"{measured.number} anchors")
    axes.set_yticks(at, names)
    axes.invert_yaxis()
    _legend(axes, ink)
    _title(axes, "Effective rank of the anchors", ink)


def _curve(axes: Any, measured: Measured, ink: _Ink) -> None:
    assert measured.curve is not None
    for middle, band, colour in zip(measured.curve.median(), measured.curve.band(), (ink.own, CONTROL), strict=True):
        axes.plot(measured.curve.counts, middle, color=colour, linewidth=1.2)
        axes.fill_between(measured.curve.counts, band[0], band[1], color=colour, alpha=0.2, linewidth=0)
    axes.plot([measured.number], [measured.mean], "o", mfc="none", mec=ink.text, ms=5)
    if measured.beside is not None:
        axes.plot([measured.beside.number], [measured.beside.mean], "o", mfc="none", mec=ink.other, ms=5,
                  label=measured.beside.name)  # fmt: skip
    axes.set_xscale("log")
    apart = [n for n in measured.curve.counts[:-1] if n < 0.7 * measured.curve.counts[-1]]
    ticks = [*apart, measured.curve.counts[-1]]
    axes.set_xticks(ticks, [str(n) for n in ticks])
    axes.minorticks_off()
    axes.set_ylim(0, 1)
    _legend(axes, ink)
    _title(axes, "Random sets of so many anchors", ink)


def _influence(axes: Any, measured: Measured, ink: _Ink) -> None:
    from matplotlib.ticker import MaxNLocator

    largest = sorted(measured.influence.items(), key=lambda each: -abs(each[1]))[:MOST_NAMED]
    named = sorted(largest, key=lambda each: -each[1])
    values = [value for _, value in named]
    axes.barh(range(len(named)), values, 0.7, color=[ink.other if value < 0 else ink.own for value in values])
    axes.set_yticks(range(len(named)), [name for name, _ in named])
    axes.invert_yaxis()
    axes.axvline(0, color=ink.text, linewidth=0.6)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    _title(axes, "Influence on agreement", ink)


_DRAWN: Mapping[AnchorPart, Callable[[Any, Measured, _Ink], None]] = {
    AnchorPart.AGREEMENT: _agreement, AnchorPart.SHARED: _shared, AnchorPart.REDUNDANCY: _redundancy,
    AnchorPart.CURVE: _curve, AnchorPart.INFLUENCE: _influence,
}  # fmt: skip
