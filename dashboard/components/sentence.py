"""The line under the maps: what is seen, what is under way, what went wrong, and how to read it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.engine.errors import PlatonicError


class Sentence(Component):
    """Intents: cancel, act {id}, dismiss {id}, dock {folded}, help {open}."""

    _esm = bundle("sentence.js")
    _stylesheets = styles("sentence")


@dataclass(frozen=True)
class HelpSection:
    """A heading and its paragraphs."""

    title: str
    paragraphs: Sequence[str]


@dataclass(frozen=True)
class Message:
    """Something the reader must know: what happened, what was expected, what to do next.

    action : what the button says that does it, where there is one
    """

    id: str
    happened: str
    expected: str = ""
    next: str = ""
    kind: Literal["error", "notice"] = "error"
    action: str = ""

    @classmethod
    def of(cls, id: str, error: PlatonicError) -> Message:
        """The three parts of an error."""
        return cls(id, error.happened, error.expected, error.next_step)


def sentence_data(
    *,
    lead: str,
    text: str,
    help_sections: Sequence[HelpSection] = (),
    messages: Sequence[Message] = (),
    progress: Progress | None = None,
    help_asked: int = 0,
    folded: bool | None = None,
) -> dict[str, Any]:
    """What the line shows. A larger `help_asked` opens the help; `folded` None folds the dock on a small window."""
    return {
        "lead": lead,
        "text": text,
        "help": [{"title": section.title, "paragraphs": list(section.paragraphs)} for section in help_sections],
        "messages": [asdict(message) for message in messages],
        "progress": None if progress is None else asdict(progress),
        "help_asked": help_asked,
        "folded": folded,
    }
