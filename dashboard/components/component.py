"""What every piece of the page's frame has in common: it shows `data` and says what was asked in `intent`."""

from __future__ import annotations

from typing import Any

import param
from panel.custom import JSComponent

from platonic_atlas.dashboard.theme import asset
from platonic_atlas.dashboard.work.together import together

LONGEST = 100_000  # characters of an intent: more than anybody types, chooses or pastes


def styles(name: str) -> list[str]:
    return [asset("common.css"), asset(f"{name}.css")]


class Component(JSComponent):
    """A piece without a will of its own: draws `data` in the browser and reports what was done there as `intent`.

    Intents come as messages, not as changes of a property: Panel merges property changes that arrive within
    50 ms, and a click right after a hover would then swallow it.
    """

    data = param.Dict(default={}, doc="everything that is shown; server to browser")
    intent = param.Dict(default={}, doc='what was asked: {"kind": …, …, "n": counter}; browser to server')

    _esm = "export function render() {}"
    __abstract = True

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"margin": 0, "sizing_mode": "stretch_width", **params})

    def _handle_msg(self, msg: Any) -> None:
        if isinstance(msg, dict) and isinstance(msg.get("kind"), str) and len(repr(msg)) <= LONGEST:
            with together():  # all that follows from an intent goes out as one message, and is painted once
                self.intent = msg
