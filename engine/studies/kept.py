"""Studies that were kept: found where they still hold, and else a word on why they are made again."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store.made_from import ALL_MODELS, MadeFrom
from platonic_atlas.engine.studies.study import Study

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas

Kind = TypeVar("Kind", bound=Study)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found(Generic[Kind]):
    """A study that holds; else None, and why one that is there is not taken, empty where there is none."""

    study: Kind | None = None
    why: str = ""


def made_from(
    atlas: Atlas, kind: type[Study], parameters: Mapping[str, Any], models: Iterable[str], *,
    every_control: bool = False, anchors: str = "",
) -> MadeFrom:  # fmt: skip
    """What a study of these models, with all controls of the atlas or none besides, is made from now."""
    read = sorted({*models, *(atlas.controls() if every_control else ())})
    return MadeFrom(
        atlas=atlas.checksum,
        embeddings={name: atlas.embedding_digest(name) for name in read},
        every_control=every_control,
        anchors=atlas.anchors_digest(anchors) if anchors else "",
        parameters=dict(parameters),
        format=kind.current_format(),
    )


def of_models(models: Sequence[str]) -> list[str] | str:
    """The parameter `models` of a study of these, of all of the atlas where none is named: so a new one makes it stale."""
    return list(models) or ALL_MODELS


def find(atlas: Atlas, kind: type[Kind], parameters: Mapping[str, Any]) -> Found[Kind]:
    """The study of these parameters, if it was kept and all that it was made from is as it was.

    A study that names each model of the atlas, as shipped ones do, is one of all models.
    """
    found = _find(atlas, kind, parameters)
    if found.study is not None or parameters.get("models") != ALL_MODELS:
        return found
    named = _find(atlas, kind, {**parameters, "models": atlas.models()})
    return named if named.study is not None or not found.why else found


def _find(atlas: Atlas, kind: type[Kind], parameters: Mapping[str, Any]) -> Found[Kind]:
    tried = [_read(atlas, kind, held) for held in atlas.study_documents(kind.kind, _name(kind, parameters))]
    if not tried:
        former = atlas.former_studies(*kind.former(parameters))
        return Found(why="an earlier version made it, and did not say from what" if former else "")
    return next((found for found in tried if found.study is not None), tried[0])


def _read(atlas: Atlas, kind: type[Kind], held: Mapping[str, Any]) -> Found[Kind]:
    """The study of a document, if it holds."""
    try:
        made = MadeFrom.from_json(held.get("made_from"))
        if changes := made.changes(atlas, kind.current_format()):
            return Found(why=", ".join(changes))
        return Found(kind.from_json(held))
    except AtlasError as error:
        return Found(why=error.happened.rstrip("."))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):  # a part is missing, or is another's
        return Found(why="what was kept of it is damaged")


def say_again(found: Found[Any], what: str) -> None:
    """Tell whoever asks (on stderr, where nothing else is set) that a kept study is made again."""
    if found.study is None and found.why:
        _log.warning("%s is made again: %s.", what, found.why)


def keep(atlas: Atlas, study: Study) -> None:
    """Keep a study in its atlas, or beside a shipped one."""
    parameters = study.made_from.parameters
    atlas.write_study(study.kind, _name(type(study), parameters), study.to_json())
    atlas.forget_former_studies(*study.former(parameters))


def _name(kind: type[Study], parameters: Mapping[str, Any]) -> str:
    told = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:12]
    return f"{kind.label(parameters)}-{told}"
