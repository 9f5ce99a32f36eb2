"""What the records of all kinds of study have in common: what they were made from, and how they are kept and named."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import schema
from platonic_atlas.engine.store.made_from import MadeFrom
from platonic_atlas.engine.studies.written import NotWritten, read, written


class Study(ABC):
    """Base of frozen dataclasses; `to_json` is what is kept."""

    kind: ClassVar[str]
    made_from: MadeFrom

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **written(self)}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Self:
        """Raises AtlasError for a document of another kind, or one in which a part is missing or of another type."""
        document = dict(held)
        try:
            if (kind := document.pop("kind", None)) != cls.kind:
                raise NotWritten(f"it is of the kind {kind!r}")
            found: Self = read(cls, document)
        except NotWritten as error:
            raise AtlasError(
                f"A kept study cannot be read: {error}.",
                f"It should be one of the kind {cls.kind!r}.",
                "Ask for it again: it is made anew.",
            ) from error
        return found

    @classmethod
    @abstractmethod
    def label(cls, parameters: Mapping[str, Any]) -> str:
        """What its file is called, before the digest of its parameters."""

    @classmethod
    @abstractmethod
    def former(cls, parameters: Mapping[str, Any]) -> tuple[str, str, str]:
        """Source, target and method under which earlier versions kept it."""

    @classmethod
    def current_format(cls) -> int:
        return schema.STUDY_FORMATS[cls.kind]
