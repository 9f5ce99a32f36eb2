"""Which colour an atom has: one place for maps, table, bars and exports.

Sequential scales are perceptually uniform and cut where they would vanish on the page (no yellow on white, no
black on black); categorical ones are safe for colour-vision deficiency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from platonic_atlas.engine import elements
from platonic_atlas.engine.types import FloatArray, IntArray

OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8a6d00", "#7a4fbf")
TOL_MUTED = ("#332288", "#88ccee", "#44aa99", "#117733", "#999933", "#cc6677", "#882255", "#aa4499")
BLOCKS = {"s": "#d55e00", "p": "#0072b2", "d": "#009e73", "f": "#cc79a7"}
F_BLOCK = {False: "#c2519c", True: "#e58ac4"}
GREY = {False: "#b4b8be", True: "#5d636b"}
# Ends of the colour maps that keep their contrast with the page
SPAN = {("viridis", False): (0.0, 0.88), ("viridis", True): (0.18, 1.0), ("cividis", False): (0.0, 0.9),
        ("cividis", True): (0.25, 1.0), ("inferno", False): (0.1, 0.82), ("inferno", True): (0.35, 0.97)}  # fmt: skip


@dataclass(frozen=True)
class Colouring:
    """Colours of all sites and what they mean.

    rgb : (n_sites, 3) float32, 0 … 255
    classes : (n_sites,) int, for majority pixels; -1 where unknown
    by_element : atomic number -> hex, for the periodic table; of a number the colour of its mean
    legend : {"kind": "classes", "entries": [(label, hex)]} or {"kind": "scale", "stops", "low", "high", "unit"}
    title : the words for it
    of_models : model -> (rgb, classes) where each map has colours of its own; `rgb` is then that of the consensus
    """

    rgb: FloatArray
    classes: IntArray
    by_element: dict[int, str]
    legend: dict[str, object]
    title: str = ""
    of_models: Mapping[str, tuple[FloatArray, IntArray]] = field(default_factory=dict)

    def of(self, model: str) -> tuple[FloatArray, IntArray]:
        """Colours and classes of the sites in the map of one model."""
        return self.of_models.get(model, (self.rgb, self.classes))


@dataclass(frozen=True)
class Scale:
    """A cut sequential colour map."""

    name: str
    dark: bool
    table: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        import matplotlib

        low, high = SPAN[self.name, self.dark]
        colours = matplotlib.colormaps[self.name](np.linspace(low, high, 256))[:, :3] * 255
        object.__setattr__(self, "table", colours.astype(np.float32))

    def __call__(self, fraction: FloatArray) -> FloatArray:
        """(n,) in 0 … 1 -> (n, 3) float32."""
        position = np.clip(np.nan_to_num(fraction) * 255, 0, 255).astype(np.int32)
        return self.table[position]

    def stops(self, n: int = 9) -> list[str]:
        return [to_hex(row) for row in self(np.linspace(0, 1, n))]


def to_hex(rgb: FloatArray) -> str:
    return "#" + "".join(f"{round(float(value)):02x}" for value in rgb)


def to_rgb(colour: str) -> FloatArray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32)


def by_group(numbers: IntArray, *, dark: bool) -> Colouring:
    """Groups 1 … 18 in order along one scale; the f-block is a class of its own."""
    table, scale = elements.table(), Scale("viridis", dark)
    colours = {z: to_hex(scale(np.array([(int(table.group[z]) - 1) / 17]))[0]) if table.group[z] else F_BLOCK[dark]
               for z in _every_element()}  # fmt: skip
    entries = [(f"{group}", to_hex(scale(np.array([(group - 1) / 17]))[0])) for group in range(1, 19)]
    legend: dict[str, object] = {"kind": "classes", "entries": [*entries, ("f", F_BLOCK[dark])], "ordered": True}
    return _of_elements(numbers, colours, table.group.astype(np.int64), legend, "Group")


def by_period(numbers: IntArray, *, dark: bool) -> Colouring:
    table, scale = elements.table(), Scale("cividis", dark)
    steps = {period: to_hex(scale(np.array([(period - 1) / 6]))[0]) for period in range(1, 8)}
    colours = {z: steps[int(table.period[z])] for z in _every_element()}
    legend: dict[str, object] = {"kind": "classes", "entries": [(str(p), c) for p, c in steps.items()], "ordered": True}
    return _of_elements(numbers, colours, table.period.astype(np.int64), legend, "Period")


def by_block(numbers: IntArray, *, dark: bool) -> Colouring:
    table = elements.table()
    colours = {z: BLOCKS[str(table.block[z])] for z in _every_element()}
    classes = np.array([" spdf".index(str(block) or " ") for block in table.block])
    legend: dict[str, object] = {
        "kind": "classes",
        "entries": [(f"{name}-block", colour) for name, colour in BLOCKS.items()],
    }
    return _of_elements(numbers, colours, classes, legend, "Block")


def by_element(numbers: IntArray, chosen: Sequence[int], *, dark: bool) -> Colouring:
    """The chosen elements in the order of choice (at most eight), or the eight commonest; the rest grey."""
    shown = list(chosen)[:8] or [z for z, _ in Counter(numbers.tolist()).most_common(8)]
    hues = dict(zip(shown, OKABE_ITO, strict=False))
    colours = {z: hues.get(z, GREY[dark]) for z in _every_element()}
    symbol = elements.table().symbol
    entries = [(str(symbol[z]), colour) for z, colour in hues.items()]
    legend: dict[str, object] = {"kind": "classes", "entries": [*entries, ("other", GREY[dark])]}
    return _of_elements(numbers, colours, np.arange(119), legend, "Element")


def by_value(
    numbers: IntArray,
    values: FloatArray,
    title: str,
    *,
    dark: bool,
    unit: str = "",
    scale: str = "viridis",
    ends: tuple[float, float] | None = None,
) -> Colouring:
    """A number for each site along a scale between `ends`, else its 1st and 99th percentile; unknown is grey."""
    ramp, known = Scale(scale, dark), np.isfinite(values)
    low, high = ends or (np.percentile(values[known], [1, 99]) if known.any() else (0.0, 1.0))
    fraction = (values - low) / (high - low if high > low else 1.0)
    rgb = np.where(known[:, None], ramp(fraction), to_rgb(GREY[dark]))
    classes = np.where(known, np.clip(np.nan_to_num(fraction) * 16, 0, 16), -1).astype(np.int64)
    legend: dict[str, object] = {
        "kind": "scale",
        "stops": ramp.stops(),
        "low": float(low),
        "high": float(high),
        "unit": unit,
    }
    means = {int(z): fraction[(numbers == z) & known] for z in np.unique(numbers)}
    by_element = {z: to_hex(ramp(np.array([f.mean()]))[0]) if len(f) else GREY[dark] for z, f in means.items()}
    return Colouring(rgb.astype(np.float32), classes, by_element, legend, title)


def by_element_value(numbers: IntArray, values: Mapping[int, float], title: str, *, dark: bool) -> Colouring:
    """A number for each element, in units of the target's spread; elements without one are grey."""
    of_elements = np.full(elements.N_ELEMENTS + 1, np.nan)
    of_elements[list(values)] = list(values.values())
    return by_value(numbers, of_elements[numbers], title, dark=dark, unit="spreads")


