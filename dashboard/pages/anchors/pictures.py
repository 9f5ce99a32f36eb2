"""What the laboratory measured, to take away: as a picture or a table, part by part, with the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.laboratory import Cards, Measures, measures_of
from platonic_atlas.dashboard.plots.laboratory_figure import Measured, laboratory_figure
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.snapshot import Snapshot
from platonic_atlas.engine.anchors.curve import DRAWS, Curve
from platonic_atlas.engine.anchors.influence import Influence
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.sheet import sheet
from platonic_atlas.engine.space.anchor_blocks import mean_agreement
from platonic_atlas.engine.studies.agreement import AgreementStudy
from platonic_atlas.engine.studies.anchor_printed import COLUMNS, AnchorPart, rows
from platonic_atlas.engine.studies.anchor_study import AnchorStudy
from platonic_atlas.engine.studies.examined import Examination, Found
from platonic_atlas.engine.types import IntArray

MEASURED = "measured"
TITLES: Mapping[AnchorPart, str] = {
    AnchorPart.AGREEMENT: "Agreement of each model", AnchorPart.SHARED: "What all share, by axis",
    AnchorPart.REDUNDANCY: "Redundancy of the anchors", AnchorPart.CURVE: "Random sets of every size",
    AnchorPart.INFLUENCE: "Influence of each anchor",
}  # fmt: skip
WORDS: Mapping[AnchorPart, str] = {
    AnchorPart.AGREEMENT: "Agreement: axes found without the model on one half of the crystals, read on the other; controls grey.",
    AnchorPart.SHARED: "λ: share of the variance along each axis of agreement that all trained models have in common; shuffled "
    "rows: the largest of five draws, seed 0.",
    AnchorPart.REDUNDANCY: "Effective rank: exp of the entropy of the eigenvalues of the anchors' Gram matrix.",
    AnchorPart.CURVE: f"Random sets: median and 5 to 95 % of {DRAWS}, seed 0, of the trained models and of the controls; the circle "
    "is the set in use.",
    AnchorPart.INFLUENCE: "Influence: mean agreement of the trained models with the anchor less that without it.",
}
Known = Callable[[Examination, Measures], Found | None]  # what was examined of anchors, as far as it was


@dataclass(frozen=True)
class Pictures:
    """Of the anchors in a snapshot. known : what was examined ; name, beside : of another set beside it, and its anchors"""

    snapshot: Snapshot
    known: Known
    name: str = ""
    beside: IntArray | None = None

    def drawn(self, format: str, part: AnchorPart | None = None) -> bytes:
        """All, or one part, as png, svg or csv.

        Raises
        ------
        AnchorError
            There is nothing to measure.
        """
        study, snapshot = self.study(), self.snapshot
        measured = self._measured(study)
        parts = measured.parts() if part is None else (part,)
        caption = " ".join(
            [saving.caption(snapshot, coloured=False), *(WORDS[each] for each in parts), self._of_beside()]
        )
        if format == "csv":
            return sheet(COLUMNS, [*rows(study, parts), (caption.strip(),)]).encode()
        return laboratory_figure(measured, caption=caption, parts=parts, dark=snapshot.dark, format=format)

    def study(self) -> AnchorStudy:
        """Everything that is known, as `platonic anchors --report` tells it; of the set beside it too."""
        mine = self._study(self.snapshot.anchors, self.snapshot.anchor_sites)
        theirs = None if self.beside is None else self._study(self.name, self.beside)
        if mine is None:
            raise AnchorError(
                "There is nothing to measure.", "Agreement is of two trained models, relative to two anchors at least.",
                "Show Relative and two trained models, and choose anchors.",
            )  # fmt: skip
        return AnchorStudy(**{**vars(mine), "against": theirs})

    def _of_beside(self) -> str:
        return "" if self.beside is None else f"Beside: {self.name}, {len(self.beside)} anchors, in red."

    def _study(self, name: str, sites: IntArray) -> AnchorStudy | None:
        data, key = self.snapshot.data, self.snapshot.key
        wanted = measures_of(data, key, sites)
        if wanted is None:
            return None
        measures, first = data.made(wanted), wanted.beside.trained[0]
        chance, influence, curve = (self.known(what, wanted) for what in Examination)
        order = sorted(measures.agreement, key=lambda model: data.models[model].control)
        agreement = AgreementStudy(
            name, key.within_elements, wanted.beside.trained, measures.shared,
            chance if isinstance(chance, Mapping) else {}, {model: measures.agreement[model] for model in order},
            tuple(model for model in order if data.models[model].control), measures.left_out,
        )  # fmt: skip
        return AnchorStudy(
            agreement, sites, strategy="", reference="", seen_in=first, centred=key.centre, redundancy=measures.redundancy,
            coverage={}, by_element={}, cards=data.made(Cards(wanted.beside.key, first, wanted.anchors)),
            influence=influence if isinstance(influence, Influence) else None,
            curve=curve if isinstance(curve, Curve) else None,
        )  # fmt: skip

    def _measured(self, study: AnchorStudy) -> Measured:
        """As it is drawn: with titles in the place of names."""
        titles = {name: info.title for name, info in self.snapshot.data.models.items()}
        of = study.agreement
        return Measured(
            agreement={titles[name]: both for name, both in of.agreement.items()},
            controls=[titles[name] for name in of.controls], shared=of.shared, chance=of.null,
            redundancy={titles[name]: study.redundancy[name] for name in of.agreement}, influence=_influence(study),
            curve=study.curve, mean=mean_agreement(of.agreement, of.shaping), number=len(study.sites), name=study.name,
            beside=None if study.against is None else self._measured(study.against),
        )  # fmt: skip


def _influence(study: AnchorStudy) -> dict[str, float]:
    """Anchor in words -> how the agreement changes with it."""
    if study.influence is None:
        return {}
    words = [f"{card.element} in {card.formula} ({card.site})" for card in study.cards]
    return dict(zip(words, np.asarray(study.influence.mean).tolist(), strict=True))


def choices(parts: Sequence[AnchorPart]) -> list[tuple[str, str]]:
    """What can be saved, value and words: all of it, and each part by itself."""
    return [(MEASURED, "What the anchors do"), *((named(part), TITLES[part]) for part in parts)]


def named(part: AnchorPart) -> str:
    """The value of a part among the pictures of the page."""
    return f"{MEASURED}-{part}"


def part_of(what: str) -> AnchorPart | None:
    """The part that a value stands for, None for all of them.

    Raises
    ------
    LookupError
        It is no picture of the laboratory.
    """
    if what == MEASURED:
        return None
    found: dict[str, Any] = {named(part): part for part in TITLES}
    if what not in found:
        raise LookupError(what)
    part: AnchorPart = found[what]
    return part
