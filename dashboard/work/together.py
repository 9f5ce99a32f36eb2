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
    but it tells sizes and theme while it loads. Until then each change goes out by itself.
    """
    if pn.state.loaded:
        with hold():
            yield
    else:
        yield
