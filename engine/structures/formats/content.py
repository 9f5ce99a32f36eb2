"""What a file holds, whatever it was packed and written with: compression, encoding, marks and line ends in one place."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from platonic_atlas.engine.types import IntArray

#: A file is read whole; what is larger, or grows larger as it is unpacked, is left out.
MAX_BYTES = 1024**3
#: A packed file that is small may hold so much more of the same.
MAX_RATIO = 1000

#: Characters that are looked through together.
PIECE = 1 << 18

_PACKED: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
PACKED_SUFFIXES = (".gz", ".bz2", ".xz")
_MARKS = {
    codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip


def content(path: Path) -> bytes:
    """The bytes of a file, unpacked where it is packed.

    Raises
    ------
    ValueError : it is larger than `MAX_BYTES`, grows out of proportion as it is unpacked, or cannot be unpacked
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"the file is larger than {MAX_BYTES >> 30} GiB")
    data = path.read_bytes()
    opener = next((found for mark, found in _PACKED.items() if data.startswith(mark)), None)
    if opener is None:
        return data
    limit = min(MAX_BYTES, max(MAX_RATIO * size, 1 << 20))
    try:
        with opener(path, "rb") as file:
            unpacked = bytes(file.read(limit + 1))
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise ValueError("the packed file is damaged or cut off") from error
    if len(unpacked) > limit:
        raise ValueError(f"the packed file unpacks to more than {limit >> 20} MiB")
    return unpacked


def unpacked_name(name: str) -> str:
    """The name of a file without the suffix of its packing: "a.cif.gz" is "a.cif"."""
    return name[: name.rindex(".")] if name.lower().endswith(PACKED_SUFFIXES) else name


def text(data: bytes) -> str:
    """Characters with line ends "\\n": by the mark at the start, else UTF-8, else Latin-1, which every byte is in."""
    mark = next((mark for mark in sorted(_MARKS, key=len, reverse=True) if data.startswith(mark)), b"")
    encoding = _MARKS.get(mark) or _without_mark(data)
    try:
        decoded = data.decode(encoding)
    except UnicodeDecodeError:
        decoded = data.decode("latin-1")
    return decoded.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


class Lines(Sequence[str]):
    """The lines of a text as `text.split("\\n")` gives them, each made when it is asked for: 8 bytes a line in memory."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = np.zeros(text.count("\n") + 2, dtype=np.int64)
        self.starts[-1] = len(text) + 1
        done = 1
        for at in range(0, len(text), PIECE):
            ends = np.flatnonzero(_points(text[at : at + PIECE]) == ord("\n"))
            self.starts[done : done + len(ends)] = ends + at + 1
            done += len(ends)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[str]:
        for at in range(0, len(self), 1000):
            yield from self[at : at + 1000]

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            first, last, _ = at.indices(len(self))  # no steps are taken
            return self.text[self.starts[first] : self.starts[last] - 1].split("\n") if first < last else []
        at = range(len(self))[at]
        return self.text[self.starts[at] : self.starts[at + 1] - 1]


def _points(text: str) -> IntArray:
    """The characters of a text as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def is_binary(data: bytes) -> bool:
    """Whether these bytes are no text in any encoding that `text` reads."""
    marked = any(data.startswith(mark) for mark in _MARKS)
    return not marked and _without_mark(data) == "utf-8" and b"\0" in data[:4096]


def _without_mark(data: bytes) -> str:
    """UTF-16 without a mark has a zero at every other byte of what is written in Latin letters."""
    head = data[:512]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[start::2], head[1 - start :: 2]
        if len(head) > 8 and zeros.count(0) > 0.9 * len(zeros) and others.count(0) == 0:
            return encoding
    return "utf-8"
