"""Which stitch: source, target, method and anchors, as rows of the table of choices and as groups of the bar."""

from __future__ import annotations

from collections.abc import Iterable

from platonic_atlas.dashboard.components.choice_bar import Choice as BarChoice
from platonic_atlas.dashboard.components.choice_bar import Option
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.bar import colour_choice
from platonic_atlas.dashboard.state.choices import Allowed, Choice, Known, Part, one_of
from platonic_atlas.engine.stitching.methods import DIRECT, RELATIVE

PAGE = "stitching"
METHODS = {
    "ridge": ("Ridge", "a linear map with a small penalty"),
    "procrustes": ("Procrustes", "a rotation and one scale"),
    "affine": ("Affine", "the linear map of least squares"),
    "anchors": ("Through anchors", "no fit: by the cosines to shared anchors, and back"),
    "merge": ("Shared space", "no fit: the cosines of one read as those of the other"),
    "relative-ridge": ("Relative readout, linear", "an energy readout of the cosines, learned on the source"),
    "relative-mlp": ("Relative readout, network", "the same with a small neural network"),
}
UNFITTED = ("anchors", "merge")


def _models(known: Known) -> Iterable[object]:
    return known.model_names


def _row(name: str, default: str, allowed: Allowed, doc: str = "") -> Choice:
    """A choice of this page: in its link, and drawn by it alone."""
    return Choice(name, default, allowed, linked=lambda view: view.page == PAGE,
                  redraws=frozenset({Part.WORDS}), doc=doc)  # fmt: skip


CHOICES = (
    _row("stitch_source", "", _models, "the model that is translated"),
    _row("stitch_target", "", _models, "the model into whose space"),
    _row("stitch_method", "ridge", one_of(*METHODS)),
    _row("stitch_anchors", "", lambda known: known.anchor_sets),
)


def groups(session: Session) -> list[BarChoice]:
    """Source, target, method and, where the method leads through them, anchors."""
    view, infos = session.view, session.data.models
    models = [Option(name, f"{info.title} (control)" if info.control else info.title) for name, info in infos.items()]
    methods = [Option(name, label, title=title) for name, (label, title) in METHODS.items()]
    kept = [name for name in session.anchor_sets if name in session.data.atlas.anchor_sets()]
    anchors = [Option(name, name, title=f"{len(session.anchor_sets[name])} anchors") for name in kept]
    found = [
        BarChoice("stitch_source", "Translate", view.stitch_source, kind="menu", options=models),
        BarChoice("stitch_target", "into", view.stitch_target, kind="menu", options=models),
        BarChoice("stitch_method", "by", view.stitch_method, kind="menu", options=methods),
    ]
    if view.stitch_method not in DIRECT:
        found.append(BarChoice("stitch_anchors", "Anchors", view.stitch_anchors, kind="menu", options=anchors))
    return [*found, colour_choice(session)]


def stitched(method: str) -> str:
    """What the maps of a stitch show, by its method."""
    if method in DIRECT:
        return "A map is fitted on four fifths of the crystals; every atom is shown, the longest lines are of the other fifth."
    if method in RELATIVE:
        return (
            "An energy readout of the cosines to the anchors is learned on the source and used on the target as it is; "
            "the right map shows these cosines."
        )
    return "Nothing is fitted: the anchors, the same atoms in both models, lead from one to the other. Every atom is shown."
