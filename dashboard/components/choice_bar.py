"""The bar of choices: colour, show, frame, layout, anchors, options, models and search, each visible as words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle

SLOTS = 7


class ChoiceBar(Component):
    """Intents: choose {id, value}, models {value: [name, …]}, search {text, commit, mode: replace|add|subtract}."""

    _esm = bundle("choice_bar.js")
    _stylesheets = styles("choice_bar")


@dataclass(frozen=True)
class Option:
    """One answer to a choice; a disabled one says why."""

    value: str
    label: str
    disabled: bool = False
    reason: str = ""
    title: str = ""


@dataclass(frozen=True)
class Choice:
    """One question of the bar. `more` are answers under "More"; a "panel" holds choices of its own."""

    id: str
    label: str
    value: str | bool = ""
    kind: Literal["segmented", "menu", "toggle", "panel"] = "segmented"
    options: Sequence[Option] = ()
    more: Sequence[Option] = ()
    choices: Sequence[Choice] = ()
    title: str = ""


@dataclass(frozen=True)
class ModelChoice:
    """A model that can take one of the seven places."""

    name: str
    title: str
    trained_on: str = ""
    licence: str = ""
    traits: str = ""
    control: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Suggestion:
    """An answer to what is being typed in the search field."""

    value: str
    label: str
    note: str = ""


def bar_data(
    choices: Sequence[Choice],
    models: Sequence[ModelChoice],
    shown: Sequence[str],
    *,
    suggestions: Sequence[Suggestion] = (),
    search: str = "",
    message: str = "",
) -> dict[str, Any]:
    """What the bar shows: `shown` are model names in the order of the maps, `message` what a search came to."""
    known = {model.name for model in models}
    return {
        "groups": [_plain(choice) for choice in choices],
        "models": {"slots": SLOTS, "shown": [name for name in shown if name in known][:SLOTS],
                   "choices": [asdict(model) for model in models]},
        "search": {"text": search, "message": message, "suggestions": [asdict(each) for each in suggestions]},
    }  # fmt: skip


def _plain(choice: Choice) -> dict[str, Any]:
    return {
        "id": choice.id,
        "label": choice.label,
        "kind": choice.kind,
        "value": choice.value,
        "title": choice.title,
        "options": [asdict(option) for option in choice.options],
        "more": [asdict(option) for option in choice.more],
        "groups": [_plain(inner) for inner in choice.choices],
    }
