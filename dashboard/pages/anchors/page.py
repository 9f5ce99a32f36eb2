"""The page Anchors: another set, and the maps and the laboratory follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import panel as pn

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.atlas.search import element_called
from platonic_atlas.dashboard.colourings import nearest_anchor
from platonic_atlas.dashboard.components.anchor_panel import (
    AnchorPanel,
    AnchorSet,
    anchor_data,
    coverage_data,
)
from platonic_atlas.dashboard.components.choice_bar import Option
from platonic_atlas.dashboard.pages.anchors import pictures
from platonic_atlas.dashboard.pages.anchors.compared import Compared
from platonic_atlas.dashboard.pages.anchors.laboratory import Laboratory
from platonic_atlas.dashboard.pages.base import Desk, TableColours
from platonic_atlas.dashboard.pages.maps import MapPage
from platonic_atlas.dashboard.plots.anchor_marks import meaning
from platonic_atlas.dashboard.plots.coverage_figure import coverage_figure
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.snapshot import Snapshot
from platonic_atlas.dashboard.state.choices import Part, parts_of
from platonic_atlas.dashboard.state.view import BY_HAND
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.dashboard.work.together import together
from platonic_atlas.engine.anchors.choose import choose_anchors
from platonic_atlas.engine.anchors.coverage import coverage_by_element
from platonic_atlas.engine.elements import table
from platonic_atlas.engine.errors import AnchorError, PlatonicError
from platonic_atlas.engine.names import is_name
from platonic_atlas.engine.sheet import sheet
from platonic_atlas.engine.types import BoolArray, IntArray

HAND, COVERAGE, TWO_MAPS = "hand", "coverage", "two-maps"
LONGEST_NAME = 40  # characters that a button has room for
DRAGGED = 50  # milliseconds after which a slider that is being dragged has asked again
FOLLOWED = frozenset(
    {
        "page",
        "anchors",
        "anchor_sites",
        "selected",
        "representation",
        "models",
        "layer",
        "balance",
        "centre",
        "within",
        "atom",
    }
)


@dataclass(frozen=True)
class Search(Request[IntArray]):
    """The sites that a strategy chooses; eligible : (n_sites,) bool as bytes."""

    strategy: str
    number: int
    seed: int
    reference: str
    layer: str
    eligible: bytes

    doing = "Choosing anchors"

    def make(self, data: AtlasData) -> IntArray:
        eligible = np.frombuffer(self.eligible, dtype=bool)
        return choose_anchors(
            self.strategy, eligible=eligible, embedding=data.embedding(self.reference, self.layer),
            moments=data.moments(self.reference, self.layer), atomic_numbers=data.numbers,
            n=min(self.number, int(np.count_nonzero(eligible))), seed=self.seed,
        ).sites  # fmt: skip


class Anchors(MapPage):
    """The anchor picker: chooses in a thread, so that the page stays alive; the last request wins."""

    name, title = "anchors", "Anchors"

    def __init__(self, session: Session, desk: Desk) -> None:
        super().__init__(session, desk)
        self.panel = AnchorPanel()
        self._run = 0
        self.laboratory = Laboratory(session, self.refresh)
        self._told: tuple[bool, Mapping[int, float]] = (False, {})
        self.begin()
        self._coverage: dict[str, Any] | None = None
        self.panel.param.watch(lambda event: self._heard(event.new), "intent")
        self.view.param.watch(lambda event: self.compared.show(event.new == self.name and self.comparing), "page")

    def begin(self) -> None:
        """One anchor of each element, as the first trained model has them; a search that still runs is dropped."""
        data = self.session.data
        self.strategy, self.number, self.seed = "element", 100, 0
        first = [*data.trained(data.default_models()), *data.trained(list(data.models)), ""]
        self.reference, self.message, self.working = first[0], "", False
        self.measuring = False
        self.compared.begin()
        self._run += 1

    @property
    def dock(self) -> AnchorPanel:
        return self.panel

    @property
    def compared(self) -> Compared:
        return self.laboratory.compared

    @property
    def comparing(self) -> bool:
        """Whether two maps of one model stand in the place of the others."""
        return self.measuring and self.compared.seen

    @property
    def room(self) -> Any:
        return self.compared.room

    @property
    def main(self) -> Any | None:
        return self.room if self.comparing else None

    @property
    def offers_models(self) -> bool:
        return True

    # what the shell shows for it

    def weights(self) -> Mapping[int, float]:
        return self.laboratory.weights(self.view.anchor_sites)

    def sentence(self) -> tuple[str, str]:
        lead, text = self.compared.sentence() if self.comparing else super().sentence()
        said = meaning(self.weights()) if self.view.marks else ""
        return lead, f"{text} {said}".strip()

    def table(self) -> TableColours | None:
        if self.view.representation != "relative":
            return None
        return TableColours(self.session.coverage_colouring(), self._words())

    def _words(self) -> dict[int, str]:
        distance = self.session.nearest_anchor()
        if distance is None:
            return {}
        found = coverage_by_element(distance, self.session.data.numbers)
        return {z: f"nearest anchor: median {middle:.2f}, farthest {most:.2f}" for z, (middle, most) in found.items()}

    def pictures(self) -> Sequence[tuple[str, str]]:
        covered = self.view.representation == "relative" and len(self.view.anchor_sites)
        return [*([(COVERAGE, "Coverage by the anchors")] if covered else []),
                *(self.laboratory.pictures() if self.measuring else []),
                *([(TWO_MAPS, "The two maps")] if self.comparing else [])]  # fmt: skip

    def tables(self) -> Sequence[str]:
        return (COVERAGE, TWO_MAPS, *(value for value, _ in pictures.choices(tuple(pictures.TITLES))))

    def draw(self, snapshot: Snapshot, what: str, format: str) -> bytes:
        if what == TWO_MAPS:
            return self.compared.drawn(snapshot, format)
        if what != COVERAGE:
            return self.laboratory.drawn(snapshot, what, format)
        data, model = snapshot.data, snapshot.coverage_model
        wanted = nearest_anchor.values(data, snapshot.seen)
        if wanted is None:
            raise AnchorError(
                "There are no anchors to measure distances to.",
                "Coverage is the distance of each atom to its nearest anchor.",
                "Choose anchors on the page Anchors.",
            )
        distance = data.made(wanted)
        colouring = data.made(nearest_anchor.SCHEME.colours(data, snapshot.seen))
        words = f"{saving.caption(snapshot)} Distances to the nearest anchor in {data.models[model].title}."
        if format == "csv":
            found, symbols = coverage_by_element(distance, data.numbers), table().symbol
            lines = [(str(symbols[z]), f"{middle:.6g}", f"{most:.6g}") for z, (middle, most) in found.items()]
            return sheet(("element", "median", "farthest"), [*lines, (words,)]).encode()
        return coverage_figure(distance, colouring, caption=words, dark=snapshot.dark, format=format)

    def tapped(self, site: int | None) -> bool:
        """A tap makes an anchor of an atom, or takes it away; the selection stays."""
        if site is not None:
            self.view.toggle_anchor(site)
        return True

    def refresh(self, changed: frozenset[str] = frozenset()) -> None:
        if not changed or Part.MAPS in parts_of(changed):
            self.compared.show(self.comparing)
        if changed and not changed & FOLLOWED:
            return
        if self._told != (told := (self.comparing, self.weights())):
            self._told = told
            self.desk.refresh()
        session, view = self.session, self.view
        sets = [
            AnchorSet(name, len(sites), kept=name not in session.shipped) for name, sites in session.anchor_sets.items()
        ]
        infos = session.data.models
        references = [Option(name, infos[name].title) for name in session.data.trained(list(infos))]
        relative = view.representation == "relative" and len(view.anchor_sites)
        distance = session.nearest_anchor() if relative else None
        if distance is not None:
            self._coverage = coverage_data(distance, reference=infos[session.coverage_model()].title)
        self.panel.data = anchor_data(
            strategy=HAND if view.anchors == BY_HAND else self.strategy, number=self.number, seed=self.seed,
            reference=self.reference, references=references, sets=sets, current=view.anchors,
            n_selected=view.n_selected, largest=int(np.count_nonzero(session.data.eligible())), coverage=self._coverage if relative else None,
            progress=Progress("Choosing anchors") if self.working else None, message=self.message,
            laboratory=self.laboratory.data() if self.measuring else None, measuring=self.measuring,
        )  # fmt: skip

    def _heard(self, intent: dict[str, Any]) -> None:
        self.message = ""
        acts = {
            "strategy": self._set_strategy, "number": self._set_number, "seed": self._set_seed,
            "reference": self._set_reference, "use_selection": self._use_selection, "paste": self._paste,
            "keep": self._keep, "forget": self._forget, "choose_set": self._choose_set, "cancel": self._cancel,
            "measure": self._measure, "examine": lambda intent: self.laboratory.ask(str(intent["what"])),
            "stop": lambda intent: self.laboratory.cancel(), "point": self._point, "beside": self._put_beside,
            "map_of": self._choose_map,
        }  # fmt: skip
        if act := acts.get(str(intent.get("kind"))):
            act(intent)
        self.refresh()

    def _measure(self, intent: dict[str, Any]) -> None:
        """The laboratory is looked at, or no longer: only then is it measured."""
        self.measuring = bool(intent["value"])

    def _put_beside(self, intent: dict[str, Any]) -> None:
        name = str(intent.get("value", ""))
        self.compared.beside = name if name in self.session.anchor_sets else ""

    def _choose_map(self, intent: dict[str, Any]) -> None:
        self.compared.chosen = str(intent.get("value", ""))

    def _point(self, intent: dict[str, Any]) -> None:
        site = int(intent["site"])
        if 0 <= site < self.session.data.n_sites:
            self.view.atom = site

    def _set_strategy(self, intent: dict[str, Any]) -> None:
        self.strategy = str(intent["value"])
        if self.strategy != HAND:
            self._choose()
        else:
            self._use_by_hand(self.view.anchor_sites)

    def _use_by_hand(self, sites: IntArray) -> None:
        """Take these; an answer that is still on its way is dropped."""
        self._run += 1
        self.working = False
        self.view.use_anchors(BY_HAND, sites)

    def _set_number(self, intent: dict[str, Any]) -> None:
        self.number = int(np.clip(int(intent["value"]), 5, 1000))
        self._choose()

    def _set_seed(self, intent: dict[str, Any]) -> None:
        self.seed = int(np.clip(int(intent["value"]), 0, 2**31 - 1))
        self._choose()

    def _set_reference(self, intent: dict[str, Any]) -> None:
        if intent["value"] in self.session.data.models:
            self.reference = str(intent["value"])
            self._choose()

    def _use_selection(self, _intent: dict[str, Any]) -> None:
        sites = np.flatnonzero(self.view.selected & self.session.data.eligible())
        if not len(sites):
            self.message = "None of the selected atoms is embedded by every model."
        elif len(sites) > 1000:
            self.message = f"{len(sites):,} atoms are selected; at most 1,000 can be anchors."
        else:
            self._use_by_hand(sites)

    def _paste(self, intent: dict[str, Any]) -> None:
        """Element symbols: the medoid of each becomes an anchor."""
        words = str(intent.get("text", "")).replace(",", " ").replace(";", " ").split()
        unknown = [word for word in words if not element_called(word)]
        wanted = np.isin(self.session.data.numbers, [element_called(word) for word in words])
        if unknown or not words:
            self.message = f"{', '.join(unknown)[:60] or 'Nothing'} is no element. Write symbols, such as Li O Fe."
            return
        if not (wanted & self.session.data.eligible()).any():
            self.message = "No atom of these elements is embedded by every model."
            return
        self._use_by_hand(self.session.data.made(self._wanted("element", wanted & self.session.data.eligible())))

    def _keep(self, intent: dict[str, Any]) -> None:
        name = str(intent.get("name", "")).strip()
        if not is_name(name) or len(name) > LONGEST_NAME or name in self.session.shipped or name == BY_HAND:
            self.message = "Give the set a name of letters, digits, spaces, - and _ that no shipped set has."
        elif not len(self.view.anchor_sites):
            self.message = "There are no anchors to keep."
        else:
            by_hand = self.view.anchors == BY_HAND
            origin = (
                {"strategy": "hand"}
                if by_hand
                else {"strategy": self.strategy, "seed": self.seed, "reference": self.reference}
            )
            try:
                self.session.keep_set(name, **origin)
            except PlatonicError as error:  # a full disk, another process that writes
                self.message = f"{error.happened} {error.next_step}"

    def _forget(self, intent: dict[str, Any]) -> None:
        name = str(intent.get("name", ""))
        if name in self.session.anchor_sets and name not in self.session.shipped:
            self.session.forget_set(name)

    def _choose_set(self, intent: dict[str, Any]) -> None:
        self._cancel(intent)
        self.session.choose_set(str(intent.get("value") or intent.get("name")))

    def _cancel(self, _intent: dict[str, Any]) -> None:
        self._run += 1
        self.working = False

    def _choose(self) -> None:
        """Ask for anchors in a thread; an answer that comes after a later request is dropped."""
        if self.strategy == HAND:
            return
        self._run += 1
        self.working = True
        wanted, document = self._wanted(self.strategy, self.session.data.eligible()), pn.state.curdoc
        if document is not None and document.session_context:
            document.add_timeout_callback(partial(self._choose_later, wanted, self._run), DRAGGED)
        else:
            self._take(wanted, self.session.data.made(wanted), self._run)

    def _choose_later(self, wanted: Search, run: int) -> None:
        if run == self._run:
            self.session.later.then(partial(self._made, wanted, run), partial(self._chosen, wanted, run))

    def _made(self, wanted: Search, run: int) -> IntArray:
        """In a thread, which it may have waited for: what nobody wants any more is not looked for."""
        return self.session.data.made(wanted) if run == self._run else np.zeros(0, dtype=np.int64)

    def _chosen(self, wanted: Search, run: int, future: Future[IntArray]) -> None:
        if (error := future.exception()) is not None:
            self._failed(error, run)
            return
        with together():
            self.session.failures.withdraw(Search.doing)
            self._take(wanted, future.result(), run)

    def _failed(self, error: BaseException, run: int) -> None:
        """What was wrong with the request stands beside it, a fault of ours where all messages stand."""
        if run != self._run:
            return
        self.working = False
        if isinstance(error, PlatonicError):
            self.message = str(error).replace("\n", " ")
        else:
            self.session.failures.tell(Search.doing, error)
        self.refresh()

    def _take(self, wanted: Search, sites: IntArray, run: int) -> None:
        if run != self._run:
            return
        self.working = False
        name = f"{wanted.strategy}-{len(sites)}"
        same = name in self.session.shipped and np.array_equal(self.session.anchor_sets[name], sites)
        free = same or name not in self.session.shipped
        self.view.use_anchors(name if free else f"{name} (seed {wanted.seed})", sites)
        self.refresh()

    def _wanted(self, strategy: str, eligible: BoolArray) -> Search:
        layer = self.session.key.layer
        return Search(strategy, self.number, self.seed, self.reference, layer, eligible.tobytes())
