"""What is said when work fails: on the page in words, in the server's log where it was."""

from __future__ import annotations

import logging
from collections.abc import Callable

from platonic_atlas.engine.errors import PlatonicError

_log = logging.getLogger(__name__)


def in_words(doing: str, error: BaseException) -> PlatonicError:
    """The error in three parts. One that nobody expected is a fault of ours, and its traceback goes to the log.

    doing : what was being done, as "Choosing anchors"
    """
    if isinstance(error, PlatonicError):
        return error
    _log.error("%s failed", doing, exc_info=error)
    return PlatonicError(
        f"{doing} failed ({type(error).__name__}).",
        "It should have worked: this is a fault of Platonic Atlas. The log of the server says where it lies.",
        "Take this message away and try again, or try with other choices. If it fails again, report it with the log.",
    )


class Failures:
    """What failed and was not yet taken away by the visitor, by what was being done."""

    def __init__(self) -> None:
        self.changed: Callable[[], None] = lambda: None
        self._told: dict[str, PlatonicError] = {}

    def tell(self, doing: str, error: BaseException) -> None:
        """Say in words that something failed; the same again takes the place of the message before."""
        self._told[_name(doing)] = in_words(doing, error)
        self.changed()

    def withdraw(self, doing: str) -> None:
        """It has worked since."""
        self.dismiss(_name(doing))

    def dismiss(self, name: str) -> None:
        if self._told.pop(name, None) is not None:
            self.changed()

    def told(self) -> list[tuple[str, PlatonicError]]:
        """Name and error of each message."""
        return list(self._told.items())


def _name(doing: str) -> str:
    return doing.lower().replace(" ", "-")
