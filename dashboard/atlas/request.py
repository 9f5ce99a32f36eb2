"""What can be asked of an atlas: a frozen record that is its own key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from platonic_atlas.dashboard.atlas.arrays import AtlasData

T = TypeVar("T")


class Request(ABC, Generic[T]):
    """Base of frozen dataclasses that hold all that an answer depends on, and make it from them and the atlas alone.

    The record is the key under which the answer is kept: what a thread computes cannot follow a view that moves on.
    A dataclass that is not frozen has no hash, and is refused by the cache.

    doing : what is said while it is made, and if it fails
    """

    doing: ClassVar[str] = "Computing"

    @abstractmethod
    def make(self, data: AtlasData) -> T:
        """The answer."""
