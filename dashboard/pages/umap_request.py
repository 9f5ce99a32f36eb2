"""UMAP for anchors that have none yet: on request only, beside the server, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
from panel.io import hold

from dashboard.components.anchor_panel import Progress
from dashboard.components.sentence import Message
from dashboard.session import Session
from engine.background import Report, Task
from engine.errors import PlatonicError
from engine.types import LayoutKey

POLL = 200  # milliseconds
AT_ONCE = 2  # such tasks in one server: each keeps a core busy for a minute
FOLLOWS = ["anchor_sites", "balance", "centre", "layer", "models", "representation"]

_running: set[Task] = set()


class UmapRequest:
    """At most one task of a session; `changed` is called whenever there is something new to say."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.session, self.view, self._changed = session, session.view, changed
        self.task: Task | None = None
        self.progress: Progress | None = None
        self.message: Message | None = None
        self._asked: tuple[LayoutKey, Any] | None = None
        self._stop_polling: Callable[[], None] = lambda: None
        self.view.param.watch(lambda *_: self.cancel(), FOLLOWS)
        document = pn.state.curdoc
        if document is not None and document.session_context:
            document.on_session_destroyed(lambda _context: self.cancel())

    def missing(self) -> list[str]:
        """Models shown that have no UMAP for these anchors and could have one."""
        data, key, sites = self.session.data, self.session.key, self.view.anchor_sites
        held = data.umap(key, sites)
        able = [m for m in key.models if key.layer in data.layers(m) and data.present(m, key.layer)[sites].all()]
        return [model for model in able if model not in held]

    def ask(self) -> None:
        """Show UMAP: at once where it is there, else when it is made."""
        if self.view.representation == "raw" or not len(self.view.anchor_sites):
            return
        wanted = self.missing()
        if not wanted:
            self.view.layout = "umap"
        elif self.task is None:
            self._start(wanted)

    def _start(self, wanted: list[str]) -> None:
        if len(_running) >= AT_ONCE:
            self.message = Message("umap", "Other visitors of this server are computing UMAP.", next="Try again in a minute.")
            self._changed()
            return
        data, key, sites = self.session.data, self.session.key, self.view.anchor_sites.copy()
        self._asked, self.message = (key, sites), None
        self.task = Task(
            "engine.verbs:layout_places", atlas=data.atlas.path, sites=sites, models=wanted,
            shaping=data.trained(key.models), balance=key.balance, centre=key.centre, layer=key.layer,
        )  # fmt: skip
        _running.add(self.task)
        self.progress = Progress("Starting UMAP", 0.0)
        document = pn.state.curdoc
        if document is not None and document.session_context:
            polling = document.add_periodic_callback(self.poll, POLL)
            self._stop_polling = lambda: document.remove_periodic_callback(polling)
        self._changed()

    def poll(self) -> None:
        """Take up what the task reports."""
        if self.task is None:
            return
        report = self.task.poll()
        if report.done:
            with hold():
                self._finish(report)
        else:
            self.progress = Progress(self._words(report), report.fraction)
            self._changed()

    def _words(self, report: Report) -> str:
        model = report.what.removeprefix("UMAP of ")
        known = self.session.data.models.get(model)
        return f"UMAP of {known.title}" if known else "Starting UMAP"

    def _finish(self, report: Report) -> None:
        asked = self._asked
        self._end()
        if report.error is not None:
            self.message = _message(report.error)
            self._changed()
        elif asked is not None and report.result:
            self._keep(*asked, report.result)
            self.view.layout = "umap"

    def _keep(self, key: LayoutKey, sites: Any, places: dict[str, Any]) -> None:
        self.session.data.hold_umap(key, sites, places)
        self.session.store_umap(key, sites, places)

    def cancel(self) -> None:
        """Stop what is under way, if anything is."""
        if self.task is not None:
            self.task.cancel()
            self._end()

    def _end(self) -> None:
        if self.task is not None:
            _running.discard(self.task)
        self._stop_polling()
        self._stop_polling = lambda: None
        self.task = self.progress = self._asked = None
        self._changed()


def _message(error: PlatonicError) -> Message:
    return Message("umap", error.happened, error.expected, error.next_step)
