"""Changes that are made together arrive, whenever they are made."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import panel as pn
import pytest
from bokeh.document import Document
from bokeh.document.events import ModelChangedEvent
from bokeh.models import Range1d
from panel.io.state import set_curdoc

from platonic_atlas.dashboard.work.together import together


@pytest.mark.parametrize("loaded", [False, True])
def test_what_changes_while_a_page_loads_is_not_lost(loaded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    document, reach = Document(), Range1d(0, 1)
    document.add_root(reach)
    visitor = SimpleNamespace(session=None, server_context=None)
    monkeypatch.setattr(type(document), "session_context", property(lambda self: visitor))
    pn.state._loaded[document] = pn.state._connected[document] = loaded
    pn.state._thread_id_[document] = threading.get_ident()
    heard: list[object] = []
    document.on_change(lambda event: heard.append(event.new) if isinstance(event, ModelChangedEvent) else None)
    with set_curdoc(document):
        with together():
            reach.start = 4
            with together():
                reach.start = 5
            if not loaded:  # who hears a message has not the lock of the document: nothing may go out now
                assert heard == []
        for later in document.session_callbacks:
            later.callback()
    assert heard == [5]
    assert document.callbacks.hold_value is None
