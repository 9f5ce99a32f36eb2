"""What a study was made from, so that one whose inputs changed is known to be stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from platonic_atlas.engine.errors import AtlasError

ALL_MODELS = "all"  # the parameter `models` of a study of every model of its atlas
FIELDS = {"atlas": str, "embeddings": dict, "every_control": bool, "anchors": str, "parameters": dict, "format": int}


class Inputs(Protocol):
    """What an atlas tells of what studies are made from."""

    @property
    def checksum(self) -> str: ...
    def models(self) -> list[str]: ...
    def controls(self) -> list[str]: ...
    def embedding_digest(self, model: str) -> str: ...
    def anchors_digest(self, name: str) -> str: ...


@dataclass(frozen=True)
class MadeFrom:
    """The inputs of a study.

    atlas : checksum of its structures and sites
    embeddings : model -> digest, of every model that was read, controls included
    every_control : whether all controls of the atlas were read, so that a new one makes the study stale; where the
        parameters say all models, so does any new model
    anchors : digest of the set that the parameters name, empty where none was used
    parameters : all that was asked for, as JSON holds it ; format : of the record
    """

    atlas: str
    embeddings: Mapping[str, str]
    every_control: bool
    anchors: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    format: int = 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, held: Any) -> MadeFrom:
        """Raises AtlasError where a part is missing or of another type."""
        told = held if isinstance(held, Mapping) else {}
        wrong = [name for name, kind in FIELDS.items() if not isinstance(told.get(name), kind)]
        if wrong:
            raise AtlasError(
                f"A kept study does not say what it was made from ({', '.join(wrong)}).",
                "Each study names its inputs, so that a stale one is known.",
                "Ask for it again: it is made anew.",
            )
        return cls(**{name: told[name] for name in FIELDS})

    def changes(self, atlas: Inputs, current_format: int) -> list[str]:
        """In words, what is no longer as it was; empty for a study that still holds."""
        found = []
        if self.format != current_format:
            found.append(f"format {self.format} is now {current_format}")
        if self.atlas != atlas.checksum:
            found.append("the structures changed")
        models = set(atlas.models())
        for name, digest in self.embeddings.items():
            if name not in models:
                found.append(f"{name} is gone")
            elif digest != atlas.embedding_digest(name):
                found.append(f"{name} was embedded anew")
        found += self._new(atlas)
        named = str(self.parameters.get("anchors") or "")
        if self.anchors and self.anchors != atlas.anchors_digest(named):
            found.append(f"the anchors {named} changed")
        return found

    def _new(self, atlas: Inputs) -> list[str]:
        """In words, what the study would read today and did not."""
        controls, every_model = atlas.controls(), self.parameters.get("models") == ALL_MODELS
        wanted = atlas.models() if every_model else controls if self.every_control else []
        lacking = [name for name in wanted if name not in self.embeddings]
        return [f"the {'control' if name in controls else 'model'} {name} is new" for name in lacking]
