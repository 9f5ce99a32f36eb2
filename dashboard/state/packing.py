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


def unpack(text: str, most: int) -> IntArray:
    """The inverse of `pack`, of at most `most` sites below `most`; ValueError where the text is not one.

    A run takes a few characters and may name every site: all runs together are bounded before any is written out.
    """
    sites: list[int] = []
    for word in text.split("-") if text else []:
        run = int(word[1:]) if word.startswith(".") else 1
        start = sites[-1] + 1 if word.startswith(".") and sites else int(word, 36)
        if not 0 <= run <= most - len(sites) or not 0 <= start <= most - run:
            raise ValueError(text[:60])
        sites.extend(range(start, start + run))
    return np.array(sites, dtype=np.int32)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if not number:
            return digits