def by_value_of_models(
    numbers: IntArray, values: Mapping[str, FloatArray], middle: FloatArray, title: str, *, dark: bool, unit: str
) -> Colouring:
    """A number for each site and model, 0 or more, on one scale for all maps; `middle` is what the consensus shows.

    The scale ends at the 99th percentile of the numbers above zero.
    """
    above = [v[np.nan_to_num(v) > 0] for v in values.values()]
    shown = np.concatenate([np.zeros(0), *above])
    ends = (0.0, float(np.percentile(shown, 99)) if len(shown) else 1.0)
    made = {model: by_value(numbers, v, title, dark=dark, ends=ends) for model, v in values.items()}
    of_models = {model: (each.rgb, each.classes) for model, each in made.items()}
    return replace(by_value(numbers, middle, title, dark=dark, unit=unit, ends=ends), of_models=of_models)


def by_label(numbers: IntArray, labels: np.ndarray, title: str, *, dark: bool) -> Colouring:
    """The eight commonest labels; the rest grey. Labels that are numbers go along a scale."""
    numeric = as_numbers(labels)
    if numeric is not None:
        return by_value(numbers, numeric, title, dark=dark)
    names, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    top = [code for code in np.argsort(-counts, kind="stable") if names[code] not in ("", "unknown")][:8]
    palette = np.tile(to_rgb(GREY[dark]), (len(names), 1))
    for code, colour in zip(top, TOL_MUTED, strict=False):
        palette[code] = to_rgb(lighter(colour) if dark else colour)
    rgb = palette[codes].astype(np.float32)
    entries = [(str(names[code]), to_hex(palette[code])) for code in top]
    legend: dict[str, object] = {"kind": "classes", "entries": [*entries, ("other", GREY[dark])]}
    return Colouring(rgb, codes.astype(np.int64), _mean_of_elements(numbers, rgb), legend, title)


def lighter(colour: str) -> str:
    """A dark hue lifted for a dark page."""
    return to_hex(to_rgb(colour) * 0.6 + 255 * 0.4)


def as_numbers(labels: np.ndarray) -> FloatArray | None:
    """Labels that are numbers, NaN where unknown; None where one is none, or none is known."""
    known = (labels != "unknown") & (labels != "")
    try:
        values = np.full(len(labels), np.nan)
        values[known] = labels[known].astype(float)
    except ValueError:
        return None
    return values if known.any() else None


def _every_element() -> range:
    return range(1, elements.N_ELEMENTS + 1)


def _of_elements(
    numbers: IntArray, colours: Mapping[int, str], classes: IntArray, legend: dict[str, object], title: str
) -> Colouring:
    palette = np.zeros((elements.N_ELEMENTS + 1, 3), dtype=np.float32)
    for z, colour in colours.items():
        palette[z] = to_rgb(colour)
    return Colouring(palette[numbers], classes[numbers], dict(colours), legend, title)


def _mean_of_elements(numbers: IntArray, rgb: FloatArray) -> dict[int, str]:
    return {int(z): to_hex(rgb[numbers == z].mean(axis=0)) for z in np.unique(numbers)}
