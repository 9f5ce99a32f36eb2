"""Everything that is told of an anchor set: what the models make of it, how it covers the sites, why each anchor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from platonic_atlas.engine.anchors.card import AnchorCard, anchor_cards, nearest_to
from platonic_atlas.engine.anchors.coverage import Coverage, coverage, coverage_by_element
from platonic_atlas.engine.anchors.curve import DRAWS, Curve, agreement_curve
from platonic_atlas.engine.anchors.influence import Influence, influence
from platonic_atlas.engine.anchors.measures import AnchorMeasures, anchor_measures
from platonic_atlas.engine.anchors.redundancy import Redundancy
from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.studies.agreement import AgreementStudy, no_layer, null_of, require_partners, together
from platonic_atlas.engine.studies.anchors import NamedSet
from platonic_atlas.engine.studies.cross import cross_of
from platonic_atlas.engine.types import IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.space.side_by_side import SideBySide
    from platonic_atlas.engine.store import Atlas


@dataclass(frozen=True)
class AnchorStudy:
    """An anchor set and what it does.

    agreement : λ beside the null, and the agreement of each model and control ; strategy, reference : how and in whose
    space the set was chosen, empty where nobody said
    seen_in : the model in whose space the cards tell what is near ; centred : whether the mean of the unit rows is removed
    redundancy, coverage : of each model that embeds the anchors ; by_element : in `seen_in`, atomic number -> median and
    largest distance to the nearest anchor ; influence, curve : where they were asked for
    against : another set beside it, measured alike
    """

    agreement: AgreementStudy
    sites: IntArray
    strategy: str
    reference: str
    seen_in: str
    centred: bool
    redundancy: Mapping[str, Redundancy]
    coverage: Mapping[str, Coverage]
    by_element: Mapping[int, tuple[float, float]]
    cards: tuple[AnchorCard, ...]
    influence: Influence | None = None
    curve: Curve | None = None
    against: AnchorStudy | None = None

    @property
    def name(self) -> str:
        """Of the set."""
        return self.agreement.anchors

    def printed(self) -> dict[str, Any]:
        """As JSON."""
        from platonic_atlas.engine.studies.anchor_printed import printed

        return printed(self)


def side_by_side(
    atlas: Atlas, shaping: Sequence[str], *, within: bool, layer: str, balance: Balance = Balance.ELEMENTS,
    centre: bool = True, progress: Progress = silent,
) -> SideBySide:  # fmt: skip
    """The models of an atlas that have the layer, read once for anchors of any choice: some seconds.

    shaping : trained models ; within : with the mean of each element taken away

    Raises
    ------
    InputError
        Fewer than two trained models shape the frame.
    """
    from platonic_atlas.engine.space.anchor_blocks import Covariances
    from platonic_atlas.engine.space.frames import model_space
    from platonic_atlas.engine.space.side_by_side import SideBySide

    require_partners(atlas, shaping)
    models = dict.fromkeys([*shaping, *atlas.models()])
    having = [model for model in models if layer in atlas.layers(model)]
    spaces = {
        model: model_space(atlas.embedding(model, layer), atlas.moments(model, layer, balance), atlas.numbers(), centre=centre)
        for model in having
    }  # fmt: skip
    sets = together({model: space.moments for model, space in spaces.items()}, shaping)
    heard = [part(progress, i / len(sets), (i + 1) / len(sets), "cross moments") for i in range(len(sets))]
    sums = [
        cross_of(atlas, [*shaping, *others], layer, balance, centre=centre, spaces=spaces, progress=each)
        for others, each in zip(sets, heard, strict=True)
    ]
    left_out = {model: no_layer(layer) for model in models if model not in spaces}
    return SideBySide(spaces, tuple(shaping), tuple(Covariances.of(each, within=within) for each in sums), left_out)


def anchor_study(
    atlas: Atlas, models: SideBySide, chosen: NamedSet, *, draws: int = 0, with_influence: bool = False,
    with_curve: bool = False, seed: int = 0, progress: Progress = silent,
) -> AnchorStudy:  # fmt: skip
    """All numbers of a set.

    draws : of the null of λ, none where 0 ; with_influence, with_curve : whether they are computed

    Raises
    ------
    AnchorError
        A shaping model does not embed an anchor; or there are fewer than three and influence is asked for.
    """
    controls = [model for model in atlas.controls() if model in models.spaces]
    measures = anchor_measures(models, chosen.sites)
    seen_in = chosen.reference if chosen.reference in measures.rows else models.shaping[0]
    covered = {
        model: coverage(space.embedding, space.moments, measures.rows[model], centre=space.centre)
        for model, space in models.spaces.items() if model in measures.rows
    }  # fmt: skip
    near = nearest_to(models.spaces[seen_in], measures.rows[seen_in], chosen.sites)
    counts = covered[seen_in].counts(len(chosen.sites))
    null_told, influence_told, curve_told = (part(progress, i / 3, (i + 1) / 3) for i in range(3))
    null = null_of(models.spaces, measures.rows, models.shaping, atlas, models.within, draws, seed, null_told)
    return AnchorStudy(
        agreement=_agreement(measures, chosen.name, models, controls, null),
        sites=chosen.sites, strategy=chosen.strategy, reference=chosen.reference, seen_in=seen_in,
        centred=models.spaces[seen_in].centre, redundancy=measures.redundancy, coverage=covered,
        by_element=coverage_by_element(covered[seen_in].distance, atlas.numbers()),
        cards=anchor_cards(atlas, chosen.sites, near, counts),
        influence=influence(models.blocks(measures.rows), progress=influence_told) if with_influence else None,
        curve=agreement_curve(models, controls, len(chosen.sites), draws=DRAWS, seed=seed, progress=curve_told)
        if with_curve else None,
    )  # fmt: skip


def _agreement(
    measures: AnchorMeasures, name: str, models: SideBySide, controls: Sequence[str], null: Mapping[str, Any]
) -> AgreementStudy:
    order = sorted(measures.agreement, key=lambda model: (model not in models.shaping, model in controls))
    return AgreementStudy(
        name, models.within, models.shaping, measures.shared, null, {model: measures.agreement[model] for model in order},
        tuple(model for model in order if model in controls), measures.left_out,
    )  # fmt: skip
