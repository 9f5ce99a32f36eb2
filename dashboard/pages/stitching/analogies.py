"""The bench for arithmetic: three environments are picked, and the atoms nearest to a - b + c are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.atlas.search import element_called, find
from platonic_atlas.dashboard.selection.summary import site_words
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.work.whole import Once, Whole
from platonic_atlas.engine import elements
from platonic_atlas.engine.errors import PlatonicError
from platonic_atlas.engine.stitching.analogies import Analogies, nearest_to
from platonic_atlas.engine.studies.analogies import kept_analogies, sampled, space_of_sums
from platonic_atlas.engine.studies.record import AnalogyScores
from platonic_atlas.engine.types import FloatArray, IntArray

SUMS = Whole("Analogies", "platonic_atlas.engine.verbs.analogies:analogies", kept_analogies)
SLOTS = ("a", "b", "c")
EXAMPLES = 200
MOST_MATCHES = 12
READ = 5


@dataclass(frozen=True)
class ArithmeticSpace(Request[FloatArray]):
    """The rows of a model in which environments are added and subtracted."""

    model: str

    doing = "Reading the models"

    def make(self, data: AtlasData) -> FloatArray:
        return space_of_sums(data.atlas, self.model)


class Arithmetic:
    """What is on the bench; `changed` is called when it is to be shown anew."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.session, self._changed = session, changed
        self.sums = Once(session.data, SUMS, changed)
        self.open = False
        self.source = self.target = ""
        self.slots: dict[str, int | None] = dict.fromkeys(SLOTS)
        self.wanted: int | None = None  # where the three are an example: the site that the sum should lead to
        self.matches: tuple[str, IntArray] | None = None
        self.problem = ""
        self._example = -1

    # what is asked

    def heard(self, intent: dict[str, Any]) -> None:
        """Take up an intent of the bench; each redraws it."""
        kind, slot = str(intent.get("kind")), str(intent.get("slot"))
        if kind == "bench":
            self._begin()
        elif kind == "bench_close":
            self.open = False
        elif kind == "bench_example":
            self.take_example()
        elif kind == "bench_site" and slot in SLOTS:
            self._put(slot, int(intent["site"]))
        elif kind == "bench_current" and slot in SLOTS and self.session.view.atom is not None:
            self._put(slot, self.session.view.atom)
        elif kind == "bench_text" and slot in SLOTS:
            self._look_for(slot, str(intent.get("text", "")))
        elif kind == "bench_model" and intent.get("name") in self.session.data.models:
            setattr(self, "target" if intent.get("which") == "target" else "source", str(intent["name"]))
        elif kind == "bench_table":
            self.problem = ""
            self.sums.ask()
        elif kind == "bench_cancel":
            self.sums.cancel()
        self._changed()

    def _begin(self) -> None:
        """Opened for the first time: an example in the source of the stitch."""
        self.open = True
        if not self.source:
            self.source = self.target = self.session.view.stitch_source
            self.take_example()

    def take_example(self) -> None:
        """The next of some analogies that the atlas holds, or a sentence that there are none."""
        try:
            examples = self.session.data.keep("arithmetic examples", self._examples)
        except PlatonicError as error:
            self.problem = f"{error.happened} {error.expected}"
            return
        self._example = (self._example + 1) % len(examples)
        self.slots = {slot: int(getattr(examples, slot)[self._example]) for slot in SLOTS}
        self.wanted, self.matches, self.problem = int(examples.answer[self._example]), None, ""

    def _examples(self) -> Analogies:
        data = self.session.data
        known = np.logical_and.reduce([data.atlas.present(name) for name in data.models])
        made, rows = sampled(data.atlas, known, EXAMPLES, 0), np.flatnonzero(known)
        return Analogies(rows[made.a], rows[made.b], rows[made.c], rows[made.answer])

    def _put(self, slot: str, site: int) -> None:
        if 0 <= site < self.session.data.n_sites:
            self.slots[slot], self.wanted, self.problem = site, None, ""
            if self.matches and self.matches[0] == slot:
                self.matches = None

    def _look_for(self, slot: str, text: str) -> None:
        """ "O in MgO", a formula, an element: one match is taken, several are offered."""
        data = self.session.data
        symbol, _, host = text.partition(" in ")
        sites = find(data, host or symbol)
        if host and (number := element_called(symbol.strip())):
            sites = sites[data.numbers[sites] == number]
        self.matches, self.problem = None, ""
        if len(sites) == 1:
            self._put(slot, int(sites[0]))
        elif len(sites):
            self.matches = (slot, sites[:MOST_MATCHES])
        else:
            kept = self._site(self.slots[slot])
            stays = f" {slot} is still {kept['words']}." if kept else ""
            self.problem = (
                f"Nothing here is called {text.strip() or 'that'}. Write an environment as {self.hint}.{stays}"
            )

    # what is shown

    def data(self) -> dict[str, Any]:
        """Everything that the bench shows; nothing while it is closed."""
        if not self.open:
            return {}
        options = [
            {"value": name, "label": info.title, "control": info.control}
            for name, info in self.session.data.models.items()
        ]
        shown: dict[str, Any] = {
            "models": options, "source": self.source, "target": self.target, "problem": self.problem or self.sums.problem,
            "hint": self.hint,
            "slots": {slot: self._site(site) for slot, site in self.slots.items()},
            "wanted": self._site(self.wanted), "current": self._site(self.session.view.atom),
            "matches": self.matches and {"slot": self.matches[0], "sites": [self._site(int(i)) for i in self.matches[1]]},
            "table": self.table(), "progress": None if self.sums.progress is None else vars(self.sums.progress),
        }  # fmt: skip
        return shown | self._read()

    @property
    def hint(self) -> str:
        """How an environment is written: one that this atlas holds, of several elements if there is one."""
        data = self.session.data
        return data.keep("an environment in words", lambda: site_words(data, _in_a_compound(data)))

    def words(self, site: int) -> str:
        data = self.session.data
        prototype = str(data.prototypes[data.structure[site]])
        named = f", {prototype}" if prototype not in ("", "unknown") else ""
        return f"{site_words(data, site)}{named}"

    def _site(self, site: int | None) -> dict[str, Any] | None:
        return None if site is None else {"site": site, "words": self.words(site)}

    def _read(self) -> dict[str, Any]:
        """The nearest atoms to a - b + c and to c alone."""
        picked = [self.slots[slot] for slot in SLOTS]
        if any(site is None for site in picked):
            return {"wait": "Pick three environments, or take an example."}
        try:
            source, target = self._space(self.source), self._space(self.target)
        except PlatonicError as error:
            return {"wait": f"{error.happened} {error.next_step}"}
        if source is None or target is None:
            return {"wait": "Reading the models …"}
        a, b, c = (source[site] for site in picked)
        if not np.isfinite([a[0], b[0], c[0]]).all():
            return {
                "wait": f"{self.session.data.models[self.source].title} does not embed one of these atoms. Choose another model."
            }
        excluded = [int(site) for site in picked if site is not None]
        return {"sum": self._rows(a - b + c, target, excluded), "alone": self._rows(c, target, excluded)}

    def _rows(self, asked: FloatArray, space: FloatArray, excluded: list[int]) -> list[dict[str, Any]]:
        found, cosines = nearest_to(asked, space, excluded, READ)
        numbers, wanted = self.session.data.numbers, self.wanted
        return [
            {
                "site": int(site), "words": self.words(int(site)), "cosine": float(cosine),
                "right": wanted is not None and int(site) == wanted,
                "element": wanted is not None and numbers[site] == numbers[wanted],
            }
            for site, cosine in zip(found, cosines, strict=True)
        ]  # fmt: skip

    def _space(self, model: str) -> FloatArray | None:
        if error := self.session.later.error(ArithmeticSpace(model)):
            raise error
        return self.session.later.value(self.session.data, ArithmeticSpace(model))

    # the table

    def table(self) -> dict[str, Any] | None:
        """How often sums name the right element, model by model; None where it was not computed."""
        held = self.sums.found()
        if held is None:
            return None
        rows = [self._row(held, name) for name in held.models if name in self.session.data.models]
        return {"n": held.n, "chance": held.chance, "rows": rows}

    def _row(self, held: AnalogyScores, name: str) -> dict[str, Any]:
        info, scores = self.session.data.models[name], held.models[name]
        trained = [
            t for t in held.across[name] if t in self.session.data.models and not self.session.data.models[t].control
        ]
        across = [held.across[name][other]["element_at_1"] for other in trained]
        return {
            "title": info.title, "control": info.control, "sum": scores.sum, "only_c": scores.only_c,
            "across": {"mean": float(np.mean(across)), "low": min(across), "high": max(across)} if across else None,
        }  # fmt: skip


def _in_a_compound(data: AtlasData) -> int:
    """The first site whose crystal holds another element too, else the first."""
    others = np.flatnonzero(data.formulas[data.structure] != elements.table().symbol[data.numbers])
    return int(others[0]) if len(others) else 0
