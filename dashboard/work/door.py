"""The one door to work that takes longer than a callback may: how much at once, and whose turn it is."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
THREADS, EACH = 4, 2  # threads of one server for such work, and how many of them one visitor may hold
PROCESSES = 2  # beside one server, whoever asked for them: each keeps a core busy
BUSY = "Other visitors of this server are computing. Try again in a minute."


class Turns:
    """Threads that visitors take in turns: who asks for much waits for himself, not others for him."""

    def __init__(self, threads: int = THREADS, each: int = EACH) -> None:
        self._threads, self._each, self._lock = threads, each, threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="later")
        self._queues: OrderedDict[Hashable, deque[tuple[Future[Any], Callable[[], Any]]]] = OrderedDict()
        self._working: Counter[Hashable] = Counter()

    def submit(self, owner: Hashable, act: Callable[[], T]) -> Future[T]:
        """`act` in a thread, when it is the turn of its owner; a future that is cancelled before is not begun."""
        future: Future[T] = Future()
        with self._lock:
            self._queues.setdefault(owner, deque()).append((future, act))
            self._begin()
        return future

    def leave(self, owner: Hashable) -> None:
        """Begin nothing more of what an owner asked for."""
        with self._lock:
            waiting = self._queues.pop(owner, deque())
        for future, _ in waiting:
            future.cancel()

    def _begin(self) -> None:
        """Hand what waits to free threads, an owner after the other; called with the lock."""
        while self._working.total() < self._threads:
            owner = next((each for each in self._queues if self._working[each] < self._each), None)
            if owner is None:
                return
            future, act = self._queues[owner].popleft()
            self._queues.move_to_end(owner)
            if not self._queues[owner]:
                del self._queues[owner]
            self._working[owner] += 1
            self._pool.submit(self._work, owner, future, act)

    def _work(self, owner: Hashable, future: Future[Any], act: Callable[[], Any]) -> None:
        result, failed = None, None
        begun = future.set_running_or_notify_cancel()
        try:
            result = act() if begun else None
        except BaseException as error:
            failed = error
        with self._lock:
            self._working[owner] -= 1
            self._working += Counter()  # owners that hold no thread are let go
            self._begin()
        if begun and failed is not None:
            future.set_exception(failed)
        elif begun:
            future.set_result(result)


threads = Turns()
