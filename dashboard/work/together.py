"""Changes that go out as one message, and are painted once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import panel as pn
from panel.io import hold


@contextmanager
def together() -> Iterator[None]:
    """Hold what changes within until the end.

    Panel's `hold` drops what changes before the page has said that it is loaded, as if the page had yet to be fetched;
    but it tells sizes and theme while it loads. Until then the changes go out in the next turn of the loop, in which
    the document is ours: a message from the page is heard without its lock.
    """
    document = pn.state.curdoc
    if document is None or pn.state.loaded:
        with hold():
            yield
    elif document.callbacks.hold_value:
        yield
    else:
        document.add_next_tick_callback(document.unhold)
        document.hold()
        yield
