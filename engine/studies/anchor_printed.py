"""A study of anchors as JSON, and as rows of a table in which every number has a line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.elements import table
from platonic_atlas.engine.studies.agreement import as_numbers

if TYPE_CHECKING:
    from platonic_atlas.engine.anchors.card import AnchorCard
    from platonic_atlas.engine.anchors.curve import Curve
    from platonic_atlas.engine.anchors.influence import Influence
    from platonic_atlas.engine.anchors.redundancy import Redundancy
    from platonic_atlas.engine.studies.anchor_study import AnchorStudy

COLUMNS = ("anchors", "quantity", "model", "of", "value")
Row = tuple[str, str, str, str | int, Any]


def printed(study: AnchorStudy) -> dict[str, Any]:
    """As JSON: what `AgreementStudy.printed` says, and the rest of the numbers."""
    symbols = table().symbol
    return {
        **study.agreement.printed(),
        "n_anchors": len(study.sites),
        "strategy": study.strategy,
        "reference": study.reference,
        "seen_in": study.seen_in,
        "centred": study.centred,
        "redundancy": {model: _redundancy(each) for model, each in study.redundancy.items()},
        "coverage": {
            model: dict(zip(("median", "largest"), as_numbers(np.array([each.median(), each.largest()])), strict=True))
            for model, each in study.coverage.items()
        },
        "coverage_by_element": {str(symbols[z]): as_numbers(np.array(pair)) for z, pair in study.by_element.items()},
        "cards": [_card(card) for card in study.cards],
        "influence": None if study.influence is None else _influence(study.influence, study.cards),
        "curve": None if study.curve is None else _curve(study.curve),
        "against": None if study.against is None else printed(study.against),
    }


def _redundancy(of: Redundancy) -> dict[str, Any]:
    effective, condition = as_numbers(np.array([of.effective_rank, of.condition]))
    return {"n_features": of.n_features, "rank": of.rank, "effective_rank": effective, "condition": condition}


def _card(card: AnchorCard) -> dict[str, Any]:
    near = [{"site": site, "cosine": round(cosine, 6)} for site, cosine in card.nearest]
    return {
        "site": card.site, "element": card.element, "formula": card.formula, "environment": dict(card.environment),
        "crystal": card.crystal, "source": card.source, "structure": card.structure, "nearest": near,
        "n_nearest": card.n_nearest,
    }  # fmt: skip


def _influence(of: Influence, cards: tuple[AnchorCard, ...]) -> list[dict[str, Any]]:
    """From the anchor that helps most to the one that harms most."""
    means = as_numbers(of.mean)
    return [
        {"site": cards[i].site, "element": cards[i].element, "mean": means[i],
         "by_model": {model: as_numbers(values[i]) for model, values in of.by_model.items()}}
        for i in of.order()
    ]  # fmt: skip


def _curve(of: Curve) -> dict[str, Any]:
    told = {}
    for name, median, band in zip(("trained", "controls"), of.median(), of.band(), strict=True):
        told[name] = {"median": as_numbers(median), "low": as_numbers(band[0]), "high": as_numbers(band[1])}
    return {"n_anchors": of.counts.tolist(), "draws": len(of.trained), "seed": of.seed, **told}


class AnchorPart(StrEnum):
    """What a study of anchors tells, part by part."""

    SHARED = "shared"  # λ, and that of shuffled rows
    AGREEMENT = "agreement"
    REDUNDANCY = "redundancy"
    COVERAGE = "coverage"
    CARDS = "cards"
    INFLUENCE = "influence"
    CURVE = "curve"


def rows(study: AnchorStudy, parts: Collection[AnchorPart] = tuple(AnchorPart)) -> Iterator[Row]:
    """A row for every number: the set, the quantity, the model, what it is of (an axis, a site, an element, a number of
    anchors), the value; the set that is beside it after them.

    parts : which of them are told
    """
    told = printed(study)
    yield study.name, "number of anchors", "", "", told["n_anchors"]
    for part in parts:
        yield from ((study.name, *row) for row in _WRITERS[part](study, told))
    if study.against is not None:
        yield from rows(study.against, parts)


_Said = Iterator[tuple[str, str, str | int, Any]]


def _shared_rows(_study: AnchorStudy, told: Mapping[str, Any]) -> _Said:
    null = {f"lambda, shuffled {shuffle}": values for shuffle, values in told["null"].items()}
    for name, values in {"lambda": told["lambda"], **null}.items():
        yield from ((name, "", f"axis {axis + 1}", value) for axis, value in enumerate(values))


def _agreement_rows(_study: AnchorStudy, told: Mapping[str, Any]) -> _Said:
    yield from (("left out", model, "", why) for model, why in told["left_out"].items())
    for model, values in told["agreement"].items():
        yield from (("agreement", model, f"axis {axis + 1}", value) for axis, value in enumerate(values))


def _redundancy_rows(_study: AnchorStudy, told: Mapping[str, Any]) -> _Said:
    for model, of in told["redundancy"].items():
        yield from ((quantity, model, "", value) for quantity, value in of.items())


def _coverage_rows(study: AnchorStudy, told: Mapping[str, Any]) -> _Said:
    for model, of in told["coverage"].items():
        yield from ((f"{quantity} distance to the nearest anchor", model, "", value) for quantity, value in of.items())
    for element, pair in told["coverage_by_element"].items():
        for quantity, value in zip(("median", "largest"), pair, strict=True):
            yield f"{quantity} distance to the nearest anchor", study.seen_in, element, value


def _card_rows(study: AnchorStudy, _told: Mapping[str, Any]) -> _Said:
    for card in study.cards:
        words = {"element": card.element, "formula": card.formula, **card.environment, "crystal": card.crystal,
                 "nearest sites": " ".join(str(site) for site, _ in card.nearest), "sites it is nearest to": card.n_nearest}  # fmt: skip
        yield from ((f"card: {name}", "", card.site, value) for name, value in words.items())


def _influence_rows(_study: AnchorStudy, told: Mapping[str, Any]) -> _Said:
    for each in told["influence"] or ():
        yield "influence", "", each["site"], each["mean"]
        for model, values in each["by_model"].items():
            yield from (
                (f"influence, axis {axis + 1}", model, each["site"], value) for axis, value in enumerate(values)
            )


def _curve_rows(_study: AnchorStudy, told: Mapping[str, Any]) -> _Said:
    if told["curve"] is None:
        return
    counts = told["curve"]["n_anchors"]
    for who in ("trained", "controls"):
        for quantity, values in told["curve"][who].items():
            yield from ((f"random sets: {quantity}", who, n, v) for n, v in zip(counts, values, strict=True))


_WRITERS: Mapping[AnchorPart, Callable[[AnchorStudy, Mapping[str, Any]], _Said]] = {
    AnchorPart.SHARED: _shared_rows, AnchorPart.AGREEMENT: _agreement_rows, AnchorPart.REDUNDANCY: _redundancy_rows,
    AnchorPart.COVERAGE: _coverage_rows, AnchorPart.CARDS: _card_rows, AnchorPart.INFLUENCE: _influence_rows,
    AnchorPart.CURVE: _curve_rows,
}  # fmt: skip
