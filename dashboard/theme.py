"""Colours of the page that the server needs, one table for light and dark; the rest is in assets/page.css."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True)
class Theme:
    ink: str
    surface: str
    accent: str


LIGHT = Theme(ink="#14181f", surface="#ffffff", accent="#d1480a")
DARK = Theme(ink="#f2f4f7", surface="#1b1e23", accent="#ffb454")


def theme(dark: bool | None) -> Theme:
    return DARK if dark else LIGHT


def asset(name: str) -> str:
    """The text of a file in dashboard/assets."""
    return (ASSETS / name).read_text(encoding="utf-8")
