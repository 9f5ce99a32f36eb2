"""What the models of an atlas share, beside what chance and composition give: numbers of the agreement frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.errors import AnchorError, InputError, UsageError
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.studies.shown import trained_of
from platonic_atlas.engine.types import FloatArray, IntArray, Moments

if TYPE_CHECKING:
    from platonic_atlas.engine.space.cross import Load, Rows
    from platonic_atlas.engine.space.frames import ModelSpace
    from platonic_atlas.engine.space.shuffled import Shuffle
    from platonic_atlas.engine.store import Atlas


@dataclass(frozen=True)
class AgreementStudy:
    """How far models agree about the atoms of an atlas.

    shaping : the trained models whose agreement it is ; shared : (n,) λ of the first axes
    null : how rows were shuffled -> (n,) the largest λ of each rank over the draws
    agreement : model -> (2,) (`platonic_atlas.engine.space.agreement`), NaN where nothing is left ; left_out : model -> why
    """

    anchors: str
    within_elements: bool
    shaping: tuple[str, ...]
    shared: FloatArray
    null: Mapping[str, FloatArray]
    agreement: Mapping[str, FloatArray]
    controls: tuple[str, ...]
    left_out: Mapping[str, str]

    def beyond(self, shuffle: str) -> int:
        """How many of the first axes the models share beyond what the shuffled rows share at the same rank."""
        above = self.shared > self.null[shuffle]
        return int(np.argmin(above)) if not above.all() else len(above)

    def printed(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "anchors": self.anchors,
            "within_elements": self.within_elements,
            "shaping": list(self.shaping),
            "lambda": as_numbers(self.shared),
            "null": {name: as_numbers(values) for name, values in self.null.items()},
            "agreement": {name: as_numbers(values) for name, values in self.agreement.items()},
            "controls": list(self.controls),
            "left_out": dict(self.left_out),
        }


def as_numbers(values: FloatArray) -> list[float | None]:
    """As JSON: None where a value is not known."""
    return [round(float(value), 6) if np.isfinite(value) else None for value in values]


def agreement_study(
    atlas: Atlas, name: str, sites: IntArray, shaping: Sequence[str], *, within: bool, layer: str,
    balance: Balance = Balance.ELEMENTS, draws: int = 5, seed: int = 0, progress: Progress = silent,
) -> AgreementStudy:  # fmt: skip
    """Agreement of all models that have the layer and embed the anchors.

    name, sites : of the anchors ; shaping : trained models ; draws : of the null, none where 0

    Raises
    ------
    InputError
        Fewer than two trained models shape the frame.
    AnchorError
        One of them does not embed an anchor.
    """
    from platonic_atlas.engine.space.agreement import Agreement, agreement
    from platonic_atlas.engine.studies.cross import cross_of, rows_in

    require_partners(atlas, shaping)
    spaces = _spaces(atlas, shaping, layer, balance) if draws else {}
    spreads, rows, left_out = _read(atlas, sites, shaping, layer, balance, rows_in(atlas, layer, balance, spaces))
    sums = part(progress, 0.0, 0.5, "cross moments")
    found: Agreement | None = None
    values: dict[str, FloatArray] = {}
    for others in together({model: each.moments for model, each in spreads.items()}, shaping):
        these = [*shaping, *others]
        cross = cross_of(atlas, these, layer, balance, spaces=spaces, progress=sums)
        read = agreement(cross, {model: rows[model] for model in these}, spreads, shaping, within=within)
        found = found or read
        values |= {model: read.agreement[model] for model in these if model not in values}
    assert found is not None  # the shaping models are always read
    null = null_of(spaces, rows, shaping, atlas, within, draws, seed, part(progress, 0.5, 1.0, "shuffled"))
    controls = atlas.controls()
    order = sorted(values, key=lambda model: (model not in shaping, model in controls))
    return AgreementStudy(
        name, within, tuple(shaping), found.shared, null, {model: values[model] for model in order},
        tuple(model for model in order if model in controls), left_out,
    )  # fmt: skip


@dataclass(frozen=True)
class _Spread:
    """What is needed of a model beside its anchor rows; its features are not held."""

    moments: Moments

    @property
    def second(self) -> FloatArray:
        return self.moments.second

    @property
    def within(self) -> FloatArray:
        return self.moments.within_element_second


def _spaces(atlas: Atlas, models: Sequence[str], layer: str, balance: Balance) -> dict[str, ModelSpace]:
    """Models in memory with their features: the null shuffles their rows."""
    from platonic_atlas.engine.space.frames import model_space

    numbers = atlas.numbers()
    return {
        model: model_space(atlas.embedding(model, layer), atlas.moments(model, layer, balance), numbers)
        for model in models
    }


def _read(
    atlas: Atlas, sites: IntArray, shaping: Sequence[str], layer: str, balance: Balance, load: Load
) -> tuple[dict[str, _Spread], dict[str, FloatArray], dict[str, str]]:
    """Moments and anchor rows of the models, and why others are left out; features of one model are read at a time."""
    spreads, rows, left_out = dict[str, _Spread](), dict[str, FloatArray](), dict[str, str]()
    for model in dict.fromkeys([*shaping, *atlas.models()]):
        if layer not in atlas.layers(model):
            left_out[model] = no_layer(layer)
            continue
        try:
            rows[model] = _anchor_rows(load(model), sites)
        except AnchorError as error:
            if model in shaping:
                raise
            left_out[model] = error.happened
            continue
        spreads[model] = _Spread(atlas.moments(model, layer, balance))
    return spreads, rows, left_out


def no_layer(layer: str) -> str:
    """Why a model is left out."""
    return f"it has no layer {layer!r}"


def _anchor_rows(held: Rows, sites: IntArray) -> FloatArray:
    from platonic_atlas.engine.space.relative import anchor_rows

    return anchor_rows(held.embedding, held.moments, sites)


def together(moments: Mapping[str, Moments], shaping: Sequence[str]) -> list[list[str]]:
    """The other models in groups that are read on the same sites: those that embed all sites of the shaping models
    first, then each of the rest by itself; none that embeds no site with them."""
    common = np.all([np.isfinite(moments[model].rho) for model in shaping], axis=0)
    others = [model for model in moments if model not in shaping]
    whole = [model for model in others if np.isfinite(moments[model].rho)[common].all()]
    fewer = [model for model in others if model not in whole and np.isfinite(moments[model].rho)[common].any()]
    return [whole, *([model] for model in fewer)]


def require_partners(atlas: Atlas, shaping: Sequence[str]) -> None:
    """Agreement takes two trained models; raises InputError where there are fewer."""
    if len(shaping) < 2:
        raise InputError(
            f"{len(shaping)} trained model has nothing to agree with.",
            "Agreement is of two trained models at least.",
            f"Embed another: platonic embed {atlas.path} --model NAME",
        )


def shaping_models(atlas: Atlas, layer: str, shaping: Sequence[str] | None) -> list[str]:
    """Those that are named, or the trained ones that are shown by default, checked.

    Raises
    ------
    NotInAtlas
        The atlas does not hold one, or its layer.
    UsageError
        One is a control.
    """
    trained = trained_of(atlas, layer) if shaping is None else list(shaping)
    for model in trained:
        atlas.present(model, layer)
        if model in atlas.controls():
            raise UsageError(
                f"{model} is a control.",
                "A frame that a control shapes would lend its order to the models.",
                "Let trained models shape the frame.",
            )
    return trained


def null_of(
    spaces: Mapping[str, ModelSpace], rows: Mapping[str, FloatArray], shaping: Sequence[str], atlas: Atlas,
    within: bool, draws: int, seed: int, progress: Progress,
) -> dict[str, FloatArray]:  # fmt: skip
    """The largest λ of each rank over the draws, for each way of shuffling."""
    from platonic_atlas.engine.space.shuffled import Shuffle, shuffled_shares

    def of(shuffle: Shuffle, start: float) -> FloatArray:
        heard = part(progress, start, start + 0.5, "shuffled")
        found = shuffled_shares(spaces, rows, shaping, atlas.numbers(), shuffle, within=within, draws=draws, seed=seed,
                                progress=heard)  # fmt: skip
        return np.asarray(found.max(axis=0))

    return {shuffle.value: of(shuffle, i / 2) for i, shuffle in enumerate(Shuffle)} if draws else {}
