"""What the laboratory tells of the anchors in use: live numbers, and what is asked for and takes its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.agreement import shaping
from platonic_atlas.dashboard.atlas.laboratory import Cards, Measures, measures_of
from platonic_atlas.dashboard.pages.anchors import pictures
from platonic_atlas.dashboard.pages.anchors.compared import ALL, Compared
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.snapshot import Snapshot
from platonic_atlas.dashboard.work.door import BUSY
from platonic_atlas.dashboard.work.followed import Followed
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.dashboard.work.together import together
from platonic_atlas.engine.anchors.card import AnchorCard
from platonic_atlas.engine.anchors.curve import Curve
from platonic_atlas.engine.anchors.influence import Influence
from platonic_atlas.engine.anchors.measures import AnchorMeasures
from platonic_atlas.engine.elements import table
from platonic_atlas.engine.studies.anchor_printed import AnchorPart
from platonic_atlas.engine.studies.examined import Examination, Found
from platonic_atlas.engine.types import FloatArray, IntArray

MOST_KEPT = 30  # examinations of a session
WORDS = {
    "coordination": "Neighbours",
    "prototype": "Prototype",
    "spacegroup": "Space group",
    "wyckoff": "Wyckoff letter",
}
DOING = {
    Examination.CHANCE: "Shuffling the rows",
    Examination.INFLUENCE: "Leaving out one anchor after the other",
    Examination.CURVE: "Measuring random sets",
}


@dataclass(frozen=True)
class _Asked:
    """An examination of the anchors in a view."""

    what: Examination
    of: Measures


class Laboratory:
    """Of one session. `changed` is called when there is something new to tell."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.session, self._changed = session, changed
        self.work = Followed(self.poll)
        self.progress: Progress | None = None
        self.message = ""
        self.compared = Compared(session, self.weights)
        self._asked: _Asked | None = None
        self._found: dict[_Asked, Found] = {}

    # what is told

    def data(self) -> dict[str, Any] | None:
        """As the panel shows it; None where there is nothing to measure, `waiting` while it is measured."""
        wanted = measures_of(self.session.data, self.session.key, self.session.view.anchor_sites)
        if wanted is None:
            return None
        measures = self.session.later.value(self.session.data, wanted)
        told: dict[str, Any] = {
            "waiting": measures is None,
            "within": wanted.beside.key.within_elements,
            "n": len(self.session.view.anchor_sites),
            "progress": None if self.progress is None else vars(self.progress),
            "message": self.message,
            "beside_of": self.compared.beside,
            "beside": self._beside(),
            "map_of": self._map_of(),
        }
        return told if measures is None else told | self._measured(measures) | self._examined(wanted)

    def _map_of(self) -> dict[str, Any]:
        """Of which model there are two maps, one for each set, and of which there could be."""
        infos, shown = self.session.data.models, self.session.view.models
        options = [{"value": name, "label": infos[name].title} for name in shown]
        return {"value": self.compared.model, "options": [*options, {"value": ALL, "label": "all models, this set"}]}

    def weights(self, sites: IntArray) -> Mapping[int, float]:
        """Anchor -> how the agreement changes with it, where that was measured for these anchors."""
        wanted = measures_of(self.session.data, self.session.key, sites)
        found = None if wanted is None else self.known(Examination.INFLUENCE, wanted)
        if not isinstance(found, Influence):
            return {}
        return dict(zip(sites.tolist(), found.mean.tolist(), strict=True))

    def _beside(self) -> dict[str, Any] | None:
        """The numbers of another set; None where none is chosen, or while they are measured."""
        sites = self.session.anchor_sets.get(self.compared.beside)
        wanted = None if sites is None else measures_of(self.session.data, self.session.key, sites)
        measures = None if wanted is None else self.session.later.value(self.session.data, wanted)
        if sites is None or measures is None:
            return None
        told = self._measured(measures)
        return {"name": self.compared.beside, "n": len(sites), "shared": told["shared"],
                "models": {each["name"]: each for each in told["models"]}}  # fmt: skip

    def _measured(self, measures: AnchorMeasures) -> dict[str, Any]:
        infos = self.session.data.models
        models = [
            {
                "name": name, "title": infos[name].title, "control": infos[name].control,
                "agreement": _numbers(both), "rank": said.rank, "features": said.n_features,
                "effective": round(said.effective_rank, 1), "condition": _numbers([said.condition])[0],
                "singular": said.singular,
            }
            for name, both in sorted(measures.agreement.items(), key=lambda each: infos[each[0]].control)
            for said in (measures.redundancy[name],)
        ]  # fmt: skip
        return {"models": models, "shared": _numbers(measures.shared), "left_out": dict(measures.left_out)}

    def _examined(self, wanted: Measures) -> dict[str, Any]:
        chance, influence, curve = (self.known(what, wanted) for what in Examination)
        return {
            "chance": {name: _numbers(values) for name, values in chance.items()} if isinstance(chance, Mapping) else None,
            "influenced": isinstance(influence, Influence),
            "anchors": self._anchors(wanted, influence if isinstance(influence, Influence) else None),
            "card": self._card(wanted),
            "curve": _curve(curve) if isinstance(curve, Curve) else None,
        }  # fmt: skip

    def _anchors(self, wanted: Measures, influence: Influence | None) -> list[dict[str, Any]]:
        """Each anchor: from the one that helps most to the one that harms most, where that was measured."""
        data, sites, cards = self.session.data, self.session.view.anchor_sites, self._cards(wanted)
        symbols, formulas = table().symbol[data.numbers[sites]], data.formulas[data.structure[sites]]
        return [
            {
                "site": int(sites[i]), "symbol": str(symbols[i]), "formula": str(formulas[i]),
                "change": None if influence is None else round(float(influence.mean[i]), 5),
                "n_nearest": None if cards is None else cards[i].n_nearest,
            }
            for i in (range(len(sites)) if influence is None else influence.order())
        ]  # fmt: skip

    def _cards(self, wanted: Measures) -> tuple[AnchorCard, ...] | None:
        asked = Cards(wanted.beside.key, wanted.beside.trained[0], wanted.anchors)
        return self.session.later.value(self.session.data, asked)

    def _card(self, wanted: Measures) -> dict[str, Any] | None:
        """Why the atom that is ringed is an anchor, if it is one."""
        atom, data = self.session.view.atom, self.session.data
        card = next((each for each in self._cards(wanted) or () if each.site == atom), None)
        if card is None:
            return None
        near = [site for site, _ in card.nearest]
        symbols, formulas = table().symbol[data.numbers[near]], data.formulas[data.structure[near]]
        return {
            "title": f"{card.element} in {card.formula}", "crystal": card.crystal,
            "environment": [[WORDS.get(name, name), value] for name, value in card.environment.items()],
            "n_nearest": card.n_nearest, "model": data.models[wanted.beside.trained[0]].title,
            "nearest": [
                {"site": site, "words": f"{symbol} in {formula}", "cosine": round(cosine, 3)}
                for (site, cosine), symbol, formula in zip(card.nearest, symbols, formulas, strict=True)
            ],
        }  # fmt: skip

    # what is taken away

    def known(self, what: Examination, of: Measures) -> Found | None:
        """What an examination of anchors found, if it was made."""
        return self._found.get(_Asked(what, of))

    def pictures(self) -> list[tuple[str, str]]:
        """What can be saved, value and words: nothing where there is nothing to measure."""
        wanted = measures_of(self.session.data, self.session.key, self.session.view.anchor_sites)
        if wanted is None:
            return []
        asked = {AnchorPart.CURVE: Examination.CURVE, AnchorPart.INFLUENCE: Examination.INFLUENCE}
        there = [part for part in pictures.TITLES if part not in asked or self.known(asked[part], wanted) is not None]
        return pictures.choices(there)

    def drawn(self, snapshot: Snapshot, what: str, format: str) -> bytes:
        """One of the pictures of a snapshot as png, svg or csv, with the parameters."""
        beside = self.compared.sites
        of = pictures.Pictures(snapshot, self.known, self.compared.beside, beside)
        return of.drawn(format, pictures.part_of(what))

    # what is asked

    def ask(self, what: str) -> None:
        """Begin an examination of the anchors in use, if none is under way."""
        session = self.session
        wanted = measures_of(session.data, session.key, session.view.anchor_sites)
        if wanted is None or self.work.task is not None or what not in list(Examination):
            return
        asked = _Asked(Examination(what), wanted)
        key = wanted.beside.key
        started = self.work.start(
            "platonic_atlas.engine.studies.examined:examined", atlas=session.data.atlas.path, what=asked.what,
            sites=session.view.anchor_sites.copy(), shaping=shaping(session.data, session.key, session.view.anchor_sites),
            within=key.within_elements, centre=key.centre, layer=key.layer, balance=key.balance,
        )  # fmt: skip
        self.message = "" if started else BUSY
        if started:
            self._asked, self.progress = asked, Progress(DOING[asked.what], 0.0)
        self._changed()

    def poll(self) -> None:
        """Take up what the work reports."""
        if (report := self.work.report()) is None:
            return
        if not report.done:
            self.progress = Progress(self.progress.text if self.progress else report.what, report.fraction)
        else:
            self.progress = None
            if report.error is not None:
                self.message = f"{report.error.happened} {report.error.next_step}"
            elif self._asked is not None and report.result is not None:
                self._found[self._asked] = report.result
                for old in list(self._found)[:-MOST_KEPT]:
                    del self._found[old]
        with together():
            self._changed()

    def cancel(self) -> None:
        """End what is under way."""
        if self.work.cancel():
            self.progress = self._asked = None
            self._changed()


def _curve(found: Curve) -> dict[str, Any]:
    (trained, controls), (band, control_band) = found.median(), found.band()
    lines = {"trained": (trained, band), "controls": (controls, control_band)}
    return {
        "over": "anchors",
        **{
            name: [
                {"n": int(n), "mean": _numbers([middle[i]])[0], "low": _numbers([ends[0][i]])[0], "high": _numbers([ends[1][i]])[0]}
                for i, n in enumerate(found.counts)
            ]
            for name, (middle, ends) in lines.items()
        },
    }  # fmt: skip


def _numbers(values: FloatArray | list[float]) -> list[float | None]:
    return [round(float(value), 4) if np.isfinite(value) else None for value in values]
