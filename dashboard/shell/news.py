"""What has come to the atlas since a visitor came: a notice, and one click that shows it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import panel as pn

from platonic_atlas.dashboard.atlas.served import Served
from platonic_atlas.dashboard.components.sentence import Message
from platonic_atlas.dashboard.session import Session

LOOK = 5_000  # milliseconds between two looks at the times of two files
READING = "Reading the atlas again"


class News:
    """Looks now and then; `changed` is called when there is something else to say, `reloads` counts what was asked for."""

    def __init__(self, session: Session, served: Served, changed: Callable[[], None]) -> None:
        self.session, self.served, self._changed = session, served, changed
        self._since, self._known = served.read, set(session.anchor_sets)
        self._told, self._dismissed, self.reloads = "", "", 0

    def follow(self) -> None:
        """Look from now on, for as long as the page is open."""
        document = pn.state.curdoc
        if document is not None and document.session_context:
            document.add_periodic_callback(self.look, LOOK)

    def look(self) -> None:
        self._known |= set(self.session.anchor_sets)
        told = self.served.news(self._since, self._known)
        if told != self._told:
            self._told = told
            self._changed()

    @property
    def message(self) -> Message | None:
        if not self._told or self._told == self._dismissed:
            return None
        return Message(
            "news", f"New in this atlas: {self._told}.", next="Show it: the page opens again with the same view.",
            kind="notice", action="Show",
        )  # fmt: skip

    def dismiss(self) -> None:
        self._dismissed = self._told

    def show(self) -> None:
        """Read the atlas anew, unless another visitor has asked for it already, and open the page again."""
        if self.served.data is self.session.data:
            self.session.later.then(self.served.renew, self._shown)
        else:
            self._reload()

    def _shown(self, future: Future[None]) -> None:
        if (error := future.exception()) is not None:
            self.session.failures.tell(READING, error)
        else:
            self._reload()

    def _reload(self) -> None:
        self.reloads += 1
        self._changed()
