"""UMAP for anchors that have none yet: on request only, beside the server, with progress and a way to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from platonic_atlas.dashboard.atlas.layouts import hold_umap, stored_umap, umap
from platonic_atlas.dashboard.components.sentence import Message
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.work.door import BUSY
from platonic_atlas.dashboard.work.failure import in_words
from platonic_atlas.dashboard.work.followed import Followed
from platonic_atlas.dashboard.work.process import Report, Task
from platonic_atlas.dashboard.work.progress import Progress
from platonic_atlas.dashboard.work.together import together
from platonic_atlas.engine.types import LayoutKey

FOLLOWS = ["anchor_sites", "balance", "centre", "layer", "models", "representation"]


class UmapRequest:
    """At most one task of a session; `changed` is called whenever there is something new to say."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.session, self.view, self._changed = session, session.view, changed
        self.work = Followed(self.poll)
        self.progress: Progress | None = None
        self.message: Message | None = None
        self._asked: tuple[LayoutKey, Any] | None = None
        self._began = 0.0
        self.view.param.watch(lambda *_: self.cancel(), FOLLOWS)

    @property
    def task(self) -> Task | None:
        return self.work.task

    def missing(self) -> list[str]:
        """Models shown that have no UMAP for these anchors and could have one."""
        data, key, sites = self.session.data, self.session.key, self.view.anchor_sites
        held = umap(data, key, sites)
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
        data, key, sites = self.session.data, self.session.key, self.view.anchor_sites.copy()
        started = self.work.start(
            "platonic_atlas.engine.studies.layouts:layout_places",
            atlas=data.atlas.path,
            key=replace(stored_umap(key), models=tuple(wanted)),
            sites=sites,
            shaping=data.trained(key.models),
        )
        if started:
            self._began = time.monotonic()
            self._asked, self.message, self.progress = (key, sites), None, Progress("Starting UMAP", 0.0)
        else:
            self.message = Message("umap", BUSY)
        self._changed()

    def poll(self) -> None:
        """Take up what the task reports."""
        if (report := self.work.report()) is None:
            return
        if report.done:
            with together():
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
            self.message = Message.of("umap", report.error)
            self._changed()
        elif asked is not None and report.result:
            try:
                self._keep(*asked, report.result)
            except Exception as error:  # such as a full disk
                self.message = Message.of("umap", in_words("Keeping the UMAP", error))
                self._changed()
            else:
                self.view.layout = "umap"

    def _keep(self, key: LayoutKey, sites: Any, places: dict[str, Any]) -> None:
        hold_umap(self.session.data, key, sites, places, seconds=time.monotonic() - self._began)
        self.session.store_umap(key, sites, places)

    def cancel(self) -> None:
        """Stop what is under way, if anything is."""
        if self.work.cancel():
            self._end()

    def _end(self) -> None:
        self.progress = self._asked = None
        self._changed()
