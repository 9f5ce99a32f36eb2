"""Work under way, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Work under way: its share done, or None where that is not known."""

    text: str
    fraction: float | None = None
    cancellable: bool = True
