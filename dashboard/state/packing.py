"""Site numbers as short text, for a link."""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.types import IntArray


def pack(sites: IntArray) -> str:
    """Site numbers as text, order kept: gaps to the one before, in base 36, runs of successors as `.n`."""
    words: list[str] = []
    before, run = -1, 0
    for site in [int(value) for value in sites]:
        if site == before + 1 and words:
            run += 1
        else:
            if run:
                words.append(f".{run}")
            words.append(_base36(site))
            run = 0
        before = site
    if run:
        words.append(f".{run}")
    return "-".join(words)


def unpack(text: str) -> IntArray:
    """The inverse of `pack`; ValueError where the text is not one."""
    sites: list[int] = []
    for word in text.split("-") if text else []:
        if word.startswith("."):
            run = int(word[1:])
            if not sites or run > 10_000_000:
                raise ValueError(text)
            sites.extend(range(sites[-1] + 1, sites[-1] + 1 + run))
        else:
            sites.append(int(word, 36))
    return np.array(sites, dtype=np.int32)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if not number:
            return digits
