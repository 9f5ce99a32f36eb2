"""Results kept by key, bounded in bytes; what took minutes is never dropped for what takes milliseconds."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
MB = 2**20


@dataclass(frozen=True)
class Shelf:
    """Room for what took at least `seconds` to make (and less than the next shelf asks for): at most `nbytes`."""

    seconds: float
    nbytes: float


# What a server keeps of derived arrays, 1 GiB in all: maps and colours; distances, neighbours; studies and UMAP.
# At a million sites a set of maps is 64 MB, a colouring 20 MB, a table of neighbours 40 MB.
SHELVES = (Shelf(0.0, 512 * MB), Shelf(2.0, 256 * MB), Shelf(30.0, 256 * MB))


@dataclass
class _Entry:
    future: Future[Any]
    shelf: int = 0
    nbytes: int = 0


class Cache:
    """A missing result is computed once, however many sessions ask for it.

    Only who asks for the same key waits for who computes it. A result stands on the shelf of the time it took, and
    where its shelf is full the one that was used least recently goes; the newest always stays, however large.

    shelves : from quick to slow ; clock : in seconds
    """

    def __init__(self, shelves: Iterable[Shelf] = SHELVES, clock: Callable[[], float] = time.monotonic) -> None:
        self._shelves, self._clock, self._lock = tuple(shelves), clock, threading.Lock()
        self._kept: OrderedDict[Hashable, _Entry] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            entry = self._kept.get(key)
            if mine := entry is None:
                entry = self._kept[key] = _Entry(Future())
            self._kept.move_to_end(key)
        if mine:
            self._make(key, entry, make)
        return entry.future.result()

    def put(self, key: Hashable, value: object, *, seconds: float) -> None:
        """Keep what was made elsewhere, in the time that it took."""
        entry = _Entry(Future())
        entry.future.set_result(value)
        with self._lock:
            self._kept[key] = entry
            self._kept.move_to_end(key)
        self._place(key, entry, seconds)

    def _make(self, key: Hashable, entry: _Entry, make: Callable[[], Any]) -> None:
        began = self._clock()
        try:
            entry.future.set_result(make())
        except BaseException as error:
            with self._lock:
                if self._kept.get(key) is entry:
                    del self._kept[key]  # the next who asks tries again
            entry.future.set_exception(error)
        else:
            self._place(key, entry, self._clock() - began)

    def _place(self, key: Hashable, entry: _Entry, seconds: float) -> None:
        shelf = sum(seconds >= each.seconds for each in self._shelves[1:])
        size = nbytes(entry.future.result())
        with self._lock:
            entry.shelf, entry.nbytes = shelf, size
            beside = [(k, e) for k, e in self._kept.items() if e.shelf == shelf and e.nbytes]
            held = sum(e.nbytes for _, e in beside)
            for old, each in beside:
                if held <= self._shelves[shelf].nbytes:
                    break
                if each is not entry:
                    held -= each.nbytes
                    del self._kept[old]

    def held(self, key: Hashable) -> Any:
        """The result if it is there, else None; never waits."""
        with self._lock:
            entry = self._kept.get(key)
            if entry is None or not entry.future.done() or entry.future.exception():
                return None
            self._kept.move_to_end(key)
        return entry.future.result()

    def forget(self, old: Callable[[Any], bool]) -> None:
        """Drop the results whose key is `old`."""
        with self._lock:
            for key in [key for key in self._kept if old(key)]:
                del self._kept[key]


def nbytes(value: object) -> int:
    """Bytes of the arrays, texts and numbers in a value, each object counted once."""
    return _nbytes(value, set())


def _nbytes(value: object, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(_nbytes(key, seen) + _nbytes(each, seen) for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return sum(_nbytes(each, seen) for each in value)
    if is_dataclass(value):
        return sum(_nbytes(getattr(value, each.name), seen) for each in fields(value))
    return int(getattr(value, "nbytes", 8))
