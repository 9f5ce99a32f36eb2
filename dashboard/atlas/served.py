"""The atlas of a server, and what has come to it since it was read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.engine.errors import PlatonicError
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.store.stamp import stamp


@dataclass(frozen=True)
class Contents:
    """Names of what is read once; layouts and studies are looked up whenever they are wanted."""

    models: frozenset[str] = frozenset()
    anchors: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()

    @classmethod
    def of(cls, atlas: Atlas) -> Contents:
        return cls(frozenset(atlas.models()), frozenset(atlas.anchor_sets()), frozenset(atlas.label_names()))


@dataclass
class Served:
    """What visitors who come now are shown; read again when one of them asks for what came since.

    renewed : called when another reading has taken its place
    """

    data: AtlasData
    renewed: Callable[[], object] = lambda: None
    read: Contents = field(init=False)
    _stamp: tuple[int, ...] = field(init=False)
    _now: Contents = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._stamp = stamp(self.data.atlas)
        self.read = self._now = Contents.of(self.data.atlas)

    def news(self, since: Contents, known: Iterable[str] = ()) -> str:
        """In words what has come or gone since an atlas held that much; empty where nothing has.

        since : `read`, when a visitor came ; known : anchor sets that the visitor has kept or forgotten
        """
        held = stamp(self.data.atlas)
        if held != self._stamp:
            try:
                self._now = Contents.of(open_atlas(self.data.atlas.path))
            except PlatonicError:  # in the middle of a write
                return ""
            self._stamp = held
        return told(since, self._now, frozenset(known))

    def renew(self) -> None:
        """Read the atlas anew, for those who come from now on; who is there keeps what was read before."""
        with self._lock:
            self.data = AtlasData(open_atlas(self.data.atlas.path), keeps=self.data.keeps)
            self.__post_init__()
        self.renewed()


def told(before: Contents, now: Contents, known: frozenset[str] = frozenset()) -> str:
    """What is there now and was not before, and the other way round."""
    parts = [
        _named(now.models - before.models, "embedded"),
        _named(now.anchors - before.anchors - known, "kept", "anchors "),
        _named(now.labels - before.labels, "added", "labels "),
        _named((before.models - now.models) | (before.anchors - now.anchors - known), "taken away"),
    ]
    return ", ".join(filter(None, parts))


def _named(names: frozenset[str], what: str, kind: str = "", most: int = 3) -> str:
    if not names:
        return ""
    few = ", ".join(sorted(names)[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
    return f"{kind}{few} {what}"
