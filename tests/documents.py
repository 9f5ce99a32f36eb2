"""Commands and code of the documents, as a reader would copy them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def blocks(document: str, language: str, *, after: str = "") -> list[str]:
    """The fenced blocks of a language, from the heading `after` on."""
    text = (ROOT / document).read_text(encoding="utf-8")
    text = text[text.index(after) :]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
