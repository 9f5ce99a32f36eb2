"""What the pages over the eight maps have in common: the choices of the maps, and the sentence under them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from platonic_atlas.dashboard.atlas.agreement import agreed
from platonic_atlas.dashboard.components.choice_bar import Choice, Option
from platonic_atlas.dashboard.pages.base import Page
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.shell.bar import colour_choice

NO_UMAP = "UMAP is drawn of relative representations only."
MADE_NOW = "Not there yet for these anchors: computed on request"
RELATIVE_ONLY = "Raw features have no anchors and no common axes."
ON_AGREEMENT = "The two directions along which the trained models agree most about these atoms"
ON_VARIANCE = "The two directions along which the trained models spread most"
ON_OWN = "Each model on its own best two directions"
MOST_NAMED = 2  # controls whose numbers the sentence has room for; their titles tell them all
LENT = (
    "A frame that trained models shape lends its order to what is drawn in it: what order a control shows here is no sign "
    "of learning, and Own takes it away."
)
WITHIN = "Each atom less the mean place of its element: what is left beyond the periodic table"


class MapPage(Page):
    """A page whose main part is the eight maps."""

    def bar(self) -> Sequence[Choice]:
        view, raw = self.view, self.view.representation == "raw"
        return [
            colour_choice(self.session),
            Choice("representation", "Show", view.representation,
                   options=[Option("raw", "Raw", title="Each model's own features"), Option("relative", "Relative", title="Cosines to the anchors")]),
            Choice("frame", "Frame", "own" if raw else view.frame, options=[
                Option("agreement", "Agreement", disabled=raw, reason=RELATIVE_ONLY, title=ON_AGREEMENT),
                Option("variance", "Variance", disabled=raw, reason=RELATIVE_ONLY, title=ON_VARIANCE),
                Option("own", "Own", title=ON_OWN),
            ]),
            Choice("within", "Atoms", "elements" if self.session.key.within_elements else "all", options=[
                Option("all", "All"), Option("elements", "Within elements", disabled=raw, reason=RELATIVE_ONLY, title=WITHIN),
            ]),
            Choice("layout", "Layout", view.layout, options=[Option("pca", "PCA"), self._umap(raw)]),
            Choice("anchors", "Anchors", view.anchors, kind="menu", options=self._anchor_sets()),
            Choice("options", "Options", kind="panel", choices=self._options()),
        ]  # fmt: skip

    def _umap(self, raw: bool) -> Option:
        title = MADE_NOW if not raw and self.desk.umap_missing else ""
        return Option("umap", "UMAP", disabled=raw, reason=NO_UMAP, title=title)

    def _anchor_sets(self) -> list[Option]:
        sets = [Option(name, name, title=f"{len(sites)} anchors") for name, sites in self.session.anchor_sets.items()]
        if self.view.anchors not in self.session.anchor_sets:
            sets.append(Option(self.view.anchors, self.session.anchors_title()))
        return sets

    def _options(self) -> list[Choice]:
        view, data = self.view, self.session.data
        layers = sorted({layer for model in view.models for layer in data.layers(model)})
        return [
            Choice("balance", "Weights", view.balance, options=[Option("elements", "By element"), Option("atoms", "By site")]),
            Choice("centre", "Centred", view.centre, kind="toggle"),
            *([Choice("layer", "Layer", view.layer, options=[Option(n, n) for n in layers])] if len(layers) > 1 else []),
            *self._pair(),
            Choice("consensus", "Consensus", view.consensus,
                   options=[Option("disagreement", "By disagreement"), Option("colour", "As the others")]),
            Choice("pixel", "Where dots overlap", view.pixel, options=[Option("mean", "Mean colour"), Option("majority", "Majority")]),
            Choice("marks", "Anchor marks", view.marks, kind="toggle"),
            Choice("labels", "Element symbols", view.labels, kind="toggle"),
        ]  # fmt: skip

    def _pair(self) -> list[Choice]:
        """The two models whose neighbours are compared, while the colour shows it."""
        pair, infos = self.session.pair(), self.session.data.models
        if not self.session.scheme.of_pair or pair is None:
            return []
        words = (("overlap_first", "First model"), ("overlap_second", "Second model"))
        return [
            Choice(name, label, mine, kind="menu",
                   options=[Option(n, i.title, disabled=n == other, reason="the other of the two") for n, i in infos.items()])
            for (name, label), mine, other in zip(words, pair, reversed(pair), strict=True)
        ]  # fmt: skip

    def sentence(self) -> tuple[str, str]:
        return map_sentence(self.session)


def map_sentence(session: Session) -> tuple[str, str]:
    """Lead and text of what the maps show, and what it does not prove."""
    if said := _nothing_to_see(session) or session.colouring_sentence():
        return said
    lead, text = _of_the_places(session)
    return lead, " ".join(part for part in (text, session.scheme.caution) if part)


def _of_the_places(session: Session) -> tuple[str, str]:
    """What places say, whatever the colours."""
    view, shown = session.view, _count(len(session.view.models))
    if view.representation == "raw":
        return (
            "Each model in its own numbers.",
            f"{shown} sets of features that share no axes; models of one family differ mostly by a rotation.",
        )
    if view.layout == "umap":
        return "Neighbourhoods, not distances.", "UMAP keeps near atoms near and distorts the gaps between groups."
    if view.frame == "own":
        return "Each model on its own best axes.", "Directions mean different things from map to map."
    if session.agreeing():
        return "Axes of agreement are being computed.", "Until they are there the maps lie on the axes of variance."
    return _shared(session, shown)


def _nothing_to_see(session: Session) -> tuple[str, str] | None:
    view, name = session.view, session.data.atlas.path.name
    if not view.models:
        return (
            "This atlas holds structures, and no model has embedded them yet.",
            f"Run: platonic embed {name} --model sevennet-0, then platonic anchors, and reload.",
        )
    if view.representation == "relative" and not len(view.anchor_sites):
        return (
            "There are no anchors to place atoms by.",
            f"Choose some on the page Anchors, or run: platonic anchors {name} --name element-89 --strategy element",
        )
    return None


def _shared(session: Session, shown: str) -> tuple[str, str]:
    """Of a frame of all models: what the axes are, and how far the controls agree."""
    view, infos = session.view, session.data.models
    controls = [infos[name].title for name in view.models if infos[name].control]
    if controls and not session.lends():
        lead = "Controls learned nothing." if len(controls) > 1 else "A control learned nothing."
        return lead, f"Each dot is an atom, placed by how alike it is to {len(view.anchor_sites)} shared anchor atoms."
    if controls:
        return _controls(session)
    within = session.key.within_elements
    axes = "agree most" if view.frame == "agreement" else "spread most"
    placed = "Each dot is an atom, less the mean place of its element" if within else "Each dot is an atom"
    along = f"{placed}, along the two directions in which the trained models {axes}"
    if within:
        return "Beyond the periodic table.", f"{along}."
    text = f"{along}, the same in every map ({len(view.anchor_sites)} shared anchor atoms)."
    return f"One space for {shown.lower()} models.", text


def _controls(session: Session) -> tuple[str, str]:
    """What controls show in a frame that trained models shaped."""
    infos, found = session.data.models, session.agreements()
    numbers = {name: both for name in session.view.models if (both := agreed(found.get(name)))}
    controls = {infos[name].title: both for name, both in numbers.items() if infos[name].control}
    trained = [both for name, both in numbers.items() if not infos[name].control]
    several = sum(infos[name].control for name in session.view.models) > 1
    lead = "Controls learned nothing." if several else "A control learned nothing."
    if not controls or not trained:
        return lead, LENT
    where = " within elements" if session.key.within_elements else ""
    told = ", ".join(f"{title} {_both(both)}" for title, both in controls.items())
    if len(controls) > MOST_NAMED:
        told = f"controls {_both(_each(max, list(controls.values())))} at most"
    return lead, f"Agreement{where}: {told}, trained models {_both(_each(min, trained))} at least. {LENT}"


def _each(choose: Callable[[Iterable[float]], float], numbers: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The largest or smallest along each axis."""
    return choose(first for first, _ in numbers), choose(second for _, second in numbers)


def _both(axes: tuple[float, float]) -> str:
    return f"{saving.decimal(axes[0])} · {saving.decimal(axes[1])}"


def _count(n: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven")
    return words[n] if n < len(words) else str(n)
